//! Runtimes with more than one thread.

use std::{future::Future, time::Duration};

/// Enough for others to have a turn.
pub(crate) const MOMENT: Duration = Duration::from_millis(5);

/// Runs `body` where two threads run tasks.
#[cfg(madsim)]
pub(crate) fn on_threads<F: Future<Output = ()> + Send + 'static>(body: fn() -> F) {
    crate::support::world(body);
}

#[cfg(not(madsim))]
pub(crate) fn on_threads<F: Future<Output = ()> + Send + 'static>(body: fn() -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { tokio::spawn(body()).await.unwrap() });
}
