//! Programs of named nodes: when they crash, when they are started anew, and what is refused.
#![cfg(not(real_side))]

use seedbed::{
    World,
    decision::ratio,
    ensure,
    net::{TcpListener, TcpStream},
    sweep,
    time::sleep,
};
use std::{
    cell::Cell,
    future::pending,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);

fn said(refused: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(refused)).expect_err("it is refused");
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

#[test]
fn a_killed_program_is_started_anew_within_its_delay() {
    let report = sweep("restarts", 0..50, |world: World| async move {
        let last_start = Rc::new(Cell::new(world.now()));
        let started = last_start.clone();
        let program = world.node("store").run(move || {
            started.set(World::now(&world));
            pending()
        });
        let program = program.restarts_after(SECOND..2 * SECOND);
        sleep(SECOND).await;
        ensure!(program.starts() == 1);
        let killed = world.now();
        program.node().kill();
        sleep(HOUR).await;
        let after = last_start.get().duration_since(killed);
        ensure!(program.starts() == 2 && (SECOND..3 * SECOND).contains(&after), "{program:?} after {after:?}");
        program.machine().lose_power();
        sleep(HOUR).await;
        ensure!(program.starts() == 3, "its power came back");
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn without_a_delay_it_stays_down_and_one_that_has_returned_is_done() {
    let report = sweep("stays down", 0..50, |world: World| async move {
        let down = world.node("down").run(pending);
        let done = world.node("done").run(|| sleep(SECOND)).restarts_after(SECOND..SECOND);
        sleep(10 * SECOND).await;
        down.node().kill();
        sleep(HOUR).await;
        ensure!((down.starts(), done.starts()) == (1, 1), "{down:?}, {done:?}");
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn it_crashes_while_faults_go_on_and_not_after() {
    let crashed = Arc::new(AtomicU64::new(0));
    let counted = crashed.clone();
    let report = sweep("crashes", 0..100, move |world: World| {
        let counted = counted.clone();
        async move {
            let program = world.node("store").run(pending).may_crash().restarts_after(SECOND..SECOND);
            world.spawn("work", sleep(60 * SECOND));
            world.settle().await;
            sleep(2 * SECOND).await;
            let before = program.starts();
            sleep(HOUR).await;
            ensure!(program.starts() == before, "it crashed though faults had stopped");
            counted.fetch_add(u64::from(before > 1), Ordering::Relaxed);
            Ok(())
        }
    });
    report.assert_clean();
    let crashed = crashed.load(Ordering::Relaxed);
    assert!((20..80).contains(&crashed), "under {crashed} of 100 seeds");
}

#[test]
fn what_a_crash_leaves_is_a_free_port_and_peers_who_come_again() {
    let report = sweep("port", 0..100, |world: World| async move {
        let store = world.node("store").run(|| async {
            let listener = TcpListener::bind("0.0.0.0:80").await.expect("the dead one's port is free");
            while listener.accept().await.is_ok() {}
        });
        let store = store.may_crash().restarts_after(Duration::ZERO..SECOND);
        let client = world.node("client").node().spawn("asks", async {
            for _ in 0..20 {
                while TcpStream::connect("store:80").await.is_err() {
                    sleep(Duration::from_millis(10)).await;
                }
                sleep(SECOND).await;
            }
        });
        world.spawn("work", client);
        world.settle().await;
        sleep(2 * SECOND).await;
        ensure!(store.machine().open_sockets() == 1, "it does not listen, though no fault keeps it from it");
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn a_name_is_one_node_on_the_machine_of_that_name() {
    seedbed::run_calm("names", |world: World| async move {
        let machine = world.machine_named("store");
        let store = world.node("store");
        ensure!(store.machine().ip() == machine.ip(), "the machine was there");
        ensure!(world.node("client").machine().ip() != machine.ip());
        let _program = world.node("store").run(pending);
        let refused = said(|| drop(world.node("store").run(pending)));
        ensure!(refused == "two programs cannot both run on the node `store`", "{refused}");
        let refused = said(|| drop(world.node("a b")));
        ensure!(refused == "a machine cannot be named `a b`", "{refused}");
        Ok(())
    })
    .assert_clean();
}

#[test]
fn a_pattern_means_all_it_is_like_and_at_least_one() {
    let report = sweep("patterns", 0..20, |world: World| async move {
        let store = world.machine_named("store");
        let _clients = ["client-0", "client-1"].map(|name| world.machine_named(name));
        world.may_partition("client-*", &store, ratio(1, 1));
        world.may_partition("*", "*", ratio(1, 1));
        let refused = said(|| world.may_partition("a*", "store", ratio(1, 1)));
        let expected = "no machine's name is like `a*`: there are machine-0, store, client-0, client-1";
        ensure!(refused == expected, "{refused}");
        let refused = said(|| world.may_partition("s*", &store, ratio(1, 1)));
        ensure!(refused.contains("was given one machine twice"), "{refused}");
        Ok(())
    });
    report.assert_clean();
}
