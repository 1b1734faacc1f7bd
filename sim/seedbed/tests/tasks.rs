//! Tasks behave as tokio's do.
#![cfg(not(real_side))]

use seedbed::{
    World, ensure,
    task::{AbortHandle, JoinHandle, JoinSet, spawn, yield_now},
    time::{Duration, Instant, sleep, timeout},
};
use std::{
    cell::Cell,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

/// Sets its flag when it is dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[seedbed::test]
async fn a_virtual_day_passes_at_once() {
    let started = Instant::now();
    sleep(Duration::from_secs(86_400)).await;
    assert!(started.elapsed() >= Duration::from_secs(86_400));
}

#[seedbed::test]
async fn a_result_reaches_the_handle() {
    assert_eq!(spawn(async { 7 }).await.unwrap(), 7);
}

#[seedbed::test]
async fn a_panicking_task_becomes_a_join_error() {
    let error = spawn(async { seedbed::inject_panic("as asked") }).await.map(|(): ()| ()).unwrap_err();
    assert!(error.is_panic() && !error.is_cancelled());
    assert_eq!(error.to_string(), "task 1 panicked with message \"as asked\"");
    assert_eq!(error.into_panic().downcast_ref(), Some(&"as asked"));
}

#[test]
fn a_panic_nobody_reads_is_a_finding() {
    let report = seedbed::sweep("panic", 0..3, |_| async {
        drop(spawn(async { panic!("task {} fell over", 41) }));
        sleep(Duration::from_secs(1)).await;
        Ok(())
    });
    assert_eq!(report.findings.len(), 1);
    let finding = &report.findings[0].finding;
    assert_eq!(finding.kind, seedbed::FindingKind::Panic);
    assert!(finding.signature.ends_with("tasks.rs: task # fell over"), "{}", finding.signature);
}

#[test]
fn a_tasks_panic_is_its_result_where_tasks_may_panic() {
    let report = seedbed::sweep("panics", 0..20, |world| async move {
        world.tasks_may_panic();
        let error = spawn(async { panic!("task {} fell over", 41) }).await.map(|(): ()| ()).unwrap_err();
        assert_eq!(error.to_string(), "task 1 panicked with message \"task 41 fell over\"");
        drop(spawn(async { Vec::<u8>::new()[0] }));
        sleep(Duration::from_secs(1)).await;
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn a_scenarios_own_panic_is_a_finding_though_tasks_may_panic() {
    let report = seedbed::sweep("panics", 0..1, |world| async move {
        world.tasks_may_panic();
        sleep(Duration::from_secs(1)).await;
        panic!("the scenario fell over")
    });
    let finding = &report.findings[0].finding;
    assert!(finding.signature.ends_with("tasks.rs: the scenario fell over"), "{}", finding.signature);
}

#[test]
fn a_destructor_of_a_result_may_panic_where_tasks_may() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "dropped");
        }
    }
    let run = |tasks_may_panic: bool| {
        seedbed::sweep("bombs", 0..1, move |world| async move {
            if tasks_may_panic {
                world.tasks_may_panic();
            }
            drop(spawn(async { Bomb }));
            let aborted = spawn(async {
                let _bomb = Bomb;
                std::future::pending::<()>().await;
            });
            sleep(Duration::from_secs(1)).await;
            aborted.abort();
            sleep(Duration::from_secs(1)).await;
            Ok(())
        })
    };
    run(true).assert_clean();
    assert_eq!(run(false).findings.len(), 1);
}

#[seedbed::test]
async fn an_aborted_task_is_dropped_at_its_next_turn() {
    let drops = Arc::new(AtomicUsize::new(0));
    let held = Dropped(drops.clone());
    let task = spawn(async move {
        let _held = held;
        std::future::pending::<()>().await;
    });
    sleep(Duration::from_secs(5)).await;
    task.abort();
    assert!(!task.is_finished(), "not before it was dropped");
    assert_eq!(drops.load(Relaxed), 0);
    let abort = task.abort_handle();
    assert!(task.await.unwrap_err().is_cancelled());
    assert!(abort.is_finished());
    assert_eq!(drops.load(Relaxed), 1);
}

#[seedbed::test]
async fn a_task_aborted_before_its_first_poll_never_runs() {
    let ran = Arc::new(AtomicUsize::new(0));
    let mark = ran.clone();
    let task = spawn(async move { mark.fetch_add(1, Relaxed) });
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(ran.load(Relaxed), 0);
}

#[seedbed::test]
async fn a_finished_task_cannot_be_aborted() {
    let task = spawn(async { 3 });
    sleep(Duration::from_secs(5)).await;
    task.abort();
    assert_eq!(task.await.unwrap(), 3);
}

#[seedbed::test]
async fn a_join_set_gives_each_result_once() {
    let mut set = JoinSet::new();
    for number in 0..5_u64 {
        set.spawn(async move {
            sleep(Duration::from_millis(10 * number)).await;
            number
        });
    }
    let mut results = Vec::new();
    while let Some(result) = set.join_next().await {
        results.push(result.unwrap());
    }
    results.sort_unstable();
    assert_eq!(results, [0, 1, 2, 3, 4]);
    assert!(set.is_empty());
}

#[seedbed::test]
async fn a_dropped_join_set_aborts_its_tasks() {
    let drops = Arc::new(AtomicUsize::new(0));
    let mut set = JoinSet::new();
    for _ in 0..3 {
        let held = Dropped(drops.clone());
        set.spawn(async move {
            let _held = held;
            std::future::pending::<()>().await;
        });
    }
    yield_now().await;
    drop(set);
    sleep(Duration::from_secs(5)).await;
    assert_eq!(drops.load(Relaxed), 3);
}

#[seedbed::test(seeds = 20)]
async fn a_self_feeding_channel_gives_way_to_its_timeout() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    sender.send(0_u64).unwrap();
    let feed = async {
        for _ in 0..5_000 {
            let number = receiver.recv().await.unwrap();
            sender.send(number + 1).unwrap();
        }
        std::future::pending::<()>().await;
    };
    assert!(timeout(Duration::from_millis(1), feed).await.is_err());
}

#[seedbed::test]
async fn a_caught_panic_is_nobodys_finding_later() {
    spawn(async {
        std::panic::catch_unwind(|| panic!("caught")).unwrap_err();
        yield_now().await;
        seedbed::inject_panic("as asked")
    })
    .await
    .map(|(): ()| ())
    .unwrap_err();
}

#[test]
fn a_spinning_task_is_named() {
    let report = seedbed::sweep("spin", 0..2, |world: World| async move {
        world.spawn("spinner", async {
            loop {
                yield_now().await;
            }
        });
        sleep(Duration::from_secs(1)).await;
        Ok(())
    });
    let finding = &report.findings[0].finding;
    assert_eq!((finding.kind, finding.check.as_str()), (seedbed::FindingKind::Stall, "spin"));
    assert!(finding.message.starts_with("spinner was polled"), "{}", finding.message);
}

#[test]
fn a_deadlock_says_who_waits_where_and_for_what() {
    let report = seedbed::sweep("deadlock", 0..2, |world: World| async move {
        let slots = Arc::new(tokio::sync::Semaphore::new(1));
        world.spawn("taker", async move {
            let _first = slots.acquire().await;
            let _second = slots.acquire().await; // waits for itself
        });
        world.settle().await;
        Ok(())
    });
    let finding = &report.findings[0].finding;
    assert_eq!((finding.kind, finding.check.as_str()), (seedbed::FindingKind::Stall, "deadlock"));
    assert_eq!(finding.signature, "Stall: deadlock: taker on semaphore");
    let awaits = &finding.stuck[0].awaits;
    assert!(awaits[0].ends_with("slots.acquire().await; // waits for itself"), "{awaits:?}");
    assert!(finding.to_string().contains("holder: unknown"));
}

#[test]
fn a_timeout_that_is_over_does_not_delay_a_deadlock() {
    let report = seedbed::sweep("deadlock", 0..2, |world: World| async move {
        timeout(Duration::from_secs(86_400), sleep(Duration::from_millis(5))).await?;
        world.spawn("stuck", std::future::pending::<()>());
        world.settle().await;
        Ok(())
    });
    let finding = &report.findings[0].finding;
    assert_eq!(finding.check, "deadlock");
    assert!(finding.at_ns < 3_000_000_000, "found only at {} ns", finding.at_ns);
}

#[seedbed::test]
async fn tasks_that_are_not_send_are_welcome(world: World) -> seedbed::Result {
    let count = Rc::new(Cell::new(0));
    let tasks = world.spawn_each("adder", 0..3_u64, |_| {
        let count = count.clone();
        async move { count.set(count.get() + 1) }
    });
    world.settle().await;
    ensure!(count.get() == 3, "counted {}", count.get());
    ensure!(tasks.iter().all(seedbed::task::JoinHandle::is_finished));
    Ok(())
}

#[seedbed::test]
async fn a_killed_node_runs_no_destructor_and_leaves_no_timer(world: World) -> seedbed::Result {
    let drops = Arc::new(AtomicUsize::new(0));
    let node = world.new_node();
    let held = Dropped(drops.clone());
    let served = node.spawn("server", async move {
        let _held = held;
        spawn(async { sleep(Duration::from_secs(3_600)).await });
        timeout(Duration::from_secs(86_400), std::future::pending::<()>()).await.unwrap_err();
    });
    sleep(Duration::from_secs(5)).await;
    node.kill();
    ensure!(served.await.unwrap_err().is_cancelled());
    ensure!(drops.load(Relaxed) == 0, "a destructor ran");
    // The node can live again, and a gentle stop runs destructors.
    let held = Dropped(drops.clone());
    let served = node.spawn("server", async move {
        let _held = held;
        std::future::pending::<()>().await;
    });
    sleep(Duration::from_secs(5)).await;
    node.stop();
    ensure!(served.await.unwrap_err().is_cancelled());
    ensure!(drops.load(Relaxed) == 1);
    Ok(())
}

#[test]
fn a_dead_nodes_timers_do_not_delay_a_deadlock() {
    let report = seedbed::sweep("dead node", 0..20, |world: World| async move {
        let node = world.new_node();
        node.spawn("suicide", async move {
            spawn(async { sleep(Duration::from_secs(86_400)).await });
            yield_now().await;
            node.kill();
            sleep(Duration::from_secs(86_400)).await;
        });
        world.spawn("stuck", std::future::pending::<()>());
        world.settle().await;
        Ok(())
    });
    let finding = &report.findings[0].finding;
    assert_eq!((report.findings[0].runs, finding.check.as_str()), (20, "deadlock"));
    assert!(finding.at_ns < 10_000_000_000, "found only at {} ns", finding.at_ns);
}

/// Looks when it is woken whether the task has ended: 1 if not, 2 if so.
struct Look(AbortHandle, AtomicUsize);

impl Wake for Look {
    fn wake(self: Arc<Self>) {
        self.1.store(1 + usize::from(self.0.is_finished()), Relaxed);
    }
}

#[test]
fn who_is_woken_by_the_end_of_a_task_finds_it_ended() {
    seedbed::run_calm("look", |_| async {
        let mut task = spawn(yield_now());
        let look = Arc::new(Look(task.abort_handle(), AtomicUsize::new(0)));
        let waker = Waker::from(look.clone());
        assert!(Pin::new(&mut task).poll(&mut Context::from_waker(&waker)).is_pending());
        sleep(Duration::from_secs(1)).await;
        assert_eq!(look.1.load(Relaxed), 2);
        Ok(())
    })
    .assert_clean();
}

/// Polls the handle again inside the wake.
#[derive(Default)]
struct PollAtOnce {
    task: Mutex<Option<JoinHandle<u32>>>,
    result: Mutex<Option<u32>>,
}

impl Wake for PollAtOnce {
    fn wake(self: Arc<Self>) {
        let waker = Waker::from(self.clone());
        let Some(mut task) = self.task.lock().unwrap().take() else { return };
        match Pin::new(&mut task).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => *self.result.lock().unwrap() = result.ok(),
            Poll::Pending => *self.task.lock().unwrap() = Some(task),
        }
    }
}

#[test]
fn who_polls_inside_the_wake_gets_the_result() {
    seedbed::run_calm("at once", |_| async {
        let at_once = Arc::new(PollAtOnce::default());
        *at_once.task.lock().unwrap() = Some(spawn(async {
            yield_now().await;
            7
        }));
        at_once.clone().wake();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(*at_once.result.lock().unwrap(), Some(7));
        Ok(())
    })
    .assert_clean();
}
