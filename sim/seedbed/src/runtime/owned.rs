//! Runtimes of a program's own making.

use super::{Builder, EnterGuard, Handle, RuntimeMetrics};
use crate::{
    context,
    executor::{Group, may_block},
    run::Standing,
    task::JoinHandle,
    time::Duration,
};
use std::{future::Future, io, sync::Arc};

/// A runtime of a program's own making.
///
/// **In plain code**, as in `fn main()` or under `#[test]`, its world is the thread's: it begins when the first runtime is used
/// there, by seed 0 or `SEEDBED_SEED`, serves all runtimes of the thread, and ends when the last of them is dropped. It
/// runs while somebody blocks on one of them, and stands still otherwise: no virtual time passes, and no task runs, those of
/// a runtime of several threads neither. What it finds (a task's panic, a deadlock) is a panic of the call that blocks. Other
/// threads are not of the world: to wait for one is a deadlock.
///
/// **In a world** it is a group of tasks of that world, which are aborted when it is shut down. What is blocked on then, and
/// who blocks, goes on.
///
/// One that is kept in a static serves each world in its turn.
#[derive(Debug)]
pub struct Runtime {
    handle: Handle,
    group: Arc<Group>,
}

impl Runtime {
    pub(super) fn of(group: Group) -> Self {
        let group = Arc::new(group);
        Self { handle: Handle::of(group.clone()), group }
    }

    /// A runtime of several threads, as [`Builder::new_multi_thread`].
    ///
    /// # Errors
    /// None.
    pub fn new() -> io::Result<Self> {
        Builder::new_multi_thread().enable_all().build()
    }

    /// To spawn on it from elsewhere.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Spawns a task. In plain code it runs when somebody blocks.
    ///
    /// # Panics
    /// In plain code, on another thread than the one that used the runtime first.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle.spawn_by("tokio::runtime::Runtime::spawn", future)
    }

    /// Spawns a task that runs `work` in one turn, as [`spawn_blocking`](crate::task::spawn_blocking) does.
    ///
    /// # Panics
    /// As [`spawn`](Self::spawn).
    pub fn spawn_blocking<F, R>(&self, work: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.handle.spawn_blocking(work)
    }

    /// Waits until `future` is ready: in plain code the world runs meanwhile. In a world it may be called where tokio lets a
    /// thread block, in [`spawn_blocking`](crate::task::spawn_blocking) and [`block_in_place`](crate::task::block_in_place):
    /// the caller's turn stands still then, and all others go on. If its process is killed meanwhile, or its world ends, the
    /// turn is unwound at the world's end; of a world that found something its destructors may not run, nor those of a turn that
    /// panicked or whose destructors block then.
    ///
    /// # Panics
    /// If the future does. If the world finds something. In plain code, if the runtime was shut down, and on another thread than
    /// the one that used it first. In async code, as tokio's. Under the strategy `madsim`; where no turn of a task runs, as in a
    /// rule, before a scenario's first await, and where the world drops a future to cancel it, or a runtime that is shut in plain
    /// code does; and to who reads a task-local.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.handle.block_on_by("tokio::runtime::Runtime::block_on", future)
    }

    /// While the guard lives, what the thread spawns is of this runtime.
    ///
    /// # Panics
    /// In plain code, on another thread than the one that used the runtime first.
    pub fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }

    /// Drops its tasks and ends it. In no world does anything still run that could be waited for, so `duration` only
    /// says whether the caller would wait.
    ///
    /// # Panics
    /// In async code, as tokio's, unless `duration` is zero.
    pub fn shutdown_timeout(self, duration: Duration) {
        self.shut(duration.is_zero());
    }

    /// Ends it: its tasks are aborted, in plain code at once.
    pub fn shutdown_background(self) {
        self.shut(true);
    }

    /// What it tells of itself.
    #[must_use]
    pub fn metrics(&self) -> RuntimeMetrics {
        self.handle.metrics()
    }

    fn shut(&self, in_background: bool) {
        if !self.group.shut() {
            return;
        }
        if !context::is_driving() {
            return Standing::shut(&self.group);
        }
        context::with(|core| core.abort_group(&self.group));
        let may_wait = in_background || may_block() || std::thread::panicking();
        assert!(
            may_wait,
            "Cannot drop a runtime in a context where blocking is not allowed. This happens when a runtime is dropped from \
             within an asynchronous context."
        );
    }
}

/// As [`Runtime::shutdown_timeout`] without a limit.
impl Drop for Runtime {
    fn drop(&mut self) {
        self.shut(false);
    }
}
