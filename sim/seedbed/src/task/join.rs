//! Handles of tasks, and how tasks end.

use crate::{
    context,
    executor::{Abort, Join},
    history::TaskId,
    panics,
};
use std::{
    any::Any,
    fmt,
    future::Future,
    panic::{RefUnwindSafe, UnwindSafe},
    pin::Pin,
    sync::Mutex,
    task::{Context, Poll, Waker, ready},
};

/// A task's number in its run. Deterministic, unlike tokio's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(TaskId);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.number().fmt(f)
    }
}

/// The running task's id.
///
/// # Panics
/// Outside a task: in what is blocked on, too, and in a world's own body.
#[must_use]
#[track_caller]
pub fn id() -> Id {
    try_id().expect("can't get a task id when not inside a task")
}

/// The running task's id, if a task is running: what is blocked on is none, nor is a world's own body.
#[must_use]
pub fn try_id() -> Option<Id> {
    context::try_with(|core| core.running_as_task()).flatten().map(Id)
}

/// The handle of a task: a future of its result.
///
/// # Cancel safety
/// Dropped, the task goes on. An `.await` on `&mut handle` that is dropped loses nothing.
pub struct JoinHandle<T>(Join<T>);

impl<T> JoinHandle<T> {
    pub(crate) fn new(join: Join<T>) -> Self {
        Self(join)
    }

    pub(crate) fn right_to_abort(&self) -> &Abort {
        &self.0.abort
    }

    /// The result, without regard to the turn's budget.
    pub(crate) fn poll_result(&self, waker: &Waker) -> Poll<Result<T, JoinError>> {
        self.0.poll(waker)
    }

    /// Asks the task to stop: at its next turn it is dropped instead of polled.
    pub fn abort(&self) {
        self.0.abort.ask();
    }

    /// Whether the task has ended. After `abort` it has not until it was dropped.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.0.abort.is_finished()
    }

    /// A handle that can abort the task and do nothing else.
    #[must_use]
    pub fn abort_handle(&self) -> AbortHandle {
        AbortHandle { abort: self.0.abort }
    }

    /// The task's id.
    #[must_use]
    pub fn id(&self) -> Id {
        Id(self.0.abort.task)
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let budget = ready!(tokio::task::coop::poll_proceed(cx));
        let polled = self.poll_result(cx.waker());
        if polled.is_ready() {
            budget.made_progress();
        }
        polled
    }
}

// As tokio's: the task's panics are caught, so a handle shows nothing of a broken state.
impl<T> UnwindSafe for JoinHandle<T> {}
impl<T> RefUnwindSafe for JoinHandle<T> {}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("id", &self.id()).finish()
    }
}

/// The right to abort a task.
#[derive(Clone, Debug)]
pub struct AbortHandle {
    abort: Abort,
}

impl AbortHandle {
    /// Asks the task to stop, as [`JoinHandle::abort`].
    pub fn abort(&self) {
        self.abort.ask();
    }

    /// Runs `f`, during which what runs is the task.
    pub(super) fn as_task<R>(&self, f: impl FnOnce() -> R) -> R {
        self.abort.as_task(f)
    }

    /// Whether the task has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.abort.is_finished()
    }

    /// The task's id.
    #[must_use]
    pub fn id(&self) -> Id {
        Id(self.abort.task)
    }
}

/// Why a task gave no result.
pub struct JoinError {
    task: TaskId,
    /// The panic's payload; the lock makes it `Sync`, as tokio's is.
    panic: Option<Mutex<Box<dyn Any + Send>>>,
}

impl JoinError {
    pub(crate) fn cancelled(task: TaskId) -> Self {
        Self { task, panic: None }
    }

    pub(crate) fn panicked(task: TaskId, payload: Box<dyn Any + Send>) -> Self {
        Self { task, panic: Some(Mutex::new(payload)) }
    }

    /// Whether it was aborted.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.panic.is_none()
    }

    /// Whether it panicked.
    #[must_use]
    pub fn is_panic(&self) -> bool {
        self.panic.is_some()
    }

    /// The panic's payload.
    ///
    /// # Panics
    /// If the task did not panic.
    #[must_use]
    #[track_caller]
    pub fn into_panic(self) -> Box<dyn Any + Send> {
        self.try_into_panic().expect("`JoinError` reason is not a panic.")
    }

    /// The panic's payload.
    ///
    /// # Errors
    /// The error itself, if the task did not panic.
    pub fn try_into_panic(self) -> Result<Box<dyn Any + Send>, Self> {
        let task = self.task;
        match self.panic {
            Some(payload) => Ok(payload.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)),
            None => Err(Self::cancelled(task)),
        }
    }

    /// The task's id.
    #[must_use]
    pub fn id(&self) -> Id {
        Id(self.task)
    }

    /// The text of its panic, if it has one.
    fn panic_text(&self) -> Option<String> {
        let payload = self.panic.as_ref()?.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        panics::text(&**payload)
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.panic_text() {
            Some(text) => write!(f, "task {} panicked with message {text:?}", self.task.number()),
            None if self.is_panic() => write!(f, "task {} panicked", self.task.number()),
            None => write!(f, "task {} was cancelled", self.task.number()),
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.panic_text() {
            Some(text) => write!(f, "JoinError::Panic(Id({}), {text:?}, ...)", self.task.number()),
            None if self.is_panic() => write!(f, "JoinError::Panic(Id({}), ...)", self.task.number()),
            None => write!(f, "JoinError::Cancelled(Id({}))", self.task.number()),
        }
    }
}

impl std::error::Error for JoinError {}

impl From<JoinError> for std::io::Error {
    fn from(error: JoinError) -> Self {
        Self::other(if error.is_panic() { "task panicked" } else { "task was cancelled" })
    }
}
