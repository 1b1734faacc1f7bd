//! What code may rely on under the name `tokio`, on either side: each claim holds on real tokio and in
//! every seed of a world.
//!
//! No claim is about which of two ready things comes first, nor about how late something comes: in a
//! world both are the schedule's.

extern crate seedbed_tokio as tokio;

mod support;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    future::{Future, pending, poll_fn, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::Poll,
};
use support::world;
use tokio::{
    join, select,
    sync::{
        Barrier, Mutex, Notify, OnceCell, RwLock, Semaphore, TryAcquireError, TryLockError, broadcast, mpsc, oneshot,
        watch,
    },
    task::{
        AbortHandle, Id, JoinError, JoinHandle, JoinSet, LocalKey, coop::consume_budget, coop::unconstrained, id,
        spawn_blocking, spawn_local, try_id, yield_now,
    },
    time::{
        Duration, Instant, Interval, MissedTickBehavior, Sleep, Timeout, error::Elapsed, interval, interval_at, sleep,
        sleep_until, timeout, timeout_at,
    },
    try_join,
};

#[cfg(not(real_side))]
const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const HOUR: Duration = Duration::from_secs(3_600);

/// Counts its drops.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A count of drops, and something that is counted.
fn dropped() -> (Arc<AtomicUsize>, Dropped) {
    let count = Arc::new(AtomicUsize::new(0));
    (count.clone(), Dropped(count))
}

/// Holds `held` and never ends.
async fn forever(held: Dropped) {
    let _held = held;
    pending().await
}

async fn after_hours(hours: u32) -> u32 {
    sleep(HOUR * hours).await;
    hours
}

async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

/// A panic that the test means to happen.
#[cfg(madsim)]
fn planned() -> ! {
    seedbed::inject_panic("as planned")
}

/// A panic that the test means to happen.
#[cfg(not(madsim))]
fn planned() -> ! {
    std::panic::resume_unwind(Box::new("as planned"))
}

mod types {
    use super::*;

    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    fn unpin<T: Unpin>() {}
    fn unwind_safe<T: std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    fn sent<T: Send>(_: T) {}

    #[test]
    fn what_is_send_sync_or_unpin_in_tokio_is_so_here() {
        send::<JoinHandle<Cell<u8>>>();
        sync::<JoinHandle<Cell<u8>>>();
        unpin::<JoinHandle<std::marker::PhantomPinned>>();
        unwind_safe::<JoinHandle<Cell<u8>>>();
        send::<JoinSet<Cell<u8>>>();
        sync::<JoinSet<Cell<u8>>>();
        unpin::<JoinSet<std::marker::PhantomPinned>>();
        send::<AbortHandle>();
        sync::<AbortHandle>();
        unwind_safe::<AbortHandle>();
        send::<JoinError>();
        sync::<JoinError>();
        send::<Interval>();
        sync::<Interval>();
        unpin::<Interval>();
        send::<Sleep>();
        sync::<Sleep>();
        send::<Timeout<Cell<u8>>>();
        sync::<Timeout<u8>>();
        send::<Elapsed>();
        sync::<Elapsed>();
        send::<Id>();
        sync::<LocalKey<u8>>();
        sent(yield_now());
    }
}

mod tasks {
    use super::*;
    use tokio::spawn;

    #[test]
    fn a_result_reaches_the_handle() {
        world(|| async {
            assert_eq!(spawn(async { 7 }).await.unwrap(), 7);
            assert_eq!(tokio::task::spawn(async { 8 }).await.unwrap(), 8);
            let shared = Rc::new(9);
            assert_eq!(*spawn_local(async { shared }).await.unwrap(), 9);
        });
    }

    #[test]
    fn a_task_runs_although_its_handle_is_dropped() {
        world(|| async {
            let (sender, receiver) = oneshot::channel();
            drop(spawn(async { sender.send(5).unwrap() }));
            assert_eq!(receiver.await.unwrap(), 5);
        });
    }

    #[test]
    fn a_result_nobody_reads_is_dropped() {
        world(|| async {
            let (count, held) = dropped();
            drop(spawn(async { held }));
            sleep(HOUR).await;
            assert_eq!(count.load(Relaxed), 1);
        });
    }

    #[test]
    fn a_handle_polled_through_a_reference_loses_nothing() {
        world(|| async {
            let mut task = spawn(after_hours(3));
            assert!(timeout(HOUR, &mut task).await.is_err());
            assert_eq!(task.await.unwrap(), 3);
        });
    }

    #[test]
    fn a_panic_becomes_a_join_error_with_its_payload() {
        world(|| async {
            let task = spawn(async { planned() });
            let id = task.id();
            let error: JoinError = task.await.map(|(): ()| ()).unwrap_err();
            assert!(error.is_panic() && !error.is_cancelled());
            assert_eq!(error.id(), id);
            assert_eq!(error.to_string(), format!("task {id} panicked with message \"as planned\""));
            assert!(format!("{error:?}").starts_with("JoinError::Panic(Id("), "{error:?}");
            assert_eq!(error.into_panic().downcast_ref::<&str>(), Some(&"as planned"));
        });
    }

    #[test]
    fn a_panic_drops_the_future_before_the_handle_hears_of_it() {
        world(|| async {
            let (count, held) = dropped();
            let task = spawn(async move {
                let _held = held;
                yield_now().await;
                planned()
            });
            assert!(task.await.map(|(): ()| ()).unwrap_err().is_panic());
            assert_eq!(count.load(Relaxed), 1);
        });
    }

    #[test]
    fn a_join_error_becomes_an_io_error() {
        world(|| async {
            let error = std::io::Error::from(spawn(async { planned() }).await.map(|(): ()| ()).unwrap_err());
            assert_eq!((error.kind(), error.to_string().as_str()), (std::io::ErrorKind::Other, "task panicked"));
            let task = spawn(pending::<()>());
            task.abort();
            let error = std::io::Error::from(task.await.unwrap_err());
            assert_eq!((error.kind(), error.to_string().as_str()), (std::io::ErrorKind::Other, "task was cancelled"));
        });
    }

    #[test]
    fn an_aborted_task_is_dropped_and_then_its_handle_says_cancelled() {
        world(|| async {
            let (count, held) = dropped();
            let task = spawn(forever(held));
            sleep(HOUR).await;
            assert!(!task.is_finished());
            let (abort, id) = (task.abort_handle(), task.id());
            abort.clone().abort();
            let error = task.await.unwrap_err();
            assert_eq!(count.load(Relaxed), 1);
            assert!(error.is_cancelled() && !error.is_panic() && abort.is_finished());
            assert_eq!((error.id(), abort.id()), (id, id));
            assert_eq!(error.to_string(), format!("task {id} was cancelled"));
            assert!(format!("{error:?}").starts_with("JoinError::Cancelled(Id("), "{error:?}");
            assert!(error.try_into_panic().unwrap_err().is_cancelled());
        });
    }

    #[test]
    fn a_task_aborted_before_its_first_poll_never_runs() {
        world(|| async {
            let ran = Arc::new(AtomicUsize::new(0));
            let mark = ran.clone();
            let task = spawn(async move { mark.fetch_add(1, Relaxed) });
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
            assert_eq!(ran.load(Relaxed), 0);
        });
    }

    #[test]
    fn a_finished_task_cannot_be_aborted() {
        world(|| async {
            let task = spawn(async { 3 });
            sleep(HOUR).await;
            assert!(task.is_finished());
            task.abort();
            assert_eq!(task.await.unwrap(), 3);
        });
    }

    #[test]
    fn a_task_that_aborts_itself_ends_as_its_poll_does() {
        async fn abort_self(handle: oneshot::Receiver<AbortHandle>, then_wait: bool) -> u32 {
            handle.await.unwrap().abort();
            if then_wait {
                pending::<()>().await;
            }
            4
        }
        world(|| async {
            for then_wait in [false, true] {
                let (sender, receiver) = oneshot::channel();
                let task = spawn(abort_self(receiver, then_wait));
                sender.send(task.abort_handle()).unwrap();
                match task.await {
                    Ok(value) => assert!(!then_wait && value == 4),
                    Err(error) => assert!(then_wait && error.is_cancelled()),
                }
            }
        });
    }

    #[test]
    fn a_panicking_destructor_of_an_aborted_task_is_its_join_error() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                planned();
            }
        }
        world(|| async {
            let task = spawn(async {
                let _bomb = Bomb;
                pending::<()>().await;
            });
            sleep(HOUR).await;
            task.abort();
            assert!(task.await.unwrap_err().is_panic());
        });
    }

    #[test]
    fn a_future_that_panics_is_dropped_in_its_panic() {
        struct Panics(Option<oneshot::Sender<bool>>);
        impl Future for Panics {
            type Output = ();
            fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<()> {
                planned()
            }
        }
        impl Drop for Panics {
            fn drop(&mut self) {
                let _ = self.0.take().map(|sender| sender.send(std::thread::panicking()));
            }
        }
        world(|| async {
            let (sender, is_in_panic) = oneshot::channel();
            let task = spawn(Panics(Some(sender)));
            assert!(is_in_panic.await.unwrap());
            assert!(task.await.unwrap_err().is_panic());
        });
    }

    #[test]
    fn each_task_has_an_id_of_its_own() {
        world(|| async {
            let tasks: Vec<JoinHandle<Id>> = (0..5).map(|_| spawn(async { id() })).collect();
            let outside: Vec<Id> = tasks.iter().map(JoinHandle::id).collect();
            let mut inside = Vec::new();
            for task in tasks {
                inside.push(task.await.unwrap());
            }
            assert_eq!(inside, outside);
            assert_eq!(outside.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len(), 5);
            assert!(spawn(async { try_id() }).await.unwrap().is_some());
        });
        assert!(try_id().is_none());
    }

    #[test]
    fn a_task_that_only_yields_does_not_starve_the_others() {
        world(|| async {
            let ran = Arc::new(AtomicUsize::new(0));
            for _ in 0..3 {
                let ran = ran.clone();
                spawn(async move { ran.fetch_add(1, Relaxed) });
            }
            for _ in 0..50 {
                yield_now().await;
            }
            // A world may hold a task back for a while of virtual time.
            sleep(HOUR).await;
            assert_eq!(ran.load(Relaxed), 3);
        });
    }

    #[test]
    fn a_loop_over_what_is_always_ready_gives_way_to_its_timeout() {
        world(|| async {
            let (sender, mut receiver) = mpsc::unbounded_channel();
            sender.send(0_u64).unwrap();
            let feed = async {
                for _ in 0..5_000 {
                    let number = receiver.recv().await.unwrap();
                    sender.send(number + 1).unwrap();
                }
                pending::<()>().await;
            };
            assert!(timeout(Duration::from_millis(1), feed).await.is_err());
        });
    }

    #[test]
    fn the_budget_can_be_spent_and_lifted() {
        world(|| async {
            for _ in 0..500 {
                consume_budget().await;
            }
            let (sender, mut receiver) = mpsc::unbounded_channel();
            (0..1_000).for_each(|number| sender.send(number).unwrap());
            // Without a budget nothing makes the loop suspend, so that one poll is enough.
            let all = pin!(unconstrained(async {
                for number in 0..1_000 {
                    assert_eq!(receiver.recv().await, Some(number));
                }
            }));
            assert!(poll_once(all).await.is_ready());
        });
    }

    #[test]
    fn blocking_work_gives_its_result_or_its_panic() {
        world(|| async {
            assert_eq!(spawn_blocking(|| 6).await.unwrap(), 6);
            assert!(spawn_blocking(|| planned()).await.map(|(): ()| ()).unwrap_err().is_panic());
        });
    }

    tokio::task_local! {
        static LEVEL: u32;
    }

    #[test]
    fn a_task_local_is_seen_in_its_scope_and_not_in_tasks_spawned_there() {
        world(|| async {
            let scope: tokio::task::futures::TaskLocalFuture<u32, _> = LEVEL.scope(1, async {
                assert_eq!(LEVEL.get(), 1);
                LEVEL.scope(2, async { assert_eq!(LEVEL.with(|level| *level), 2) }).await;
                yield_now().await;
                assert_eq!(LEVEL.get(), 1);
                assert!(spawn(async { LEVEL.try_with(|_| ()).is_err() }).await.unwrap());
            });
            scope.await;
            assert_eq!(LEVEL.sync_scope(3, || LEVEL.get()), 3);
        });
    }
}

mod join_sets {
    use super::*;

    #[test]
    fn results_come_in_the_order_in_which_the_tasks_end() {
        world(|| async {
            let mut set: JoinSet<u32> = [3, 1, 2].into_iter().map(after_hours).collect();
            set.extend([after_hours(4)]);
            assert_eq!(set.len(), 4);
            for expected in 1..=4 {
                assert_eq!(set.join_next().await.unwrap().unwrap(), expected);
            }
            assert!(set.is_empty() && set.join_next().await.is_none() && set.try_join_next().is_none());
        });
    }

    #[test]
    fn join_all_gives_every_result_and_passes_a_panic_on() {
        world(|| async {
            let set: JoinSet<u32> = [2, 1].into_iter().map(after_hours).collect();
            assert_eq!(set.join_all().await, [1, 2]);
            let mut set = JoinSet::<()>::new();
            set.spawn(async { planned() });
            let joined = tokio::spawn(async move { set.join_all().await }).await;
            assert_eq!(joined.unwrap_err().into_panic().downcast_ref::<&str>(), Some(&"as planned"));
        });
    }

    #[test]
    fn an_empty_set_has_nothing_to_wait_for() {
        world(|| async {
            let mut set = JoinSet::<()>::new();
            assert!(set.join_next().await.is_none() && set.join_next_with_id().await.is_none());
            assert!(JoinSet::<()>::default().join_all().await.is_empty());
        });
    }

    #[test]
    fn trying_finds_tasks_that_have_ended_and_no_others() {
        world(|| async {
            let mut set = JoinSet::new();
            let id = set.spawn(after_hours(1)).id();
            assert!(set.try_join_next().is_none() && set.try_join_next_with_id().is_none());
            sleep(HOUR * 2).await;
            assert_eq!(set.try_join_next_with_id().unwrap().unwrap(), (id, 1));
            assert!(set.is_empty());
        });
    }

    #[test]
    fn trying_leaves_a_waiter_in_its_place() {
        world(|| async {
            let started = Instant::now();
            let mut set = JoinSet::new();
            set.spawn(after_hours(1));
            assert!(poll_fn(|cx| Poll::Ready(set.poll_join_next(cx).is_pending())).await);
            assert!(set.try_join_next().is_none());
            let mut polled = false;
            let second_poll =
                poll_fn(|_| if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending });
            // Only the waker of the first poll above brings this task back before the timeout does.
            timeout(HOUR * 9, second_poll).await.unwrap();
            assert!(started.elapsed() < HOUR * 2, "{:?}", started.elapsed());
        });
    }

    #[test]
    fn errors_carry_the_id_of_their_task() {
        world(|| async {
            let mut set = JoinSet::<()>::new();
            let panicking = set.spawn(async { planned() }).id();
            let error = set.join_next_with_id().await.unwrap().unwrap_err();
            assert!(error.is_panic() && error.id() == panicking);
            let aborted = set.spawn(pending());
            aborted.abort();
            let error = set.join_next().await.unwrap().unwrap_err();
            assert!(error.is_cancelled() && error.id() == aborted.id());
            assert_eq!(set.spawn(async {}).id(), set.join_next_with_id().await.unwrap().unwrap().0);
        });
    }

    #[test]
    fn abort_all_and_shutdown_end_every_task() {
        world(|| async {
            let (count, held) = dropped();
            let mut set = JoinSet::new();
            set.spawn(forever(held));
            set.spawn(forever(Dropped(count.clone())));
            set.abort_all();
            assert_eq!(set.len(), 2, "they stay until they are joined");
            while let Some(result) = set.join_next().await {
                assert!(result.unwrap_err().is_cancelled());
            }
            assert_eq!(count.load(Relaxed), 2);
            set.spawn(forever(Dropped(count.clone())));
            set.shutdown().await;
            assert!(set.is_empty());
            assert_eq!(count.load(Relaxed), 3);
        });
    }

    #[test]
    fn a_dropped_set_aborts_its_tasks_and_a_detached_task_goes_on() {
        world(|| async {
            let (count, held) = dropped();
            let (sender, receiver) = oneshot::channel();
            let mut set = JoinSet::new();
            set.spawn(async {
                sleep(HOUR).await;
                sender.send(()).unwrap();
            });
            set.detach_all();
            assert!(set.is_empty());
            set.spawn(forever(held));
            yield_now().await;
            drop(set);
            sleep(HOUR / 2).await;
            assert_eq!(count.load(Relaxed), 1);
            receiver.await.unwrap();
        });
    }

    #[test]
    fn a_set_takes_local_and_blocking_work_too() {
        world(|| async {
            let shared = Rc::new(1);
            let mut set = JoinSet::new();
            set.spawn_local(async move { *shared });
            assert_eq!(set.join_next().await.unwrap().unwrap(), 1);
            set.spawn_blocking(|| 2);
            assert_eq!(set.join_next().await.unwrap().unwrap(), 2);
        });
    }

    #[test]
    fn a_join_that_is_dropped_loses_no_result() {
        world(|| async {
            let mut set: JoinSet<u32> = [1, 2].into_iter().map(after_hours).collect();
            let mut joined = Vec::new();
            while joined.len() < 2 {
                select! {
                    Some(result) = set.join_next() => joined.push(result.unwrap()),
                    () = sleep(HOUR / 7) => {}
                }
            }
            assert_eq!(joined, [1, 2]);
        });
    }
}

mod time {
    use super::*;

    #[test]
    fn a_sleep_lasts_at_least_as_long_as_asked() {
        world(|| async {
            for duration in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(3), HOUR * 24] {
                let started = Instant::now();
                sleep(duration).await;
                assert!(started.elapsed() >= duration, "{:?} of {duration:?}", started.elapsed());
            }
        });
    }

    #[test]
    fn a_sleep_until_the_past_ends() {
        world(|| async {
            let start = Instant::now();
            sleep(HOUR).await;
            let mut late = pin!(sleep_until(start));
            assert_eq!(late.deadline(), start);
            assert!(!late.is_elapsed(), "nobody has polled it");
            select! {
                () = &mut late, if !late.is_elapsed() => {}
                else => unreachable!(),
            }
            assert!(late.is_elapsed());
            late.as_mut().reset(start);
            assert!(late.is_elapsed(), "a reset starts it");
        });
    }

    #[test]
    fn a_sleep_knows_its_deadline_and_whether_it_has_passed() {
        world(|| async {
            let deadline = Instant::now() + HOUR;
            let mut sleep = pin!(sleep_until(deadline));
            assert!(!sleep.is_elapsed() && sleep.deadline() == deadline);
            sleep.as_mut().await;
            assert!(sleep.is_elapsed() && sleep.deadline() == deadline);
        });
    }

    #[test]
    fn a_sleep_can_be_reset_earlier_later_and_after_its_end() {
        world(|| async {
            for (first, second) in [(10, 3), (3, 10)] {
                let started = Instant::now();
                let mut sleep = pin!(sleep(HOUR * first));
                assert!(poll_once(sleep.as_mut()).await.is_pending());
                sleep.as_mut().reset(started + HOUR * second);
                sleep.as_mut().await;
                let waited = started.elapsed();
                assert!(waited >= HOUR * second && waited < HOUR * (second + 1), "{waited:?}");
                sleep.as_mut().reset(Instant::now() + HOUR);
                assert!(!sleep.is_elapsed());
                sleep.await;
                assert!(started.elapsed() >= HOUR * (second + 1));
            }
        });
    }

    #[test]
    fn a_reset_moves_the_timer_of_a_task_that_waits_already() {
        world(|| async {
            let started = Instant::now();
            let shared = Rc::new(RefCell::new(Box::pin(sleep(HOUR * 10))));
            let waits = shared.clone();
            let task = spawn_local(poll_fn(move |cx| waits.borrow_mut().as_mut().poll(cx)));
            sleep(HOUR).await;
            shared.borrow_mut().as_mut().reset(started + HOUR * 2);
            task.await.unwrap();
            assert!(started.elapsed() < HOUR * 3, "{:?}", started.elapsed());
        });
    }

    #[test]
    fn a_timeout_gives_the_value_or_elapsed() {
        world(|| async {
            assert_eq!(timeout(HOUR, async { 5 }).await, Ok(5));
            let error: Elapsed = timeout(HOUR, sleep(HOUR * 2)).await.unwrap_err();
            assert_eq!(error.to_string(), "deadline has elapsed");
            assert_eq!(format!("{error:>21}|"), " deadline has elapsed|");
            assert_eq!(std::io::Error::from(error).kind(), std::io::ErrorKind::TimedOut);
            assert!(timeout_at(Instant::now() + HOUR, sleep(HOUR * 2)).await.is_err());
            assert!(timeout_at(Instant::now() + HOUR * 2, sleep(HOUR)).await.is_ok());
        });
    }

    #[test]
    fn a_value_that_is_there_beats_a_deadline_that_has_passed() {
        world(|| async {
            assert!(timeout(Duration::ZERO, ready(())).await.is_ok());
            let start = Instant::now();
            sleep(HOUR).await;
            assert!(timeout_at(start, ready(())).await.is_ok());
            assert!(timeout_at(start, pending::<()>()).await.is_err());
        });
    }

    #[test]
    fn a_timeout_drops_its_future() {
        world(|| async {
            let (count, held) = dropped();
            assert!(timeout(HOUR, forever(held)).await.is_err());
            assert_eq!(count.load(Relaxed), 1);
        });
    }

    #[test]
    fn a_timeout_shows_and_gives_back_its_future() {
        world(|| async {
            let mut bounded = timeout(HOUR, ready(1));
            assert_eq!(bounded.get_ref().clone().into_inner(), 1);
            *bounded.get_mut() = ready(2);
            assert_eq!(bounded.into_inner().await, 2);
        });
    }

    #[test]
    fn a_duration_past_the_end_of_time_never_ends() {
        world(|| async {
            assert_eq!(timeout(Duration::MAX, async { 1 }).await, Ok(1));
            assert!(timeout(HOUR, sleep(Duration::MAX)).await.is_err());
            let mut ticks = interval(HOUR);
            ticks.tick().await;
            ticks.reset_after(Duration::MAX);
            assert!(timeout(HOUR * 5, ticks.tick()).await.is_err());
        });
    }

    #[test]
    fn the_first_tick_is_at_once_and_each_is_due_a_period_after_the_one_before() {
        world(|| async {
            let started = Instant::now();
            let mut ticks = interval(HOUR);
            assert_eq!(ticks.period(), HOUR);
            for nth in 0..4 {
                assert_eq!(ticks.tick().await - started, HOUR * nth);
                assert!(started.elapsed() >= HOUR * nth);
            }
        });
    }

    #[test]
    fn an_interval_can_start_later() {
        world(|| async {
            let start = Instant::now() + HOUR * 2;
            let mut ticks = interval_at(start, HOUR);
            assert_eq!(ticks.tick().await, start);
            assert!(Instant::now() >= start);
            assert_eq!(ticks.tick().await, start + HOUR);
        });
    }

    #[test]
    fn missed_ticks_follow_their_behaviour() {
        world(|| async {
            for behavior in [MissedTickBehavior::Burst, MissedTickBehavior::Delay, MissedTickBehavior::Skip] {
                let mut ticks = interval(HOUR);
                assert_eq!(ticks.missed_tick_behavior(), MissedTickBehavior::default());
                ticks.set_missed_tick_behavior(behavior);
                assert_eq!(ticks.missed_tick_behavior(), behavior);
                let start = ticks.tick().await;
                sleep(HOUR * 5 / 2).await;
                assert_eq!(ticks.tick().await - start, HOUR, "the missed tick itself comes as it was due");
                let now = Instant::now();
                let next = ticks.tick().await;
                match behavior {
                    MissedTickBehavior::Burst => assert_eq!(next - start, HOUR * 2),
                    MissedTickBehavior::Delay => assert!(next - start >= HOUR * 7 / 2 && next <= now + HOUR),
                    MissedTickBehavior::Skip => assert_eq!(next - start, HOUR * 3),
                }
            }
        });
    }

    #[test]
    fn a_tick_that_is_dropped_is_not_lost() {
        world(|| async {
            let start = Instant::now() + HOUR;
            let mut ticks = interval_at(start, HOUR);
            assert!(timeout(HOUR / 2, ticks.tick()).await.is_err());
            assert_eq!(ticks.tick().await, start);
        });
    }

    #[test]
    fn an_interval_can_be_reset() {
        world(|| async {
            let mut ticks = interval(HOUR);
            ticks.tick().await;
            let now = Instant::now();
            ticks.reset_at(now + HOUR * 5);
            assert_eq!(ticks.tick().await - now, HOUR * 5);
            for (reset, after) in [
                (Interval::reset as fn(&mut Interval), HOUR),
                (Interval::reset_immediately, Duration::ZERO),
                (|ticks| ticks.reset_after(HOUR * 3), HOUR * 3),
            ] {
                let now = Instant::now();
                reset(&mut ticks);
                assert_eq!(ticks.tick().await - now, after);
            }
        });
    }

    #[test]
    fn an_interval_without_a_period_is_refused() {
        world(|| async {
            for make in [|| interval(Duration::ZERO), || interval_at(Instant::now(), Duration::ZERO)] {
                let payload = catch_unwind(AssertUnwindSafe(make)).map(drop).unwrap_err();
                assert_eq!(payload.downcast_ref::<&str>(), Some(&"`period` must be non-zero."));
            }
        });
    }

    #[test]
    fn what_was_due_before_the_start_is_due() {
        world(|| async {
            let long_ago = Instant::now() - HOUR;
            assert!(long_ago.elapsed() >= HOUR && long_ago < Instant::now());
            assert_eq!((long_ago + HOUR) - long_ago, HOUR);
            sleep_until(long_ago).await;
            assert!(timeout_at(long_ago, pending::<()>()).await.is_err());
            assert_eq!(interval_at(long_ago, 2 * HOUR).tick().await, long_ago);
        });
    }

    #[test]
    fn instants_calculate() {
        world(|| async {
            let early = Instant::now();
            sleep(HOUR).await;
            let late = Instant::now();
            assert!(late > early);
            assert_eq!(early + (late - early), late);
            assert_eq!(late - (late - early), early);
            assert_eq!(early.duration_since(late), Duration::ZERO);
            assert_eq!(early.saturating_duration_since(late), Duration::ZERO);
            assert_eq!(early - late, Duration::ZERO);
            assert_eq!(early.checked_duration_since(late), None);
            assert_eq!(late.checked_duration_since(early), Some(late - early));
            assert_eq!(early.checked_add(Duration::MAX), None);
            assert_eq!(late.checked_sub(Duration::MAX), None);
            assert_eq!(late.checked_sub(HOUR).map(|instant| instant + HOUR), Some(late));
            let mut moved = early;
            moved += HOUR;
            moved -= HOUR;
            assert_eq!(moved, early);
            let std: std::time::Instant = late.into();
            assert_eq!(Instant::from(std), late);
            assert_eq!(Instant::from_std(early.into_std()), early);
        });
    }
}

mod sync {
    use super::*;
    use tokio::spawn;

    #[test]
    fn a_bounded_channel_keeps_order_and_holds_its_sender_back() {
        world(|| async {
            let (sender, mut receiver) = mpsc::channel(2);
            let sent = Arc::new(AtomicUsize::new(0));
            let count = sent.clone();
            let task = spawn(async move {
                for number in 0..10 {
                    sender.send(number).await.unwrap();
                    count.fetch_add(1, Relaxed);
                }
            });
            sleep(HOUR).await;
            assert_eq!(sent.load(Relaxed), 2);
            for number in 0..10 {
                assert_eq!(receiver.recv().await, Some(number));
            }
            assert_eq!(receiver.recv().await, None);
            task.await.unwrap();
        });
    }

    #[test]
    fn a_channel_tells_full_from_closed() {
        use mpsc::error::{SendError, TryRecvError, TrySendError};
        world(|| async {
            let (sender, mut receiver) = mpsc::channel(1);
            assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
            sender.try_send(1).unwrap();
            assert_eq!(sender.try_send(2), Err(TrySendError::Full(2)));
            receiver.close();
            assert_eq!(sender.send(3).await, Err(SendError(3)));
            assert_eq!(sender.try_send(4), Err(TrySendError::Closed(4)));
            assert_eq!(receiver.recv().await, Some(1), "what was sent before is still received");
            assert_eq!(receiver.recv().await, None);
            assert!(sender.is_closed());
            sender.closed().await;
        });
    }

    #[test]
    fn a_reserved_place_in_a_channel_is_kept_until_it_is_used_or_dropped() {
        world(|| async {
            let (sender, mut receiver) = mpsc::channel(1);
            let permit = sender.reserve().await.unwrap();
            assert!(sender.try_send(1).is_err());
            drop(permit);
            sender.reserve().await.unwrap().send(2);
            let mut received = Vec::new();
            assert_eq!(receiver.recv_many(&mut received, 10).await, 1);
            assert_eq!(received, [2]);
            let weak = sender.downgrade();
            drop(sender);
            assert!(weak.upgrade().is_none());
            assert_eq!(receiver.recv().await, None);
        });
    }

    #[test]
    fn a_oneshot_gives_its_value_or_says_that_its_sender_is_gone() {
        world(|| async {
            let (sender, receiver) = oneshot::channel();
            spawn(async move { sender.send(1) });
            assert_eq!(receiver.await, Ok(1));
            let (sender, receiver) = oneshot::channel::<u8>();
            drop(sender);
            assert!(receiver.await.is_err());
            let (mut sender, receiver) = oneshot::channel();
            spawn(async move { drop(receiver) });
            sender.closed().await;
            assert_eq!(sender.send(1), Err(1));
        });
    }

    #[test]
    fn a_semaphore_admits_as_many_as_it_has_permits_in_the_order_of_waiting() {
        world(|| async {
            let slots = Arc::new(Semaphore::new(1));
            let order = Arc::new(std::sync::Mutex::new(Vec::new()));
            let held = slots.clone().acquire_owned().await.unwrap();
            let mut tasks = JoinSet::new();
            for number in 0..3 {
                let (slots, order) = (slots.clone(), order.clone());
                tasks.spawn(async move {
                    let _slot = slots.acquire().await.unwrap();
                    order.lock().unwrap().push(number);
                    sleep(HOUR).await;
                });
                // Each is in the queue before the next one asks.
                sleep(HOUR).await;
            }
            assert_eq!(slots.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
            drop(held);
            tasks.join_all().await;
            assert_eq!(*order.lock().unwrap(), [0, 1, 2]);
            assert_eq!(slots.available_permits(), 1);
        });
    }

    #[test]
    fn permits_can_be_many_added_forgotten_and_closed() {
        world(|| async {
            let slots = Arc::new(Semaphore::new(2));
            let waits = slots.clone();
            let task = spawn(async move { waits.acquire_many(3).await.unwrap().num_permits() });
            sleep(HOUR).await;
            slots.add_permits(1);
            assert_eq!(task.await.unwrap(), 3);
            slots.acquire_many(2).await.unwrap().forget();
            assert_eq!(slots.available_permits(), 1);
            let waits = slots.clone();
            let task = spawn(async move { waits.acquire_many(2).await.is_err() });
            sleep(HOUR).await;
            slots.close();
            assert!(task.await.unwrap());
            assert_eq!(slots.try_acquire().unwrap_err(), TryAcquireError::Closed);
        });
    }

    #[test]
    fn one_notification_is_kept_for_whoever_comes_next() {
        world(|| async {
            let notify = Notify::new();
            notify.notify_one();
            notify.notify_one();
            notify.notified().await;
            assert!(timeout(HOUR, notify.notified()).await.is_err());
            notify.notify_waiters();
            assert!(timeout(HOUR, notify.notified()).await.is_err(), "only for those who wait already");
        });
    }

    #[test]
    fn notify_waiters_reaches_all_who_wait() {
        world(|| async {
            let notify = Arc::new(Notify::new());
            let mut tasks = JoinSet::new();
            for _ in 0..4 {
                let notify = notify.clone();
                tasks.spawn(async move { notify.notified().await });
            }
            sleep(HOUR).await;
            let mut enabled = pin!(notify.notified());
            enabled.as_mut().enable();
            notify.notify_waiters();
            enabled.await;
            assert_eq!(tasks.join_all().await.len(), 4);
        });
    }

    #[test]
    fn a_watch_shows_its_latest_value_to_everyone() {
        world(|| async {
            let (sender, receiver) = watch::channel(0);
            let mut tasks = JoinSet::new();
            for _ in 0..20 {
                let mut receiver = receiver.clone();
                tasks.spawn(async move { *receiver.wait_for(|value| *value >= 2).await.unwrap() });
            }
            sleep(HOUR).await;
            sender.send(1).unwrap();
            sender.send_modify(|value| *value += 1);
            assert_eq!(tasks.join_all().await, [2; 20]);
            let mut late = sender.subscribe();
            assert!(!late.has_changed().unwrap());
            assert!(!sender.send_if_modified(|_| false));
            sender.send_replace(7);
            late.changed().await.unwrap();
            assert_eq!(*late.borrow_and_update(), 7);
            drop(sender);
            assert!(late.changed().await.is_err());
        });
    }

    #[test]
    fn a_mutex_is_held_across_awaits_by_one_task_at_a_time() {
        world(|| async {
            let account = Arc::new(Mutex::new(0));
            let mut tasks = JoinSet::new();
            for _ in 0..10 {
                let account = account.clone();
                tasks.spawn(async move {
                    let mut balance = account.lock().await;
                    let before = *balance;
                    yield_now().await;
                    sleep(Duration::from_millis(1)).await;
                    *balance = before + 1;
                });
            }
            tasks.join_all().await;
            let held = account.clone().lock_owned().await;
            assert_eq!(*held, 10);
            let refused: Result<_, TryLockError> = account.try_lock();
            assert!(refused.is_err());
            drop(held);
            assert_eq!(*account.try_lock().unwrap(), 10);
        });
    }

    #[test]
    fn readers_share_a_lock_and_a_writer_has_it_alone() {
        world(|| async {
            let lock = Arc::new(RwLock::new(0));
            let (one, two) = (lock.read().await, lock.read().await);
            assert!(lock.try_write().is_err());
            let writes = lock.clone();
            let writer = spawn(async move {
                let mut value = writes.write().await;
                *value += 1;
                *value.downgrade()
            });
            sleep(HOUR).await;
            assert!(lock.try_read().is_err(), "a writer that waits comes before new readers");
            drop((one, two));
            assert_eq!(writer.await.unwrap(), 1);
            assert_eq!(*lock.read().await, 1);
        });
    }

    #[test]
    fn a_broadcast_reaches_each_receiver_and_tells_who_lags() {
        use broadcast::error::RecvError;
        world(|| async {
            let (sender, mut one) = broadcast::channel(2);
            let mut two = sender.subscribe();
            assert_eq!(sender.send(1).unwrap(), 2);
            assert_eq!((one.recv().await, two.recv().await), (Ok(1), Ok(1)));
            for number in 2..6 {
                sender.send(number).unwrap();
            }
            assert_eq!(one.recv().await, Err(RecvError::Lagged(2)));
            assert_eq!((one.recv().await, one.recv().await), (Ok(4), Ok(5)));
            drop(sender);
            assert_eq!(one.recv().await, Err(RecvError::Closed));
        });
    }

    #[test]
    fn a_barrier_lets_all_go_together_and_names_one_leader() {
        world(|| async {
            let started = Instant::now();
            let barrier = Arc::new(Barrier::new(3));
            let mut tasks = JoinSet::new();
            for hours in 0..3 {
                let barrier = barrier.clone();
                tasks.spawn(async move {
                    sleep(HOUR * hours).await;
                    (barrier.wait().await.is_leader(), Instant::now())
                });
            }
            let ended = tasks.join_all().await;
            assert_eq!(ended.iter().filter(|(leads, _)| *leads).count(), 1);
            assert!(ended.iter().all(|(_, at)| *at - started >= HOUR * 2));
        });
    }

    #[test]
    fn a_cell_is_set_up_once() {
        world(|| async {
            let (cell, calls) = (Arc::new(OnceCell::new()), Arc::new(AtomicUsize::new(0)));
            let mut tasks = JoinSet::new();
            for _ in 0..5 {
                let (cell, calls) = (cell.clone(), calls.clone());
                tasks.spawn(async move {
                    let set_up = || async {
                        sleep(HOUR).await;
                        calls.fetch_add(1, Relaxed)
                    };
                    *cell.get_or_init(set_up).await
                });
            }
            assert_eq!(tasks.join_all().await, [0; 5]);
            assert_eq!(calls.load(Relaxed), 1);
        });
    }
}

mod selects {
    use super::*;

    #[test]
    fn the_branch_that_is_ready_wins_and_the_others_are_dropped() {
        world(|| async {
            let (count, held) = dropped();
            let value = select! {
                () = forever(held) => unreachable!(),
                value = async { 3 } => value,
            };
            assert_eq!((value, count.load(Relaxed)), (3, 1));
        });
    }

    #[test]
    fn biased_takes_the_first_ready_branch() {
        world(|| async {
            for _ in 0..20 {
                let first = select! {
                    biased;
                    () = pending() => 0,
                    () = ready(()) => 1,
                    () = ready(()) => 2,
                };
                assert_eq!(first, 1);
            }
        });
    }

    #[test]
    fn every_way_to_end_a_branch_is_accepted() {
        world(|| async {
            // Blocks and expressions, with and without commas, each of them also last.
            let mut seen = Vec::new();
            select! { _ = ready(1) => { seen.push(1) } }
            select! { _ = ready(1) => { seen.push(2) }, }
            select! { _ = ready(1) => seen.push(3) }
            select! { _ = ready(1) => seen.push(4), }
            select! {
                _ = ready(1) => { seen.push(5) }
                _ = pending::<()>() => {}
            }
            select! {
                _ = ready(1) => { seen.push(6) },
                _ = pending::<()>() => {},
            }
            select! {
                _ = ready(1) => seen.push(7),
                _ = pending::<()>() => {}
            }
            select! {
                _ = ready(1), if seen.len() == 7 => { seen.push(8) }
                _ = pending::<()>(), if true => {}
                else => unreachable!(),
            }
            select! {
                biased;
                _ = pending::<()>(), if true => (),
                _ = ready(1), if seen.len() == 8 => seen.push(9)
            }
            assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        });
    }

    #[test]
    fn patterns_bind_and_those_that_do_not_match_leave_the_race() {
        struct Point {
            x: i32,
            y: i32,
        }
        world(|| async {
            let number = select! {
                Some(number) = ready(None::<i32>) => number,
                Ok::<i32, ()>(number) = async { yield_now().await; Ok(4) } => number,
            };
            assert_eq!(number, 4);
            let sum = select! {
                Point { x, mut y } = ready(Point { x: 1, y: 2 }) => { y += x; y }
                (a, _, [b, ..]) = pending::<(i32, i32, [i32; 3])>() => a + b,
            };
            assert_eq!(sum, 3);
            let length = select! { ref text = async { "owned".to_owned() } => text.len() };
            assert_eq!(length, 5);
            let size = select! { 1 | 2 = ready(2) => "small", else => "large" };
            assert_eq!(size, "small");
            let whole = select! { whole @ Some(_) = ready(Some(6)) => whole, else => None };
            assert_eq!(whole, Some(6));
        });
    }

    #[test]
    fn else_runs_when_no_branch_is_left() {
        world(|| async {
            let nothing = || ready(None::<u8>);
            assert_eq!(select! { Some(value) = nothing() => value, else => 9 }, 9);
            assert_eq!(select! { biased; Some(value) = nothing() => value, else => 8, }, 8);
            assert_eq!(select! { value = ready(1), if false => value, else => { 7 } }, 7);
            assert_eq!(select! { else => 6 }, 6);
            assert_eq!(select! { else => 5, }, 5);
            assert_eq!(select! { biased; else => 4 }, 4);
        });
    }

    #[test]
    fn a_false_precondition_disables_its_branch_but_its_future_is_made() {
        world(|| async {
            let made = Cell::new(0);
            let make = |value| {
                made.set(made.get() + 1);
                ready(value)
            };
            let on = false;
            let value = select! {
                value = make(1), if on => value,
                value = make(2), if !on => value,
            };
            assert_eq!((value, made.get()), (2, 2));
        });
    }

    #[test]
    fn without_a_branch_left_and_without_else_it_panics() {
        world(|| async {
            let mut race = pin!(async {
                select! { _ = ready(1), if false => {} }
            });
            let payload = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| race.as_mut().poll(cx))) {
                Ok(polled) => polled.map(|()| None),
                Err(payload) => Poll::Ready(Some(payload)),
            });
            let payload = payload.await.unwrap();
            let message = "all branches are disabled and there is no else branch";
            assert_eq!(payload.downcast_ref::<&str>(), Some(&message));
        });
    }

    #[test]
    fn a_loop_resumes_futures_by_reference() {
        world(|| async {
            let (sender, mut receiver) = mpsc::channel(1);
            let producer = tokio::spawn(async move {
                for number in 0..20 {
                    sender.send(number).await.unwrap();
                    sleep(HOUR / 60).await;
                }
            });
            let mut deadline = pin!(sleep(HOUR * 10));
            let mut ticks = interval(HOUR / 7);
            let (mut received, mut ticked) = (Vec::new(), 0);
            loop {
                select! {
                    number = receiver.recv() => match number {
                        Some(number) => received.push(number),
                        None => break,
                    },
                    _ = ticks.tick(), if ticked < 3 => ticked += 1,
                    () = &mut deadline => unreachable!("{received:?}"),
                }
            }
            assert_eq!(received, (0..20).collect::<Vec<_>>());
            producer.await.unwrap();
        });
    }

    #[test]
    fn control_flow_leaves_through_a_branch() {
        async fn rounds() -> Result<u32, String> {
            for round in 0.. {
                select! {
                    result = async { if round < 2 { Ok(round) } else { Err("third".to_owned()) } } => {
                        if result? == 0 { continue }
                    }
                    () = pending() => return Ok(99),
                }
            }
            Ok(0)
        }
        world(|| async {
            assert_eq!(rounds().await, Err("third".to_owned()));
        });
    }

    #[test]
    fn branches_may_borrow_what_handlers_change() {
        world(|| async {
            let mut queue = vec![1, 2, 3];
            let first = select! {
                first = async { queue.first().copied() } => { queue.clear(); first }
                () = async { let _length = queue.len(); pending().await } => { queue.push(4); None }
            };
            assert_eq!((first, queue.len()), (Some(1), 0));
            let value = select! { value = &mut Box::pin(async { 9 }) => value };
            assert_eq!(value, 9, "a temporary lives as long as the race");
        });
    }

    #[test]
    fn a_select_may_stand_in_any_part_of_another() {
        world(|| async {
            let value = select! {
                value = async {
                    select! {
                        value = ready(1) => value,
                        () = pending() => 0,
                    }
                } => select! { more = ready(value + 1) => more },
                () = pending(), if select! { yes = ready(true) => yes } => 0,
                else => select! { zero = ready(0) => zero },
            };
            assert_eq!(value, 2);
        });
    }

    #[test]
    fn into_future_is_enough_for_a_branch() {
        struct Later(u32);
        impl IntoFuture for Later {
            type Output = u32;
            type IntoFuture = std::future::Ready<u32>;
            fn into_future(self) -> Self::IntoFuture {
                ready(self.0)
            }
        }
        world(|| async {
            assert_eq!(select! { value = Later(4) => value }, 4);
        });
    }

    #[test]
    fn sixty_four_branches_are_not_too_many() {
        async fn only_the_last(number: u32) -> u32 {
            if number == 63 { number } else { pending().await }
        }
        macro_rules! race {
            ($($number:literal)*) => {
                select! { $(winner = only_the_last($number) => winner,)* }
            };
        }
        world(|| async {
            let winner = race!(
                0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
                32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
            );
            assert_eq!(winner, 63);
        });
    }

    #[test]
    fn each_of_three_ready_branches_wins_sometimes() {
        world(|| async {
            let mut winners = BTreeSet::new();
            for _ in 0..200 {
                winners.insert(select! {
                    () = ready(()) => 1,
                    () = ready(()) => 2,
                    () = ready(()) => 3,
                });
            }
            assert_eq!(winners.len(), 3);
        });
    }

    #[test]
    fn join_waits_for_all_and_try_join_for_the_first_error() {
        world(|| async {
            let started = Instant::now();
            let (one, (), three) = join!(async { 1 }, sleep(HOUR), async {
                yield_now().await;
                3
            });
            assert_eq!((one, three), (1, 3));
            assert!(started.elapsed() >= HOUR);
            assert_eq!(join!(biased; async { 1 }, async { 2 },), (1, 2));
            assert_eq!(try_join!(async { Ok::<_, u8>(1) }, async { Ok(2) }), Ok((1, 2)));
            let failed = try_join!(async { Err::<(), _>(7) }, async {
                pending::<()>().await;
                Ok(())
            });
            assert_eq!(failed, Err(7));
        });
    }

    #[test]
    fn pin_pins_to_the_stack() {
        world(|| async {
            let future = async { 1 };
            tokio::pin!(future);
            assert_eq!((&mut future).await, 1);
            tokio::pin! {
                let second = async { 2 };
                let third = async { 3 };
            }
            assert_eq!((second.await, third.await), (2, 3));
        });
    }
}

/// What only a world promises: which branch is polled first is a decision.
#[cfg(madsim)]
mod decisions {
    use super::*;

    async fn race() -> u32 {
        select! {
            () = ready(()) => 1,
            () = ready(()) => 2,
            () = ready(()) => 3,
        }
    }

    /// Who wins six races of the scenario's own task and one of another, for each of 40 seeds.
    fn winners() -> Vec<Vec<u32>> {
        let all = Arc::new(std::sync::Mutex::new(Vec::new()));
        let log = all.clone();
        let body = move |world: seedbed::World| {
            let log = log.clone();
            async move {
                let mut seen = Vec::new();
                for _ in 0..6 {
                    seen.push(race().await);
                }
                seen.push(world.spawn("other", race()).await?);
                log.lock().unwrap().push(seen);
                Ok(())
            }
        };
        seedbed::sweep("winners", 0..40, body).assert_clean();
        Arc::into_inner(all).unwrap().into_inner().unwrap()
    }

    #[test]
    fn the_first_branch_is_drawn_from_the_seed_and_replays() {
        let winners_by_seed = winners();
        assert_eq!(winners_by_seed, winners(), "a seed replays");
        assert!(winners_by_seed.iter().collect::<BTreeSet<_>>().len() > 30, "other seeds, other winners");
        for nth in 0..7 {
            let winners: BTreeSet<u32> = winners_by_seed.iter().map(|winners| winners[nth]).collect();
            assert_eq!(winners.len(), 3, "race {nth}");
        }
    }

    #[test]
    fn without_a_seed_the_first_ready_branch_wins() {
        let report = seedbed::run_calm("calm", |_| async {
            for _ in 0..20 {
                assert_eq!(race().await, 1);
            }
            Ok(())
        });
        report.assert_clean();
    }
}
