//! What a task may do with the runtime that it runs on: its node.

use crate::{context, executor::NodeId, task::JoinHandle};
use std::{error::Error, fmt, future::Future, marker::PhantomData};

/// A node, to spawn on. It is good within its own run.
#[derive(Clone, Debug)]
pub struct Handle {
    node: NodeId,
}

/// What [`Handle::enter`] returns.
#[derive(Debug)]
#[must_use = "as tokio's"]
pub struct EnterGuard<'a>(PhantomData<&'a Handle>);

/// Outside a world there is no handle.
#[derive(Debug)]
pub struct TryCurrentError(());

/// Of how many threads a runtime is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuntimeFlavor {
    /// One.
    CurrentThread,
    /// Several.
    MultiThread,
}

impl Handle {
    /// That of the running task's node.
    ///
    /// # Panics
    /// Outside a world.
    #[must_use]
    pub fn current() -> Self {
        context::with(|core| Self { node: core.current_node().unwrap_or_default() })
    }

    /// That of the running task's node.
    ///
    /// # Errors
    /// Outside a world.
    pub fn try_current() -> Result<Self, TryCurrentError> {
        context::try_with(|core| Self { node: core.current_node().unwrap_or_default() }).ok_or(TryCurrentError(()))
    }

    /// Spawns a task on the node.
    ///
    /// # Panics
    /// Outside a world.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        context::with(|core| JoinHandle::new(core.spawn_on(Some(self.node), None, false, future)))
    }

    /// Spawns a task on the node that runs `work` in one turn, as [`spawn_blocking`](crate::task::spawn_blocking) does.
    ///
    /// # Panics
    /// Outside a world.
    pub fn spawn_blocking<F, R>(&self, work: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.spawn(async move { work() })
    }

    /// Refused: a world has one thread, which would wait for itself.
    ///
    /// # Panics
    /// Always.
    pub fn block_on<F: Future>(&self, _future: F) -> F::Output {
        panic!(
            "tokio::runtime::Handle::block_on is not supported in a simulated world: its one thread would wait for itself. \
             Make the caller async, or spawn the future and await its handle"
        )
    }

    /// Makes no difference: whoever may ask is in a world already, and on its own node.
    pub fn enter(&self) -> EnterGuard<'_> {
        EnterGuard(PhantomData)
    }

    /// [`RuntimeFlavor::MultiThread`]: tasks run as if there were several threads, one turn at a time.
    #[must_use]
    pub fn runtime_flavor(&self) -> RuntimeFlavor {
        RuntimeFlavor::MultiThread
    }
}

impl TryCurrentError {
    /// Always: nobody asks from a thread that ends.
    #[must_use]
    pub fn is_missing_context(&self) -> bool {
        true
    }

    /// Never.
    #[must_use]
    pub fn is_thread_local_destroyed(&self) -> bool {
        false
    }
}

impl fmt::Display for TryCurrentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no reactor running, must be called from within a simulated world")
    }
}

impl Error for TryCurrentError {}
