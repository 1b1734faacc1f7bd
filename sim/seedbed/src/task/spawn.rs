//! Spawning.

use super::JoinHandle;
use crate::context;
use std::future::Future;

/// Spawns a task. It goes on if the handle is dropped, until it ends or its world does.
///
/// # Panics
/// Outside a world.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    spawn_local(future)
}

/// Spawns a task that need not be `Send`: in a world all tasks share one thread.
///
/// # Panics
/// Outside a world.
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    context::with(|core| JoinHandle::new(core.spawn(None, false, future)))
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
    spawn(async move { work() })
}
