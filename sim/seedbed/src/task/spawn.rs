//! Spawning.

use super::{JoinHandle, local_set::spawn_into_current};
use crate::{
    context,
    runtime::{Handle, RuntimeFlavor},
};
use std::{cell::Cell, future::Future};

/// Spawns a task. It goes on if the handle is dropped, until it ends or its world does.
///
/// # Panics
/// Outside a world.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    spawn_anywhere(future)
}

/// Spawns a task that need not be `Send`: in a world all tasks share one thread. From within a [`LocalSet`](super::LocalSet)
/// it is one of that set; outside of all it is any task, where tokio panics.
///
/// # Panics
/// Outside a world.
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_into_current(future).unwrap_or_else(spawn_anywhere)
}

fn spawn_anywhere<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    context::with(|core| JoinHandle::new(core.spawn(None, false, future)))
}

/// Runs `work` in the caller's turn. A world has one thread, so everything else stands still meanwhile: `work` must not wait
/// for another task, and takes no virtual time.
///
/// # Panics
/// If `work` does. In a runtime that was built to be of one thread, as tokio's.
pub fn block_in_place<F, R>(work: F) -> R
where
    F: FnOnce() -> R,
{
    let has_one_thread = context::is_driving() && Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread;
    assert!(may_block() || !has_one_thread, "can call blocking only when running on the multi-threaded runtime");
    blocking(work)
}

/// Spawns a task that runs `work` in one turn. A world has one thread, so everything else stands still
/// meanwhile: `work` must not wait for another task, and takes no virtual time.
///
/// # Panics
/// Outside a world.
pub fn spawn_blocking<F, R>(work: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    spawn(async move { blocking(work) })
}

thread_local! {
    static BLOCKING: Cell<u32> = const { Cell::new(0) };
}

/// Whether what runs is where tokio lets a thread block.
pub(crate) fn may_block() -> bool {
    BLOCKING.get() > 0
}

/// Runs `work` where a thread may block.
pub(crate) fn blocking<R>(work: impl FnOnce() -> R) -> R {
    struct Blocking;
    impl Drop for Blocking {
        fn drop(&mut self) {
            BLOCKING.set(BLOCKING.get() - 1);
        }
    }
    BLOCKING.set(BLOCKING.get() + 1);
    let _blocking = Blocking;
    work()
}
