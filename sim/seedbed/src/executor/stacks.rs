//! Await stacks by source line: which `.await` each async function of a task waits at.
//!
//! A leaf future that suspends clones the waker of its poll. The poll of interest gets a waker whose
//! `clone` takes a backtrace: every async function between the task and the leaf is on it.
#![expect(unsafe_code, reason = "std's safe `Wake` cannot see a waker being cloned; the proofs stand beside each use")]

use super::{Core, cancel::Moment, task::Task};
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
#[derive(Clone, Debug, Default)]
pub(crate) struct AwaitStack(pub(crate) Option<Arc<Backtrace>>);

impl AwaitStack {
    fn here() -> Self {
        Self(Some(Arc::new(Backtrace::force_capture())))
    }
}

/// A chance to lose a future, by task, site and number: what a stack inside a poll belongs to.
pub(crate) type Chance = (TaskId, &'static str, u64);

/// The stacks of a run's traced polls.
#[derive(Debug, Default)]
pub(crate) struct Traced {
    /// Where polls suspended.
    pub(crate) polls: Vec<(TaskId, u32, AwaitStack)>,
    /// Where futures inside the tasks were when they could have been lost.
    pub(crate) inside: Vec<(Chance, AwaitStack)>,
    /// Of the poll that goes on.
    watch: Option<Arc<Watch>>,
}

impl Core {
    /// Runs one poll of `task` with a watching waker in front of its own.
    pub(super) fn traced<R>(&self, task: &Task, poll: u32, run: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let watch = Arc::new(Watch { waker: task.waker.clone(), stack: Mutex::default() });
        self.traced.borrow_mut().watch = Some(watch.clone());
        let result = run(&mut Context::from_waker(&watching_waker(watch.clone())));
        let mut traced = self.traced.borrow_mut();
        traced.watch = None;
        traced.polls.push((task.id, poll, watch.stack()));
        result
    }

    /// Keeps where a future is that could be lost now.
    pub(super) fn trace_inside(&self, chance: Chance, moment: Moment) {
        let mut traced = self.traced.borrow_mut();
        let Some(watch) = &traced.watch else { return };
        let (task, site, _) = chance;
        let stack = match moment {
            Moment::First => AwaitStack::here(),
            Moment::Waiting => watch.stack(),
            Moment::Woken { since } => {
                let earlier = traced.inside.iter().rfind(|(known, _)| *known == (task, site, since));
                earlier.map(|(_, stack)| stack.clone()).unwrap_or_default()
            }
        };
        traced.inside.push((chance, stack));
    }
}

#[derive(Debug)]
struct Watch {
    waker: Waker,
    stack: Mutex<AwaitStack>,
}

impl Watch {
    /// Where what was polled last has suspended.
    fn stack(&self) -> AwaitStack {
        self.stack.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

// SAFETY argument for the whole table: `data` is always the pointer of `Arc::into_raw(Arc<Watch>)` and
// stands for one strong count. `clone` adds a count for the new waker; `wake` and `drop` consume theirs;
// `wake_by_ref` leaves it. `Watch` is `Send + Sync` (a `Waker` and a `Mutex<AwaitStack>` are), so
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
    *here.stack.lock().unwrap_or_else(PoisonError::into_inner) = AwaitStack::here();
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
