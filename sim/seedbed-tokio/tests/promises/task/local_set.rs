//! `tokio::task::{LocalSet, spawn_local}`.

use crate::{HOUR, after_hours, marks::panic_of, marks::planned, quick, support::world};
use std::{cell::Cell, pin::pin, rc::Rc};
use tokio::{
    spawn,
    sync::oneshot,
    task::{LocalSet, spawn_local},
    time::{sleep, timeout},
};

#[test]
fn a_task_that_is_spawned_in_it_is_not_of_it() {
    world(|| async {
        let (sender, receiver) = oneshot::channel();
        let set = LocalSet::new();
        set.run_until(async {
            spawn(async move {
                sleep(HOUR).await;
                sender.send(7)
            });
        })
        .await;
        // Nobody awaits the set any more.
        assert_eq!(receiver.await, Ok(7));
    });
}

#[test]
fn a_panic_ends_its_own_task_alone() {
    world(|| async {
        let set = LocalSet::new();
        let (panics, other) = (set.spawn_local(async { planned() }), set.spawn_local(after_hours(1)));
        set.run_until(async {
            assert!(panics.await.map(|(): ()| ()).unwrap_err().is_panic());
            assert_eq!(other.await.unwrap(), 1);
        })
        .await;
    });
}

#[test]
fn a_task_starts_although_nobody_awaits_it() {
    world(|| async {
        let (set, ran) = (LocalSet::new(), Rc::new(Cell::new(false)));
        let runs = ran.clone();
        set.run_until(async {
            drop(spawn_local(async move { runs.set(true) }));
            sleep(HOUR).await;
        })
        .await;
        assert!(ran.get());
    });
}

#[test]
fn what_runs_until_may_be_cut_short_if_it_may_itself() {
    world(|| async {
        let set = LocalSet::new();
        let mut asleep = pin!(after_hours(2));
        assert!(timeout(HOUR, set.run_until(asleep.as_mut())).await.is_err());
        assert_eq!(set.run_until(asleep).await, 2);
    });
}

#[test]
fn what_runs_until_leaves_the_others_for_the_next() {
    world(|| async {
        let (set, done) = (LocalSet::new(), Rc::new(Cell::new(0)));
        for hours in 1..=3 {
            let done = done.clone();
            set.spawn_local(async move {
                sleep(HOUR * hours).await;
                done.set(done.get() + 1);
            });
        }
        set.run_until(sleep(HOUR * 3 / 2)).await;
        assert_eq!(done.get(), 1);
        set.await;
        assert_eq!(done.get(), 3);
    });
}

#[test]
fn async_code_does_not_block_on_it() {
    let (outer, inner) = (quick(), quick());
    let text = panic_of(|| outer.block_on(async { LocalSet::new().block_on(&inner, async {}) }));
    assert!(text.starts_with("Cannot start a runtime from within a runtime"), "{text}");
}

#[test]
fn a_panic_of_what_is_blocked_on_is_the_caller_s() {
    let runtime = quick();
    assert_eq!(panic_of(|| LocalSet::new().block_on(&runtime, async { panic!("as {}", "planned") })), "as planned");
}
