//! `tokio::task::{spawn, spawn_blocking, JoinHandle, AbortHandle, JoinError}`.

use crate::{
    HOUR, after_hours,
    marks::{Dropped, forever, panics, planned},
    quick,
    support::world,
};
use std::{
    future::pending,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
};
use tokio::{
    spawn,
    sync::oneshot,
    task::{AbortHandle, block_in_place, id, spawn_blocking, spawn_local, try_id},
    time::sleep,
};

/// Looks, when it is dropped, whether its task has ended already.
struct Last {
    task: Arc<OnceLock<AbortHandle>>,
    dropped: Arc<AtomicUsize>,
    too_late: Arc<AtomicBool>,
}

impl Drop for Last {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Relaxed);
        let has_ended = self.task.get().is_some_and(AbortHandle::is_finished);
        self.too_late.fetch_or(has_ended, Relaxed);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Returns,
    Panics,
    IsAborted,
}

#[test]
fn a_task_has_ended_only_when_all_that_it_held_is_dropped() {
    world(|| async {
        for end in [End::Returns, End::Panics, End::IsAborted] {
            let (task, dropped, too_late) =
                <(Arc<OnceLock<AbortHandle>>, Arc<AtomicUsize>, Arc<AtomicBool>)>::default();
            let last = Last { task: task.clone(), dropped: dropped.clone(), too_late: too_late.clone() };
            let handle = spawn(async move {
                let _last = last;
                match end {
                    End::Returns => {}
                    End::Panics => planned(),
                    End::IsAborted => pending().await,
                }
            });
            task.set(handle.abort_handle()).unwrap();
            sleep(HOUR).await;
            if end == End::IsAborted {
                handle.abort();
            }
            assert_eq!(handle.await.is_ok(), end == End::Returns);
            assert_eq!(dropped.load(Relaxed), 1);
            assert!(!too_late.load(Relaxed));
        }
    });
}

#[test]
fn a_task_starts_although_nobody_awaits_it() {
    world(|| async {
        let (sender, receiver) = oneshot::channel();
        let task = spawn(async { sender.send(7) });
        assert_eq!(receiver.await, Ok(7));
        task.await.unwrap().unwrap();
    });
}

#[test]
fn an_aborted_task_ends_although_nobody_awaits_it() {
    world(|| async {
        let (count, held) = Dropped::new();
        let task = spawn(forever(held));
        sleep(HOUR).await;
        task.abort();
        sleep(HOUR).await;
        assert!(task.is_finished() && task.abort_handle().is_finished());
        assert_eq!(count.load(Relaxed), 1);
    });
}

#[test]
fn a_task_may_be_aborted_again() {
    world(|| async {
        let task = spawn(pending::<()>());
        let abort = task.abort_handle();
        task.abort();
        abort.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        abort.abort();
        assert!(abort.is_finished());
    });
}

#[test]
fn the_right_to_abort_may_be_given_up() {
    world(|| async {
        let task = spawn(after_hours(1));
        drop(task.abort_handle());
        assert_eq!(task.await.unwrap(), 1);
    });
}

#[test]
fn the_right_to_abort_outlives_the_handle() {
    world(|| async {
        let (count, held) = Dropped::new();
        let abort = spawn(forever(held)).abort_handle();
        sleep(HOUR).await;
        assert_eq!(count.load(Relaxed), 0, "a task without a handle goes on");
        abort.abort();
        sleep(HOUR).await;
        assert_eq!(count.load(Relaxed), 1);
    });
}

#[test]
fn a_task_that_was_cancelled_has_no_panic_to_give() {
    world(|| async {
        let task = spawn(pending::<()>());
        task.abort();
        let error = task.await.unwrap_err();
        assert!(panics(|| error.into_panic()));
    });
}

#[test]
fn a_panic_ends_its_own_task_alone() {
    world(|| async {
        let other = spawn(after_hours(1));
        assert!(spawn(async { planned() }).await.map(|(): ()| ()).unwrap_err().is_panic());
        assert_eq!(other.await.unwrap(), 1);
    });
}

#[test]
fn blocking_work_that_has_begun_cannot_be_aborted() {
    world(|| async {
        let (send, receive) = mpsc::channel::<AbortHandle>();
        let task = spawn_blocking(move || {
            receive.recv().unwrap().abort();
            5
        });
        send.send(task.abort_handle()).unwrap();
        assert_eq!(task.await.unwrap(), 5);
    });
}

#[test]
fn blocking_work_goes_on_without_its_handle() {
    world(|| async {
        let (sender, receiver) = oneshot::channel();
        drop(spawn_blocking(move || sender.send(7)));
        assert_eq!(receiver.await, Ok(7));
    });
}

#[test]
fn a_task_that_starts_another_may_end_first() {
    world(|| async {
        let (sender, receiver) = oneshot::channel();
        let parent = spawn(async move {
            spawn(async move {
                sleep(HOUR).await;
                sender.send(7)
            });
        });
        parent.await.unwrap();
        assert_eq!(receiver.await, Ok(7));
    });
}

#[test]
fn outside_a_runtime_nothing_is_spawned() {
    assert!(panics(|| spawn(async {})));
    assert!(panics(|| spawn_local(async {})));
    assert!(panics(|| spawn_blocking(|| ())));
}

#[test]
fn what_is_blocked_on_is_no_task() {
    let runtime = quick();
    assert!(try_id().is_none() && panics(id));
    world(|| async { assert!(try_id().is_none() && panics(id)) });
    runtime.block_on(async {
        assert!(try_id().is_none() && panics(id));
        assert_eq!(spawn(async { try_id().is_some() }).await.ok(), Some(true));
        assert!(try_id().is_none());
    });
}

#[test]
fn outside_a_runtime_one_may_block_in_place() {
    assert_eq!(block_in_place(|| 7), 7);
}

#[test]
fn in_a_runtime_of_several_threads_one_may_block_in_place() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let task = runtime.spawn(async {
        let word = "borrowed".to_owned();
        block_in_place(|| word.len())
    });
    assert_eq!(runtime.block_on(task).unwrap(), 8);
}

#[test]
fn in_a_runtime_of_one_thread_nobody_blocks_in_place() {
    let runtime = quick();
    assert!(panics(|| runtime.block_on(async { block_in_place(|| ()) })));
}

#[test]
fn an_id_is_a_task_s_own_as_long_as_anybody_has_its_handle() {
    world(|| async {
        let ended = spawn(async {});
        let (id, abort) = (ended.id(), ended.abort_handle());
        ended.await.unwrap();
        for _ in 0..20 {
            assert_ne!(spawn(async {}).id(), id);
        }
        assert_eq!(abort.id(), id);
    });
}
