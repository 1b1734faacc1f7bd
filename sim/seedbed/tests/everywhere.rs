//! Every cancellation of every declared task is tried, and each has its name.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "reads the case files that a failing test keeps")]

use seedbed::{
    Case, Report, World, ensure, run_test,
    task::{spawn_local, yield_now},
    time::{Duration, sleep, timeout},
};
use std::{
    cell::Cell,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    task::Poll,
};
use tokio::sync::oneshot;

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

/// What a test with `cancel = everywhere` and hardly a seed prints when it fails.
fn failure<F, Fut>(body: F) -> String
where
    F: Fn(World) -> Fut + Sync,
    Fut: Future<Output = seedbed::Result> + 'static,
{
    let failed = catch_unwind(AssertUnwindSafe(|| run_test("everywhere", "inner", 1, [true, false], body)));
    let payload = failed.expect_err("the test was to fail");
    payload.downcast_ref::<String>().cloned().expect("a test fails with a text")
}

/// The decisions in the case file of the replay line.
fn listed(failure: &str) -> Vec<String> {
    let path = failure.split_once("SEEDBED_CASE=").and_then(|(_, rest)| rest.split_whitespace().next());
    let text = std::fs::read_to_string(path.expect("a replay line")).expect("the case is kept");
    Case::from_toml(&text).expect("a case file").decisions.into_keys().collect()
}

/// A counter that a client raises and lowers, with `between` in the middle.
async fn client<B: Future>(count: Rc<Cell<u32>>, between: impl FnOnce() -> B) {
    sleep(Duration::from_millis(1)).await;
    count.set(count.get() + 1);
    between().await;
    count.set(count.get() - 1);
}

async fn one_client<B: Future + 'static>(world: World, between: impl FnOnce() -> B + 'static) -> seedbed::Result {
    let count = Rc::new(Cell::new(0));
    let task = world.spawn("client", client(count.clone(), between));
    world.may_cancel([&task]);
    world.settle().await;
    ensure!(count.get() == 0, "{} never left", count.get());
    Ok(())
}

#[test]
fn the_one_suspension_that_breaks_it_is_found_and_named() {
    let failure = failure(|world| one_client(world, || sleep(Duration::from_millis(1))));
    assert!(failure.contains("FAILED Violation: the scenario's own result: 1 never left"), "{failure}");
    assert!(failure.contains("after: client aborted while it waits at "), "{failure}");
    assert!(failure.contains("between().await;"), "{failure}");
    assert_eq!(listed(&failure), ["abort.waiting / client / 2"]);
}

#[test]
fn a_task_that_wakes_itself_is_cancelled_before_it_runs_again() {
    let failure = failure(|world| one_client(world, yield_now));
    assert_eq!(listed(&failure), ["abort.woken / client / 2"]);
}

#[test]
fn a_timeout_fires_at_every_suspension_inside_it() {
    let failure = failure(|world| async move {
        let task = world.spawn("client", async {
            let slow = async {
                sleep(Duration::from_millis(1)).await;
                sleep(Duration::from_millis(1)).await;
            };
            timeout(Duration::from_secs(60), slow).await.expect("a minute is enough");
        });
        world.may_cancel([&task]);
        world.settle().await;
        Ok(())
    });
    assert!(failure.contains("a minute is enough"), "{failure}");
    assert_eq!(listed(&failure), ["timeout.fires / client / 0"]);
}

#[test]
fn a_killed_process_runs_no_destructor() {
    struct Leave(Rc<Cell<u32>>);
    impl Drop for Leave {
        fn drop(&mut self) {
            self.0.set(self.0.get() - 1);
        }
    }
    // Whatever drops the guard is fine; only a process that dies leaves it.
    let failure = failure(|world| async move {
        let count = Rc::new(Cell::new(0));
        let of_server = count.clone();
        let server = world.new_node().spawn("server", async move {
            of_server.set(1);
            let _leave = Leave(of_server);
            sleep(Duration::from_millis(1)).await;
        });
        world.may_cancel([&server]);
        let _ = server.await;
        ensure!(count.get() == 0, "{} never left", count.get());
        Ok(())
    });
    assert_eq!(listed(&failure), ["kill.waiting / server / 1"]);
}

#[test]
fn a_future_declared_cancellable_is_dropped() {
    let failure = failure(|world| async move {
        let work = async {
            sleep(Duration::from_millis(1)).await;
            sleep(Duration::from_millis(1)).await;
        };
        ensure!(world.cancellable(work).await.is_some(), "the work is gone");
        Ok(())
    });
    assert_eq!(listed(&failure), ["future.dropped / main / 0"]);
}

#[test]
fn a_future_is_dropped_between_wake_and_run_too() {
    let failure = failure(|world| async move {
        let (give, token) = oneshot::channel();
        let given = Rc::new(Cell::new(false));
        let giving = given.clone();
        spawn_local(async move {
            sleep(Duration::from_millis(1)).await;
            giving.set(give.send(()).is_ok());
        });
        let taken = world.cancellable(token).await;
        ensure!(taken.is_some() || !given.get(), "the token was given, and nobody has it");
        Ok(())
    });
    assert_eq!(listed(&failure), ["future.dropped / main / 2"]);
    let told = failure.lines().find(|line| line.contains("main dropped a future while it waited for a oneshot"));
    let told = told.unwrap_or_else(|| panic!("{failure}"));
    assert!(told.contains("world.cancellable(token).await") && told.contains("had not run since"), "{told}");
}

/// The first line that says where something was lost: `after: main a future of its own is dropped .. at FILE  LINE`.
fn place(failure: &str) -> &str {
    let after = failure.lines().find(|line| line.trim_start().starts_with("after:"));
    after.unwrap_or_else(|| panic!("no place: {failure}"))
}

#[test]
fn a_lost_future_is_told_by_its_own_await_not_by_a_neighbours_or_its_timeouts() {
    let beside = failure(|world| async move {
        let polled = Rc::new(Cell::new(false));
        let polling = polled.clone();
        let gives_way = poll_fn(move |context| {
            context.waker().wake_by_ref();
            if polling.replace(true) { Poll::Ready(()) } else { Poll::Pending }
        });
        let (_, done) = futures::join!(sleep(Duration::from_millis(1)), world.cancellable(gives_way));
        ensure!(done.is_some() || !polled.get(), "it is gone");
        Ok(())
    });
    assert!(place(&beside).contains("took no waker"), "{}", place(&beside));
    let within = failure(|world| async move {
        let (give, token) = oneshot::channel::<()>();
        spawn_local(async move {
            sleep(Duration::from_millis(1)).await;
            let _ = give.send(());
        });
        let waits = async { token.await.is_ok() };
        let taken = world.cancellable(timeout(Duration::from_secs(60), waits)).await;
        ensure!(taken.is_some() || world.now().as_nanos() == 0, "it is gone");
        Ok(())
    });
    assert!(place(&within).contains("token.await"), "{}", place(&within));
}

#[test]
fn the_replay_of_a_point_fails_in_the_same_way() {
    let body = |world| one_client(world, || sleep(Duration::from_millis(1)));
    let failure = failure(body);
    let path = failure.split_once("SEEDBED_CASE=").and_then(|(_, rest)| rest.split_whitespace().next()).unwrap();
    let case = Case::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(case.seed, None, "a point needs no seed");
    let report: Report = seedbed::run_case(&case, body);
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].finding.signature, "Violation: the scenario's own result: {} never left");
}

#[seedbed::test(seeds = 20, cancel = everywhere)]
async fn what_cleans_up_after_itself_passes(world: World) -> seedbed::Result {
    struct Leave(Rc<Cell<u32>>);
    impl Drop for Leave {
        fn drop(&mut self) {
            self.0.set(self.0.get() - 1);
        }
    }
    let count = Rc::new(Cell::new(0));
    let tasks = world.spawn_each("client", 0..3_u64, |_| {
        let count = count.clone();
        async move {
            sleep(Duration::from_millis(1)).await;
            count.set(count.get() + 1);
            let _leave = Leave(count);
            sleep(Duration::from_millis(1)).await;
        }
    });
    world.may_cancel(&tasks);
    world.settle().await;
    ensure!(count.get() == 0, "{} never left", count.get());
    Ok(())
}

#[test]
fn with_nothing_to_cancel_the_test_fails() {
    let failure = failure(|_| async { Ok(()) });
    assert!(failure.contains("nothing was declared cancellable"), "{failure}");
}
