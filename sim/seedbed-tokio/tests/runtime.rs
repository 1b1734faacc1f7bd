//! What code may rely on of runtimes of its own making, on either side.

extern crate seedbed_tokio as tokio;

#[cfg(madsim)]
mod support;

use std::{
    cell::Cell,
    future::{Future, pending},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc::channel,
    },
    task::{Context, Poll, Wake, Waker},
};
use tokio::{
    runtime::{Builder, Handle, LocalRuntime, Runtime, RuntimeFlavor},
    sync::oneshot,
    task::{JoinSet, LocalSet, spawn_blocking, spawn_local, yield_now},
    time::{Duration, Instant, sleep},
};

#[cfg(not(real_side))]
const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const HOUR: Duration = Duration::from_secs(3_600);

/// One whose time is virtual on the real side too.
fn quick() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

fn panic_of<R>(work: impl FnOnce() -> R) -> String {
    let payload = catch_unwind(AssertUnwindSafe(work)).err().expect("it panics");
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// Says when it is dropped.
struct Told(Arc<AtomicUsize>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[test]
fn what_is_blocked_on_may_borrow_and_return() {
    let (words, count) = (["a", "b"], Rc::new(Cell::new(0)));
    let joined = Runtime::new().unwrap().block_on(async {
        count.set(count.get() + 1);
        yield_now().await;
        words.concat()
    });
    assert_eq!((joined.as_str(), count.get()), ("ab", 1));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is about the end of a thread")]
fn a_runtime_that_a_thread_keeps_ends_with_it() {
    thread_local!(static KEPT: Runtime = quick());
    let thread = std::thread::spawn(|| {
        KEPT.with(|runtime| runtime.block_on(async { drop(tokio::spawn(pending::<()>())) }));
    });
    assert!(thread.join().is_ok());
}

#[test]
fn a_runtime_is_blocked_on_again_and_again_and_its_clock_goes_on() {
    let runtime = quick();
    let began = runtime.block_on(async { Instant::now() });
    runtime.block_on(async { sleep(HOUR).await });
    runtime.block_on(async {
        sleep(HOUR).await;
        assert!(began.elapsed() >= 2 * HOUR);
        assert!(began.elapsed() < 3 * HOUR);
    });
}

#[test]
fn what_was_spawned_before_runs_while_somebody_blocks() {
    let runtime = quick();
    let (send, receive) = oneshot::channel();
    let task = runtime.spawn(async move {
        sleep(HOUR).await;
        send.send(7).unwrap();
        8
    });
    assert!(!task.is_finished());
    assert_eq!(runtime.block_on(receive), Ok(7));
    assert_eq!(runtime.block_on(task).unwrap(), 8);
}

#[test]
fn tasks_of_a_runtime_of_one_thread_stand_still_between() {
    let (runtime, count) = (quick(), Arc::new(AtomicUsize::new(0)));
    let counts = count.clone();
    runtime.spawn(async move {
        loop {
            counts.fetch_add(1, Relaxed);
            sleep(HOUR).await;
        }
    });
    assert_eq!(count.load(Relaxed), 0);
    runtime.block_on(async { sleep(HOUR * 5 / 2).await });
    assert_eq!(count.load(Relaxed), 3);
    runtime.block_on(async {});
    assert_eq!(count.load(Relaxed), 3);
}

#[test]
fn tasks_wake_each_other_across_the_calls_that_block() {
    let runtime = quick();
    let (send, receive) = oneshot::channel::<u32>();
    let task = runtime.spawn(async move { receive.await.unwrap() + 1 });
    runtime.block_on(yield_now());
    send.send(1).unwrap();
    assert_eq!(runtime.block_on(task).unwrap(), 2);
}

#[test]
fn a_task_is_finished_or_aborted_in_plain_code_too() {
    let runtime = quick();
    let (quickly, never) = (runtime.spawn(async {}), runtime.spawn(pending::<()>()));
    runtime.block_on(async { sleep(HOUR).await });
    assert!(quickly.is_finished());
    assert!(!never.is_finished());
    never.abort();
    assert!(runtime.block_on(never).unwrap_err().is_cancelled());
}

#[test]
fn who_enters_a_runtime_spawns_on_it() {
    let runtime = quick();
    assert!(Handle::try_current().is_err());
    let entered = runtime.enter();
    assert!(Handle::try_current().is_ok());
    let task = tokio::spawn(async { sleep(HOUR).await });
    runtime.block_on(task).unwrap();
    drop(entered);
    assert!(Handle::try_current().is_err());
}

#[test]
fn a_handle_spawns_blocks_and_enters() {
    let runtime = quick();
    let handle = runtime.handle().clone();
    let task = handle.spawn(async { 3 });
    let _entered = handle.enter();
    assert_eq!(runtime.block_on(task).unwrap(), 3);
    assert_eq!(handle.block_on(async { 4 }), 4);
    assert_eq!(runtime.block_on(handle.spawn_blocking(|| 5)).unwrap(), 5);
}

#[test]
fn what_it_was_built_as_is_told() {
    let one = Builder::new_current_thread().name("one").build().unwrap();
    let many =
        Builder::new_multi_thread().worker_threads(3).thread_name("worker").on_thread_start(|| ()).build().unwrap();
    assert_eq!(one.handle().runtime_flavor(), RuntimeFlavor::CurrentThread);
    assert_eq!(many.handle().runtime_flavor(), RuntimeFlavor::MultiThread);
    assert_eq!((one.handle().name(), many.handle().name()), (Some("one"), None));
    assert_eq!((one.metrics().num_workers(), many.metrics().num_workers()), (1, 3));
    let (of_one, of_many) = (one.block_on(async { Handle::current() }), many.block_on(async { Handle::current() }));
    assert_eq!(of_one.runtime_flavor(), RuntimeFlavor::CurrentThread);
    assert_eq!(of_many.runtime_flavor(), RuntimeFlavor::MultiThread);
    assert_eq!(of_one.id(), one.handle().id());
    assert_ne!(of_one.id(), of_many.id());
}

#[test]
fn living_tasks_are_counted() {
    let runtime = quick();
    let tasks = [1, 2, 3].map(|hours| runtime.spawn(async move { sleep(hours * HOUR).await }));
    assert_eq!(runtime.metrics().num_alive_tasks(), 3);
    runtime.block_on(async {
        sleep(HOUR * 3 / 2).await;
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 2);
    });
    drop(tasks);
}

#[test]
fn a_panic_goes_to_whoever_blocks_and_the_runtime_goes_on() {
    let runtime = quick();
    let task = runtime.spawn(async {
        sleep(HOUR).await;
        7
    });
    let panics = || runtime.block_on(async { panic!("as {}", "planned") });
    assert_eq!(panic_of(panics), "as planned");
    assert_eq!(runtime.block_on(task).unwrap(), 7);
}

#[test]
fn no_runtime_is_blocked_on_from_within_another() {
    let (outer, inner) = (quick(), quick());
    let text = panic_of(|| outer.block_on(async { inner.block_on(async {}) }));
    assert!(text.starts_with("Cannot start a runtime from within a runtime"), "{text}");
    let text = panic_of(|| outer.block_on(async { Handle::current().block_on(async {}) }));
    assert!(text.starts_with("Cannot start a runtime from within a runtime"), "{text}");
}

#[test]
fn tasks_are_dropped_with_their_runtime() {
    let dropped = Arc::new(AtomicUsize::new(0));
    for end in [drop::<Runtime>, Runtime::shutdown_background, |runtime: Runtime| runtime.shutdown_timeout(HOUR)] {
        let (runtime, before) = (quick(), dropped.load(Relaxed));
        for _ in 0..3 {
            let told = Told(dropped.clone());
            runtime.spawn(async move {
                let _told = told;
                pending::<()>().await;
            });
        }
        runtime.block_on(yield_now());
        assert_eq!(dropped.load(Relaxed), before);
        end(runtime);
        assert_eq!(dropped.load(Relaxed), before + 3);
    }
}

#[test]
fn what_a_shut_runtime_is_given_is_cancelled() {
    let (runtime, other) = (Builder::new_multi_thread().worker_threads(1).build().unwrap(), quick());
    let handle = runtime.handle().clone();
    other.block_on(async {
        handle.spawn(async {}).await.unwrap();
        runtime.shutdown_background();
        assert!(handle.spawn(async {}).await.unwrap_err().is_cancelled());
    });
}

#[test]
fn runtimes_of_a_program_work_together() {
    let service = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (ask, mut asked) = tokio::sync::mpsc::channel::<oneshot::Sender<u32>>(1);
    service.spawn(async move {
        while let Some(reply) = asked.recv().await {
            let _ = reply.send(7);
        }
    });
    let client = Builder::new_current_thread().enable_all().build().unwrap();
    let answer = client.block_on(async {
        let (reply, answer) = oneshot::channel();
        ask.send(reply).await.unwrap();
        answer.await
    });
    assert_eq!(answer, Ok(7));
}

#[test]
fn a_service_owns_a_runtime_within_another() {
    let outer = quick();
    let dropped = Arc::new(AtomicUsize::new(0));
    let told = Told(dropped.clone());
    outer.block_on(async {
        let inner = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let in_background = inner.spawn(async move {
            let _told = told;
            // A child is the same runtime's.
            tokio::spawn(pending::<()>()).await
        });
        let (kept, other) = (tokio::spawn(async { 7 }), inner.spawn(async { 8 }));
        assert_eq!((kept.await.unwrap(), other.await.unwrap()), (7, 8));
        inner.shutdown_background();
        assert!(in_background.await.unwrap_err().is_cancelled());
    });
    assert_eq!(dropped.load(Relaxed), 1);
}

#[test]
fn a_runtime_is_not_dropped_where_nobody_may_block() {
    let outer = quick();
    let text = panic_of(|| outer.block_on(async { drop(quick()) }));
    assert!(text.starts_with("Cannot drop a runtime in a context where blocking is not allowed"), "{text}");
    outer.block_on(async { spawn_blocking(|| drop(quick())).await }).unwrap();
}

#[test]
fn a_runtime_may_move_to_the_thread_that_uses_it() {
    let runtime = quick();
    let (send, receive) = channel();
    let thread = std::thread::Builder::new().spawn(move || {
        let handle = runtime.handle().clone();
        send.send(runtime.block_on(async move { handle.spawn(async { 7 }).await.unwrap() })).unwrap();
    });
    assert_eq!(receive.recv(), Ok(7));
    thread.unwrap().join().unwrap();
}

#[test]
fn a_local_runtime_s_tasks_need_not_be_send() {
    let runtime = LocalRuntime::new().unwrap();
    let shared = Rc::new(Cell::new(0));
    let counts = shared.clone();
    let task = runtime.spawn_local(async move { counts.set(counts.get() + 1) });
    runtime.block_on(async {
        task.await.unwrap();
        let counts = shared.clone();
        spawn_local(async move { counts.set(counts.get() + 1) }).await.unwrap();
    });
    assert_eq!(shared.get(), 2);
    runtime.shutdown_background();
}

#[test]
fn a_local_set_is_blocked_on() {
    let (runtime, set) = (quick(), LocalSet::new());
    let shared = Rc::new(7);
    let _entered = runtime.enter();
    let task = set.spawn_local(async move { *shared });
    assert_eq!(set.block_on(&runtime, task).unwrap(), 7);
}

#[test]
fn what_a_handle_gives_to_a_runtime_that_is_gone_is_cancelled() {
    let gone = quick().handle().clone();
    let task = gone.spawn(async { 7 });
    let runtime = quick();
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
    assert!(runtime.block_on(gone.spawn_blocking(|| 7)).unwrap_err().is_cancelled());
}

/// What plain code without a runtime can know of it.
fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(ready) => Some(ready),
        Poll::Pending => None,
    }
}

#[test]
fn what_a_runtime_is_given_after_its_end_is_dropped_at_once() {
    let (gone, other, dropped) = (quick().handle().clone(), quick(), Arc::new(AtomicUsize::new(0)));
    let give = || {
        let told = Told(dropped.clone());
        let task = gone.spawn_blocking(move || drop(told));
        assert_eq!(dropped.swap(0, Relaxed), 1, "before anything blocks");
        assert!(now(task).expect("it has ended").unwrap_err().is_cancelled());
    };
    give();
    assert_eq!(other.block_on(async { 7 }), 7);
    give();
    drop(other);
    give();
}

#[test]
fn what_is_spawned_where_one_has_entered_a_runtime_that_is_gone_is_dropped_at_once() {
    let (gone, dropped) = (quick(), Arc::new(AtomicUsize::new(0)));
    let handle = gone.handle().clone();
    let entered = handle.enter();
    drop(gone);
    let spawn = || {
        let told = Told(dropped.clone());
        let task = tokio::spawn(async move { drop(told) });
        assert_eq!(dropped.swap(0, Relaxed), 1, "before the guard is");
        assert!(now(task).expect("it has ended").unwrap_err().is_cancelled());
        let mut tasks = JoinSet::new();
        let told = Told(dropped.clone());
        tasks.spawn_blocking(move || drop(told));
        assert_eq!(dropped.swap(0, Relaxed), 1, "before the set is");
    };
    spawn();
    let other = quick();
    spawn();
    // Whoever blocks on another is in that one meanwhile.
    assert_eq!(other.block_on(async { tokio::spawn(async { 7 }).await.unwrap() }), 7);
    spawn();
    drop(entered);
}

#[test]
fn a_result_outlives_its_runtime() {
    let (runtime, dropped) = (quick(), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<_> = (0..3).map(|_| runtime.spawn(std::future::ready(Told(dropped.clone())))).collect();
    let waits = runtime.spawn(pending::<()>());
    runtime.block_on(async {
        while !tasks.iter().all(|task| task.is_finished()) {
            yield_now().await;
        }
    });
    drop(runtime);
    assert_eq!(dropped.load(Relaxed), 0);
    assert!(now(waits).expect("it has ended").unwrap_err().is_cancelled());
    for (nth, task) in tasks.into_iter().enumerate() {
        assert!(task.is_finished());
        match nth {
            0 => drop(task),
            _ => drop(now(task).expect("it has ended").unwrap()),
        }
        assert_eq!(dropped.load(Relaxed), nth + 1);
    }
}

#[test]
fn a_result_that_nobody_wants_is_dropped_before_its_runtime() {
    let (runtime, dropped) = (quick(), Arc::new(AtomicUsize::new(0)));
    let task = runtime.spawn(std::future::ready(Told(dropped.clone())));
    runtime.block_on(async {
        while !task.is_finished() {
            yield_now().await;
        }
    });
    drop(task);
    drop(runtime);
    assert_eq!(dropped.load(Relaxed), 1);
}

#[test]
fn a_result_outlives_its_runtime_where_that_is_still_entered() {
    let runtime = quick();
    let handle = runtime.handle().clone();
    let _entered = handle.enter();
    let task = runtime.spawn(std::future::ready(7));
    runtime.block_on(async {
        while !task.is_finished() {
            yield_now().await;
        }
    });
    drop(runtime);
    assert!(task.is_finished());
    assert_eq!(now(task).expect("it has ended").unwrap(), 7);
}

#[test]
fn a_result_outlives_its_runtime_where_another_has_begun() {
    let runtime = quick();
    let handle = runtime.handle().clone();
    let _entered = handle.enter();
    let tasks = [7, 8].map(|value| runtime.spawn(std::future::ready(value)));
    runtime.block_on(async {
        while !tasks.iter().all(|task| task.is_finished()) {
            yield_now().await;
        }
    });
    drop(runtime);
    let other = quick();
    other.block_on(yield_now());
    assert!(tasks.iter().all(|task| task.is_finished()));
    assert_eq!(tasks.map(|task| other.block_on(task).unwrap()), [7, 8]);
}

#[test]
fn who_is_blocked_on_takes_what_is_spawned_though_another_is_entered() {
    for is_gone in [true, false] {
        let (mut entered, other) = (Some(quick()), quick());
        other.block_on(yield_now());
        let handle = entered.as_ref().unwrap().handle().clone();
        let _guard = handle.enter();
        if is_gone {
            entered = None;
        }
        assert_eq!(other.block_on(async { tokio::spawn(async { 7 }).await.unwrap() }), 7);
        assert_eq!(other.block_on(async { Handle::current().id() }), other.handle().id());
        let local = LocalRuntime::new().unwrap();
        assert_eq!(local.block_on(async { spawn_local(async { 7 }).await.unwrap() }), 7);
        drop(entered);
    }
}

#[test]
fn plain_code_in_a_runtime_that_is_gone_uses_the_next_one_s_clock_and_sockets() {
    let made = || Builder::new_current_thread().enable_all().build().unwrap();
    let gone = made();
    let handle = gone.handle().clone();
    let _entered = handle.enter();
    gone.block_on(yield_now());
    drop(gone);
    let other = made();
    other.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    });
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let began = Instant::now();
    other.block_on(async { sleep(Duration::from_millis(20)).await });
    assert!(began.elapsed() >= Duration::from_millis(20));
}

#[test]
fn what_is_given_to_a_runtime_that_is_gone_ends_no_world() {
    let (gone, other, set) = (quick().handle().clone(), quick(), LocalSet::new());
    let task = set.spawn_local(async { 7 });
    drop(gone.spawn(async {}));
    assert_eq!(set.block_on(&other, task).unwrap(), 7);
}

#[test]
fn a_destructor_of_a_result_may_spawn_where_a_runtime_that_is_gone_is_entered() {
    struct Spawns(Arc<AtomicUsize>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            let told = Told(self.0.clone());
            drop(tokio::spawn(async move { drop(told) }));
        }
    }
    let (gone, runtime, dropped) = (quick(), quick(), Arc::new(AtomicUsize::new(0)));
    let result = Spawns(dropped.clone());
    let task = runtime.spawn(async move { result });
    runtime.block_on(async {
        while !task.is_finished() {
            yield_now().await;
        }
    });
    let handle = gone.handle().clone();
    let _entered = handle.enter();
    drop(gone);
    drop(task);
    assert_eq!(dropped.load(Relaxed), 1);
}

#[test]
fn what_is_blocked_on_and_panics_is_dropped_in_its_panic() {
    struct Panics<'a>(&'a Cell<bool>);
    impl Future for Panics<'_> {
        type Output = ();
        fn poll(self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            panic!("as planned")
        }
    }
    impl Drop for Panics<'_> {
        fn drop(&mut self) {
            self.0.set(std::thread::panicking());
        }
    }
    let (runtime, in_panic) = (quick(), Cell::new(false));
    assert_eq!(panic_of(|| runtime.block_on(Panics(&in_panic))), "as planned");
    assert!(in_panic.get());
}

/// Runs a runtime when it is dropped.
struct Runs(Arc<Runtime>);

impl Wake for Runs {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Runs {
    fn drop(&mut self) {
        self.0.block_on(yield_now());
    }
}

#[test]
fn a_waker_that_a_join_set_lets_go_of_may_run_the_runtime() {
    let (runtime, mut tasks) = (Arc::new(quick()), JoinSet::new());
    tasks.spawn_on(async { 7 }, runtime.handle());
    let runs = Waker::from(Arc::new(Runs(runtime.clone())));
    assert!(tasks.poll_join_next(&mut Context::from_waker(&runs)).is_pending());
    drop(runs);
    // The set had the last of it.
    assert!(tasks.poll_join_next(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(tasks.try_join_next().unwrap().unwrap(), 7);
}

#[cfg(madsim)]
mod simulated {
    use super::*;
    use std::sync::LazyLock;

    #[test]
    fn hours_take_no_time_and_a_deadlock_is_told() {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async { sleep(300 * HOUR).await });
        let text = panic_of(|| runtime.block_on(pending::<()>()));
        assert!(text.contains("nothing can run and no timer is set"), "{text}");
        assert!(text.contains("block_on#1 waits for"), "{text}");
        assert!(text.contains("replay: SEEDBED_SEED=0x0 "), "{text}");
        assert_eq!(runtime.block_on(async { 7 }), 7, "it begins anew");
    }

    #[test]
    fn who_has_entered_a_runtime_spawns_on_it_after_its_world_has_found_something() {
        let runtime = quick();
        let _entered = runtime.enter();
        let found = catch_unwind(AssertUnwindSafe(|| runtime.block_on(pending::<()>())));
        assert!(found.is_err());
        let task = tokio::spawn(async { 7 });
        assert_eq!(runtime.block_on(task).unwrap(), 7);
    }

    #[test]
    fn plain_code_may_ask_for_the_time_before_and_between_what_it_blocks_on() {
        let began = Instant::now();
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async { sleep(HOUR).await });
        assert_eq!(began.elapsed(), HOUR);
        runtime.block_on(async { sleep(HOUR).await });
        assert_eq!(Instant::now() - began, 2 * HOUR);
    }

    #[test]
    fn a_deadlock_of_plain_code_says_where_it_waits() {
        let runtime = Runtime::new().unwrap();
        let text = panic_of(|| {
            runtime.block_on(async {
                let (_tell, told) = oneshot::channel::<()>();
                told.await
            })
        });
        assert!(text.contains("block_on waits for oneshot (polled 1 times)\n      tests/runtime.rs:"), "{text}");
        assert!(text.contains("  told.await\n  holder"), "the line of the await: {text}");
        assert!(!text.contains("runtime.block_on"), "but not the lines that lead to the call that blocks: {text}");
    }

    #[test]
    fn a_tasks_panic_is_found() {
        let runtime = Runtime::new().unwrap();
        let text = panic_of(|| {
            runtime.spawn(async { panic!("as planned") });
            runtime.block_on(async { sleep(HOUR).await });
        });
        assert!(text.contains("FAILED Panic") && text.contains("as planned"), "{text}");
    }

    #[test]
    fn two_programs_are_alike() {
        let run = || {
            let runtime = Runtime::new().unwrap();
            let (send, mut receive) = tokio::sync::mpsc::unbounded_channel();
            for number in 0..20 {
                let send = send.clone();
                runtime.spawn(async move {
                    yield_now().await;
                    send.send(number).unwrap();
                });
            }
            drop(send);
            let mut order = std::collections::HashSet::new();
            let numbers = runtime.block_on(async {
                let mut numbers = Vec::new();
                while let Some(number) = receive.recv().await {
                    order.insert(number);
                    numbers.push(number);
                }
                numbers
            });
            (numbers, order.into_iter().collect::<Vec<_>>())
        };
        assert_eq!(run(), run());
    }

    #[test]
    fn the_world_ends_with_its_last_runtime() {
        let began = || {
            let (outer, inner) = (quick(), quick());
            let began = outer.block_on(async { Instant::now() });
            inner.spawn(pending::<()>());
            outer.block_on(async {
                inner.shutdown_background();
                sleep(HOUR).await;
            });
            began
        };
        assert_eq!(began(), began());
    }

    #[test]
    fn another_thread_is_refused() {
        let runtime = quick();
        runtime.block_on(async {});
        let handle = runtime.handle().clone();
        let refused = std::thread::Builder::new().spawn(move || panic_of(|| handle.spawn(async {})));
        let text = refused.unwrap().join().unwrap();
        assert!(
            text.starts_with("tokio::runtime::Handle::spawn: the runtime was first used on another thread"),
            "{text}"
        );
    }

    #[test]
    fn what_is_open_is_closed_in_plain_code() {
        let runtime = quick();
        let bind = || tokio::net::TcpListener::bind("0.0.0.0:80");
        let listener = runtime.block_on(bind()).unwrap();
        assert!(runtime.block_on(bind()).is_err());
        drop(listener);
        assert!(runtime.block_on(bind()).is_ok());
    }

    #[test]
    fn a_dropped_timer_of_plain_code_leaves_nothing() {
        let runtime = quick();
        let mut asleep = {
            let _entered = runtime.enter();
            Box::pin(sleep(HOUR))
        };
        runtime.block_on(async { assert!(tokio::time::timeout(HOUR / 2, &mut asleep).await.is_err()) });
        drop(asleep);
        let text = panic_of(|| runtime.block_on(pending::<()>()));
        assert!(text.contains("at 1800."), "{text}");
    }

    #[test]
    fn one_in_a_static_serves_each_world() {
        static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
        support::world(|| async {
            let task = RUNTIME.spawn(async {
                sleep(HOUR).await;
                Handle::current().id()
            });
            assert_eq!(task.await.unwrap(), RUNTIME.handle().id());
        });
    }
}
