//! Runtimes whose tasks need not be `Send`.

use super::{EnterGuard, Handle, Runtime, RuntimeMetrics};
use crate::{
    task::{JoinHandle, LocalSet},
    time::Duration,
};
use std::{future::Future, io, marker::PhantomData};

/// A [`Runtime`] of one thread whose tasks need not be `Send`: in a world all tasks share one thread.
#[derive(Debug)]
pub struct LocalRuntime {
    runtime: Runtime,
    /// As tokio's, it stays on its thread.
    _not_send: PhantomData<*mut u8>,
}

/// What may be said of a local runtime: nothing.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct LocalOptions {
    _not_send: PhantomData<*mut u8>,
}

impl LocalRuntime {
    pub(super) fn of(runtime: Runtime) -> Self {
        Self { runtime, _not_send: PhantomData }
    }

    /// A local runtime.
    ///
    /// # Errors
    /// None.
    pub fn new() -> io::Result<Self> {
        super::Builder::new_current_thread().enable_all().build_local(LocalOptions::default())
    }

    /// To spawn on it from elsewhere.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Spawns a task. In plain code it runs when somebody blocks.
    ///
    /// # Panics
    /// As [`Runtime::spawn`].
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.handle().spawn_by("tokio::runtime::LocalRuntime::spawn_local", future)
    }

    /// As [`Runtime::spawn_blocking`].
    ///
    /// # Panics
    /// As there.
    pub fn spawn_blocking<F, R>(&self, work: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.runtime.spawn_blocking(work)
    }

    /// As [`Runtime::block_on`].
    ///
    /// # Panics
    /// As there.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.handle().block_on_by("tokio::runtime::LocalRuntime::block_on", future)
    }

    /// As [`Runtime::enter`].
    ///
    /// # Panics
    /// As there.
    pub fn enter(&self) -> EnterGuard<'_> {
        self.runtime.enter()
    }

    /// As [`Runtime::shutdown_timeout`].
    ///
    /// # Panics
    /// As there.
    pub fn shutdown_timeout(self, duration: Duration) {
        self.runtime.shutdown_timeout(duration);
    }

    /// As [`Runtime::shutdown_background`].
    pub fn shutdown_background(self) {
        self.runtime.shutdown_background();
    }

    /// What it tells of itself.
    #[must_use]
    pub fn metrics(&self) -> RuntimeMetrics {
        self.runtime.metrics()
    }
}

impl LocalSet {
    /// Waits until `future` is ready, as [`Runtime::block_on`], and runs the set's tasks meanwhile.
    ///
    /// # Panics
    /// As [`Runtime::block_on`].
    #[track_caller]
    pub fn block_on<F: Future>(&self, rt: &Runtime, future: F) -> F::Output {
        rt.block_on(self.run_until(future))
    }
}
