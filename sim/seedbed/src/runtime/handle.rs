//! Handles of runtimes.

use super::{EnterGuard, RuntimeMetrics, builder::WORKERS};
use crate::{
    context,
    executor::{Core, Group, Home, blocking, may_block, poll_or_drop},
    run::Standing,
    task::JoinHandle,
};
use std::{
    error::Error,
    fmt,
    future::Future,
    panic::{RefUnwindSafe, UnwindSafe},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
};

/// A runtime, to spawn on: a task's own node, or a [`Runtime`](super::Runtime).
#[derive(Clone)]
pub struct Handle {
    home: Home,
}

/// A runtime's number in its run: 1 is the world itself. Deterministic, unlike tokio's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id(usize);

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
    pub(super) fn of(group: Arc<Group>) -> Self {
        Self { home: Home { node: None, group: Some(group) } }
    }

    /// That of the running task's runtime, on its node.
    ///
    /// # Panics
    /// Outside a world.
    #[track_caller]
    #[must_use]
    pub fn current() -> Self {
        context::with(|core| Self { home: core.current_home() })
    }

    /// That of the running task's runtime, on its node.
    ///
    /// # Errors
    /// Outside a world.
    pub fn try_current() -> Result<Self, TryCurrentError> {
        context::try_with(|core| Self { home: core.current_home() }).ok_or(TryCurrentError(()))
    }

    /// That of the runtime which plain code has entered.
    pub(crate) fn of_entered() -> Option<Self> {
        if context::is_driving() {
            return None;
        }
        let home = context::try_with(|core| core.current_home())?;
        home.group.is_some().then_some(Self { home })
    }

    /// Spawns a task. On a runtime that was shut down it is cancelled before it runs.
    ///
    /// # Panics
    /// Outside a world, if it is no [`Runtime`](super::Runtime)'s.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_by("tokio::runtime::Handle::spawn", future)
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
        self.spawn_by("tokio::runtime::Handle::spawn_blocking", async move { blocking(work) })
    }

    /// Waits until `future` is ready, as [`Runtime::block_on`](super::Runtime::block_on) does.
    ///
    /// # Panics
    /// As there. In plain code, of a world's own handle, as that world is over.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.block_on_by("tokio::runtime::Handle::block_on", future)
    }

    /// While the guard lives, what the thread spawns is of this runtime.
    ///
    /// # Panics
    /// As [`spawn`](Self::spawn).
    pub fn enter(&self) -> EnterGuard<'_> {
        let core = self.reach("tokio::runtime::Handle::enter", Rc::clone);
        EnterGuard::new(core, self.home.group.clone())
    }

    /// As it was built. Of a world itself [`RuntimeFlavor::MultiThread`]: tasks run as if there were several threads, one
    /// turn at a time.
    #[must_use]
    pub fn runtime_flavor(&self) -> RuntimeFlavor {
        match &self.home.group {
            Some(group) if !group.is_multi_thread => RuntimeFlavor::CurrentThread,
            Some(_) | None => RuntimeFlavor::MultiThread,
        }
    }

    /// Its number in the run.
    ///
    /// # Panics
    /// As [`spawn`](Self::spawn).
    #[must_use]
    pub fn id(&self) -> Id {
        self.reach("tokio::runtime::Handle::id", |core| Id(core.number_of_group(self.home.group.as_ref())))
    }

    /// As it was built; a world itself has none.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.home.group.as_ref()?.name.as_deref()
    }

    /// What it tells of itself.
    #[must_use]
    pub fn metrics(&self) -> RuntimeMetrics {
        RuntimeMetrics::of(self.clone())
    }

    pub(super) fn workers(&self) -> usize {
        self.home.group.as_ref().map_or(WORKERS, |group| group.workers)
    }

    pub(super) fn alive(&self) -> usize {
        self.reach("tokio::runtime::RuntimeMetrics::num_alive_tasks", |core| core.alive_in(&self.home))
    }

    pub(crate) fn spawn_by<F>(&self, call: &str, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.reach(call, |core| JoinHandle::new(core.spawn_at(self.home.clone(), None, false, future)))
    }

    #[track_caller]
    pub(super) fn block_on_by<F: Future>(&self, call: &str, future: F) -> F::Output {
        let group = self.home.group.as_ref();
        if context::is_driving() && may_block() {
            return self.block_turn_on(call, future);
        }
        assert!(
            !context::is_driving(),
            "Cannot start a runtime from within a runtime. This happens because a function (like `block_on`) attempted to \
             block the current thread while the thread is being used to drive asynchronous tasks. If you are in an async \
             function, use `.await` on the future instead of blocking on it. ({call})"
        );
        let group = group.unwrap_or_else(|| panic!("{call}: the handle is that of a world, and the world is over"));
        Standing::of(group, call).block_on(self.home.clone(), future)
    }

    /// The world goes on meanwhile, and the turn that calls this stands still.
    #[track_caller]
    fn block_turn_on<F: Future>(&self, call: &str, future: F) -> F::Output {
        let core = self.reach(call, Rc::clone);
        let (mut future, mut output) = (Some(Box::pin(future)), None);
        let mut guest = |cx: &mut Context<'_>| {
            let ready = ready!(poll_or_drop(Pin::new(&mut future), cx));
            future = None;
            output = Some(ready);
            Poll::Ready(())
        };
        if let Err(why) = core.block_on_guest(self.home.clone(), &mut guest) {
            panic!("{call} is not supported here in a simulated world: {why}. Make the caller async");
        }
        output.expect("what is ready has an output")
    }

    /// Runs `f` on the world that runs now, or else on the thread's standing one.
    fn reach<R>(&self, call: &str, f: impl FnOnce(&Rc<Core>) -> R) -> R {
        match &self.home.group {
            Some(group) if context::is_driving() => context::with(|core| {
                Standing::adopt_if_running(core, group);
                f(core)
            }),
            // It takes no task any more, and keeps no world.
            Some(group) if group.is_shut() => Standing::after(group, f),
            Some(group) => f(Standing::of(group, call).core()),
            None => context::with(f),
        }
    }
}

// As tokio's: a handle shows nothing of a broken state.
impl UnwindSafe for Handle {}
impl RefUnwindSafe for Handle {}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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
