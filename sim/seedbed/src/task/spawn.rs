//! Spawning.

use super::{
    JoinHandle,
    local_set::{is_in_local_set, spawn_into_current},
};
use crate::{
    context,
    executor::{blocking, may_block},
    runtime::Handle,
};
use std::future::Future;

/// Spawns a task. It goes on if the handle is dropped, until it ends or its world does.
///
/// # Panics
/// Outside a world.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    spawn_anywhere(future)
}

/// Spawns a task that need not be `Send`: in a world all tasks share one thread. From within a [`LocalSet`](super::LocalSet)
/// it is one of that set; in a world that is of no runtime it is any task.
///
/// # Panics
/// Outside a world. As tokio's: in a runtime, but for a local one.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    match spawn_into_current(future) {
        Ok(handle) => handle,
        Err(future) => {
            let group = context::try_with(|core| core.current_home().group);
            let may_be_local = group.is_some_and(|group| group.is_none_or(|group| group.is_local));
            assert!(may_be_local, "`spawn_local` called from outside of a `task::LocalSet` or `runtime::LocalRuntime`");
            spawn_anywhere(future)
        }
    }
}

#[track_caller]
fn spawn_anywhere<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    match Handle::of_entered() {
        Some(handle) => handle.spawn_by("tokio::spawn", future),
        None => context::with(|core| JoinHandle::new(core.spawn(None, false, future))),
    }
}

/// Runs `work` in the caller's turn. It may block on a future ([`Handle::block_on`]): other tasks have their turns then. Else
/// everything stands still meanwhile, as a world has one thread: `work` takes no virtual time, and must wait for no other
/// task by other means.
///
/// # Panics
/// If `work` does. As tokio's: in a runtime of one thread, and in a [`LocalSet`](super::LocalSet).
#[track_caller]
pub fn block_in_place<F, R>(work: F) -> R
where
    F: FnOnce() -> R,
{
    let group = context::try_with(|core| core.current_home().group).flatten();
    let is_of_one_thread = group.is_some_and(|group| !group.is_multi_thread) || is_in_local_set();
    assert!(may_block() || !is_of_one_thread, "can call blocking only when running on the multi-threaded runtime");
    blocking(work)
}

/// Spawns a task that runs `work` in one turn. It may block on a future ([`Handle::block_on`]): other tasks have their turns
/// then. Else everything stands still meanwhile, as a world has one thread: `work` takes no virtual time, and must wait for no
/// other task by other means. Aborted, the task ends when `work` has.
///
/// # Panics
/// Outside a world.
#[track_caller]
pub fn spawn_blocking<F, R>(work: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    spawn(async move { blocking(work) })
}
