//! Await stacks by source line: which `.await` each async function of a task waits at.
//!
//! A leaf future that suspends clones the waker of its poll. The poll of interest gets a waker whose
//! `clone` takes a backtrace: every async function between the task and the leaf is on it.
#![expect(unsafe_code, reason = "std's safe `Wake` cannot see a waker being cloned; the proofs stand beside each use")]

use crate::history::TaskId;
use std::{
    backtrace::Backtrace,
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, RawWaker, RawWakerVTable, Waker},
};

/// The polls whose stacks are wanted, each by its task and number: e.g. a task's last before it got stuck.
#[derive(Clone, Debug, Default)]
pub(crate) struct StackRequest(BTreeSet<(TaskId, u32)>);

impl StackRequest {
    pub(crate) fn new(polls: impl IntoIterator<Item = (TaskId, u32)>) -> Self {
        Self(polls.into_iter().collect())
    }

    pub(super) fn wants(&self, task: TaskId, poll: u32) -> bool {
        self.0.contains(&(task, poll))
    }
}

/// A backtrace taken where the task suspended; text is made when somebody reads it.
#[derive(Debug, Default)]
pub(crate) struct AwaitStack(pub(crate) Option<Backtrace>);

/// Runs one poll with a watching waker in front of `waker`.
pub(super) fn capture<R>(waker: &Waker, poll: impl FnOnce(&mut Context<'_>) -> R) -> (R, AwaitStack) {
    let watch = Arc::new(Watch { waker: waker.clone(), stack: Mutex::new(None) });
    let watching = watching_waker(watch.clone());
    let result = poll(&mut Context::from_waker(&watching));
    let stack = watch.stack.lock().unwrap_or_else(PoisonError::into_inner).take();
    (result, AwaitStack(stack))
}

struct Watch {
    waker: Waker,
    stack: Mutex<Option<Backtrace>>,
}

// SAFETY argument for the whole table: `data` is always the pointer of `Arc::into_raw(Arc<Watch>)` and
// stands for one strong count. `clone` adds a count for the new waker; `wake` and `drop` consume theirs;
// `wake_by_ref` leaves it. `Watch` is `Send + Sync` (a `Waker` and a `Mutex<Option<Backtrace>>` are), so
// the waker may be used from any thread, as `Waker` demands.
static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, release);

fn watching_waker(watch: Arc<Watch>) -> Waker {
    let raw = RawWaker::new(Arc::into_raw(watch).cast(), &TABLE);
    // SAFETY: the pointer and the table fit each other by the argument above.
    unsafe { Waker::from_raw(raw) }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    let watch = data.cast::<Watch>();
    // SAFETY: `data` stands for a count, so the `Watch` is alive during this call.
    let here = unsafe { &*watch };
    *here.stack.lock().unwrap_or_else(PoisonError::into_inner) = Some(Backtrace::force_capture());
    // SAFETY: as above; the new count belongs to the new waker.
    unsafe { Arc::increment_strong_count(watch) };
    RawWaker::new(data, &TABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: takes over the count that this waker stood for.
    let watch = unsafe { Arc::from_raw(data.cast::<Watch>()) };
    watch.waker.wake_by_ref();
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: `data` stands for a count, so the `Watch` is alive during this call.
    let watch = unsafe { &*data.cast::<Watch>() };
    watch.waker.wake_by_ref();
}

unsafe fn release(data: *const ()) {
    // SAFETY: takes over the count that this waker stood for.
    drop(unsafe { Arc::from_raw(data.cast::<Watch>()) });
}
