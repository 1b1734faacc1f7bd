//! Who calls the real tokio in a world is told where, and what to do. What is named `tokio` here is the real one.
#![cfg(not(real_side))]

use futures::future::join;
use seedbed::{
    Case, FindingKind, Outcome, Scenario, Threads, World, ensure, sweep,
    task::{block_in_place, spawn_blocking, yield_now},
    time::{Duration, Instant, sleep},
};
use std::{
    future::{Future, Ready, ready},
    hint::black_box,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};
use tokio::{
    runtime::{Builder, Handle},
    sync::Mutex,
    task::JoinHandle,
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

/// The finding of a service that does this.
fn found<F: Future<Output = ()> + 'static>(service: impl Fn() -> F + Sync) -> String {
    let report = sweep("real", 0..1, |world: World| {
        let service = world.spawn("service", service());
        async move { Ok(service.await?) }
    });
    let [found] = &report.findings[..] else { panic!("{report}") };
    assert_eq!(found.finding.kind, FindingKind::Panic, "{report}");
    assert!(found.finding.check.ends_with("tests/real_tokio.rs"), "{report}");
    found.finding.to_string()
}

#[test]
fn a_caller_of_the_real_tokio_is_told_what_to_do() {
    let text = found(|| async { drop(tokio::spawn(async {})) });
    assert!(text.contains("the real tokio has no runtime in a world"), "{text}");
    assert!(text.contains("drop(tokio::spawn(async {}))"), "the line of the call: {text}");
    assert!(
        text.contains("its manifest can name the drop-in, `tokio = { package = \"seedbed-tokio\", .. }`"),
        "{text}"
    );
    assert!(text.contains("`cargo sim-patch`"), "{text}");
}

/// By way of a pointer tokio does not know its caller, as within its async functions; the stack does.
#[test]
fn a_caller_is_found_behind_tokio_and_what_joins_futures() {
    async fn calls() {
        let spawn: fn(Ready<()>) -> JoinHandle<()> = black_box(tokio::spawn);
        drop(spawn(ready(())));
    }
    let text = found(|| async { join(calls(), ready(())).await.0 });
    assert!(text.contains("drop(spawn(ready(())));"), "the line of the call: {text}");
}

#[test]
fn so_is_who_wants_a_thread_of_it() {
    let text = found(|| async { drop(tokio::task::spawn_blocking(|| ())) });
    assert!(text.contains("drop(tokio::task::spawn_blocking(|| ()))"), "the line of the call: {text}");
    assert!(text.contains("the real tokio has no runtime in a world") && text.contains("`cargo sim-patch`"), "{text}");
}

/// A handle is no call yet; what is spawned by it is.
#[test]
fn so_is_who_spawns_by_a_handle() {
    let text = found(|| async { drop(Handle::current().spawn(async {})) });
    assert!(text.contains("drop(Handle::current().spawn(async {}))"), "the line of the call: {text}");
}

/// One that asks whether there is a runtime finds none, as it could not use it.
#[test]
fn who_can_do_without_it_does() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let report = sweep("either", 0..1, |_| async {
        RUNS.fetch_add(1, Relaxed);
        if let Ok(runtime) = Handle::try_current() {
            drop(runtime.spawn(async { panic!("nobody runs it") }));
            yield_now().await;
            panic!("the run is over after the turn that has spawned");
        }
        Ok(())
    });
    report.assert_clean();
    assert_eq!(RUNS.load(Relaxed), 2, "once more, without a runtime");
}

/// Its destructors belong to the world, in the run that has a runtime as in the one that has none.
#[test]
fn what_was_spawned_on_it_is_dropped_in_its_world() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    static DROPPED_AT: std::sync::Mutex<Vec<u64>> = std::sync::Mutex::new(Vec::new());
    struct Told;
    impl Drop for Told {
        fn drop(&mut self) {
            DROPPED_AT.lock().unwrap().push(Instant::now().as_nanos());
        }
    }
    found(|| async {
        RUNS.fetch_add(1, Relaxed);
        sleep(Duration::from_secs(1)).await;
        let told = Told;
        drop(tokio::spawn(async move { drop(told) }));
    });
    let runs = RUNS.load(Relaxed) as usize;
    assert!(runs > 1);
    assert_eq!(*DROPPED_AT.lock().unwrap(), vec![1_000_000_000; runs]);
}

#[test]
fn to_block_in_async_code_is_found_with_its_line() {
    let text = found(|| async {
        let lock = Mutex::new(());
        drop(lock.blocking_lock());
    });
    assert!(text.contains("Cannot block the current thread from within a runtime"), "{text}");
    assert!(text.contains("tests/real_tokio.rs:"), "{text}");
}

#[test]
fn so_is_a_real_runtime_that_is_blocked_on() {
    let text = found(|| async { Builder::new_current_thread().build().unwrap().block_on(async {}) });
    assert!(text.contains("Cannot start a runtime from within a runtime"), "{text}");
}

/// In every world of a thread, by every strategy, and whatever the turn before has done.
#[test]
fn where_a_thread_may_block_and_where_not() {
    fn is_refused(lock: &Mutex<u32>) -> bool {
        catch_unwind(AssertUnwindSafe(|| drop(lock.blocking_lock()))).is_err()
    }
    async fn blocks(world: World) -> seedbed::Result {
        let lock = Arc::new(Mutex::new(0));
        ensure!(is_refused(&lock), "the scenario's own future is async code");
        let of_work = lock.clone();
        let work = spawn_blocking(move || {
            *of_work.blocking_lock() += 1;
            // A nested one ends, and the work may block still.
            block_in_place(|| *of_work.blocking_lock() += 1);
            *of_work.blocking_lock() += 1;
        });
        let of_task = lock.clone();
        let task = world.spawn("task", async move {
            block_in_place(|| *of_task.blocking_lock() += 1);
            is_refused(&of_task)
        });
        work.await?;
        ensure!(task.await?, "a task is async code again after it has blocked in place");
        ensure!(*lock.lock().await == 4, "all have counted");
        Ok(())
    }
    const BLOCKS: Scenario = Scenario { name: "blocks", run: |world, _| Box::pin(blocks(world)), ..Scenario::CALM };
    for strategy in ["portfolio", "fifo", "random", "pct", "urw", "madsim"] {
        let case = Case { strategy: Some(strategy.into()), ..Case::of_seed("blocks", 0) };
        for threads in [Threads::Fresh, Threads::reused()] {
            let each = |seed, outcome: Outcome| {
                assert_eq!(outcome.finding, None, "{strategy} with seed {seed}");
                true
            };
            BLOCKS.run_seeds(&case, &threads, 0..20, each).unwrap();
        }
    }
}

#[test]
fn so_does_who_would_like_a_thread() {
    let report = sweep("either", 0..3, |_| async {
        if let Ok(runtime) = Handle::try_current() {
            drop(runtime.spawn_blocking(|| ()));
        }
        Ok(())
    });
    report.assert_clean();
}

/// What a static keeps makes the second run another one, which is told too; the first one's finding is in it.
#[test]
fn who_keeps_a_handle_is_told_of_what_it_spawns() {
    static KEPT: OnceLock<Handle> = OnceLock::new();
    let report = sweep("kept", 0..1, |_| async {
        drop(KEPT.get_or_init(Handle::current).spawn(async {}));
        sleep(Duration::from_secs(1)).await;
        Ok(())
    });
    let [found] = &report.findings[..] else { panic!("{report}") };
    assert!(found.finding.message.contains("main has spawned a task on the real tokio"), "{report}");
}

#[test]
fn who_keeps_a_handle_is_told_of_the_threads_it_wants() {
    static KEPT: OnceLock<Handle> = OnceLock::new();
    let report = sweep("kept", 0..1, |_| async {
        drop(KEPT.get_or_init(Handle::current).spawn_blocking(|| ()));
        Ok(())
    });
    let [found] = &report.findings[..] else { panic!("{report}") };
    let text = found.finding.to_string();
    assert!(
        text.contains("drop(KEPT.get_or_init(Handle::current).spawn_blocking(|| ()))"),
        "the line of the call: {text}"
    );
}

/// A task that waits when the run is over has a handle, and gives it work while it is dropped.
#[test]
fn a_destructor_at_the_end_is_told_of_what_it_spawns() {
    struct Spawns(Handle);
    impl Drop for Spawns {
        fn drop(&mut self) {
            drop(self.0.spawn(async {}));
        }
    }
    let report = sweep("destructor", 0..1, |world: World| async move {
        world.spawn("waits", async {
            let _spawns = Spawns(Handle::current());
            std::future::pending::<()>().await;
        });
        sleep(Duration::from_secs(1)).await;
        Ok(())
    });
    let [found] = &report.findings[..] else { panic!("{report}") };
    assert!(found.finding.message.contains("the real tokio has no runtime in a world"), "{report}");
}

/// What one world has spoilt no other has.
#[test]
fn the_next_world_has_another_runtime() {
    for _ in 0..3 {
        found(|| async { drop(tokio::task::spawn_blocking(|| ())) });
        found(|| async { drop(tokio::spawn(async {})) });
        sweep("next", 0..3, |_| async { Ok(()) }).assert_clean();
    }
}

#[test]
fn other_panics_are_told_as_they_were() {
    let text = found(|| async { panic!("no reactor of ours") });
    assert!(text.contains("no reactor of ours") && !text.contains("sim-patch"), "{text}");
}
