//! Processes that get signals.
#![cfg(madsim)]

use seedbed::{
    World, ensure,
    signal::{
        ctrl_c,
        unix::{SignalKind, signal},
    },
    sweep,
    time::{Duration, sleep},
};
use std::{cell::Cell, future::pending, rc::Rc};

/// Tells when it is dropped.
struct Dropped(Rc<Cell<bool>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

#[test]
fn a_process_that_listens_for_nothing_dies_without_a_destructor() {
    let report = sweep("dies", 0..100, |world: World| async move {
        let (node, dropped) = (world.new_node(), Rc::new(Cell::new(false)));
        let held = Dropped(dropped.clone());
        let task = node.spawn("serves", async move {
            let _held = held;
            pending::<()>().await;
        });
        sleep(Duration::from_secs(1)).await;
        node.signal(SignalKind::window_change());
        sleep(Duration::from_secs(1)).await;
        ensure!(!task.is_finished(), "it may ignore that");
        node.signal(SignalKind::terminate());
        ensure!(task.await.is_err_and(|error| error.is_cancelled()));
        ensure!(!dropped.get());
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn one_that_listens_goes_in_good_order_and_its_successor_listens_for_nothing() {
    let report = sweep("goes", 0..100, |world: World| async move {
        let node = world.new_node();
        let goes = node.spawn("serves", async {
            let mut terminations = signal(SignalKind::terminate())?;
            terminations.recv().await;
            sleep(Duration::from_secs(5)).await;
            std::io::Result::Ok("in good order")
        });
        sleep(Duration::from_secs(1)).await;
        node.signal(SignalKind::terminate());
        let left = goes.await.map(Result::ok);
        ensure!(matches!(left, Ok(Some("in good order"))), "{left:?}");
        node.kill();
        let successor = node.spawn("serves", pending::<()>());
        sleep(Duration::from_secs(1)).await;
        node.signal(SignalKind::terminate());
        ensure!(successor.await.is_err(), "it listened for nothing");
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn a_signal_is_one_process_s() {
    let report = sweep("one", 0..100, |world: World| async move {
        let nodes = [world.new_node(), world.new_node()];
        let [first, second] = nodes.map(|node| node.spawn("waits", ctrl_c()));
        sleep(Duration::from_secs(1)).await;
        nodes[0].signal(SignalKind::interrupt());
        ensure!(first.await.is_ok());
        sleep(Duration::from_secs(1)).await;
        ensure!(!second.is_finished());
        nodes[1].signal(SignalKind::from_raw(9));
        ensure!(second.await.is_err_and(|error| error.is_cancelled()), "nobody listens for that one");
        Ok(())
    });
    report.assert_clean();
}
