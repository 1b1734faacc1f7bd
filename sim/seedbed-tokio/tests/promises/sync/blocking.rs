//! The calls of `tokio::sync` that block a thread: in async code they panic, whether they would have to wait or not.

use crate::{marks::panic_of, support::world};
use std::sync::Arc;
use tokio::{
    runtime::Builder,
    spawn,
    sync::{Mutex, RwLock, Semaphore, broadcast, mpsc, oneshot},
    task::block_in_place,
};

/// Whether `work` is refused because it would block a thread that runs async code.
fn is_refused<R>(work: impl FnOnce() -> R) -> bool {
    panic_of(work).contains("Cannot block the current thread from within a runtime")
}

#[test]
fn async_code_blocks_on_no_lock() {
    world(|| async {
        let (mutex, rwlock) = (Arc::new(Mutex::new(())), Arc::new(RwLock::new(())));
        assert!(is_refused(|| drop(mutex.blocking_lock())));
        assert!(is_refused(|| drop(mutex.clone().blocking_lock_owned())));
        assert!(is_refused(|| drop(rwlock.blocking_read())));
        assert!(is_refused(|| drop(rwlock.blocking_write())));
        // A call that was refused holds nothing.
        assert!(mutex.try_lock().is_ok() && rwlock.try_write().is_ok());
    });
}

#[test]
fn async_code_blocks_for_no_permit() {
    world(|| async {
        let permits = Arc::new(Semaphore::new(2));
        assert!(is_refused(|| permits.blocking_acquire().is_ok()));
        assert!(is_refused(|| permits.blocking_acquire_many(2).is_ok()));
        assert!(is_refused(|| permits.clone().blocking_acquire_owned().is_ok()));
        assert!(is_refused(|| permits.clone().blocking_acquire_many_owned(2).is_ok()));
        assert_eq!(permits.available_permits(), 2);
    });
}

#[test]
fn async_code_blocks_on_no_channel() {
    world(|| async {
        let (sender, mut receiver) = mpsc::channel(1);
        assert!(is_refused(|| sender.blocking_send(7)));
        sender.try_send(7).unwrap();
        assert!(is_refused(|| receiver.blocking_recv()));
        assert!(is_refused(|| receiver.blocking_recv_many(&mut Vec::new(), 1)));
        assert_eq!(receiver.try_recv(), Ok(7));

        let (sender, mut receiver) = mpsc::unbounded_channel();
        sender.send(7).unwrap();
        assert!(is_refused(|| receiver.blocking_recv()));
        assert!(is_refused(|| receiver.blocking_recv_many(&mut Vec::new(), 1)));

        let (sender, mut receiver) = broadcast::channel(1);
        sender.send(7).unwrap();
        assert!(is_refused(|| receiver.blocking_recv()));

        let (sender, receiver) = oneshot::channel();
        sender.send(7).unwrap();
        assert!(is_refused(|| receiver.blocking_recv()));
    });
}

#[test]
fn a_task_blocks_on_none_either() {
    world(|| async {
        let mutex = Arc::new(Mutex::new(()));
        assert!(spawn(async move { is_refused(|| drop(mutex.blocking_lock())) }).await.unwrap());
    });
}

#[test]
fn blocking_in_place_allows_it_until_it_returns() {
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(async {
        let mutex = Mutex::new(1);
        block_in_place(|| *mutex.blocking_lock() += 1);
        block_in_place(|| block_in_place(|| *mutex.blocking_lock() += 1));
        assert!(is_refused(|| drop(mutex.blocking_lock())));
        assert_eq!(*mutex.lock().await, 3);
    });
}

#[test]
fn plain_code_may_block_before_between_and_after_what_it_blocks_on() {
    let mutex = Mutex::new(0);
    *mutex.blocking_lock() += 1;
    let runtime = Builder::new_current_thread().build().unwrap();
    *mutex.blocking_lock() += 1;
    for _ in 0..2 {
        runtime.block_on(async { *mutex.lock().await += 1 });
        *mutex.blocking_lock() += 1;
    }
    let entered = runtime.enter();
    *mutex.blocking_lock() += 1;
    drop(entered);
    drop(runtime);
    *mutex.blocking_lock() += 1;
    assert_eq!(mutex.into_inner(), 8);
}
