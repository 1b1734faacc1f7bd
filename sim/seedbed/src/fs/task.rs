//! Tasks that make many calls to files. The seam crate gives them threads on the real side.

use crate::task::{JoinError, JoinHandle};
use std::future::Future;

/// Starts a task of the same node. On the real side it has a thread of its own, where calls to files block.
pub fn spawn<F>(task: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    crate::task::spawn(task)
}

/// Runs a task of the same node to its end, whether or not whoever waits for it goes away.
///
/// # Errors
/// The task panicked, or its node was killed.
///
/// # Cancel safety
/// Dropped before it is polled, nothing has happened; then, it goes on.
pub async fn run<F>(task: F) -> Result<F::Output, JoinError>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    spawn(task).await
}
