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
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
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

/// A backtrace taken where the task suspended, and what the leaf there says that it waits for, if it says so; text is made
/// when somebody reads it.
#[derive(Clone, Debug, Default)]
pub(crate) struct AwaitStack(pub(crate) Option<Arc<Backtrace>>, pub(crate) Option<Arc<str>>);

impl AwaitStack {
    fn here() -> Self {
        Self(Some(Arc::new(Backtrace::force_capture())), None)
    }
}

/// A chance to lose a future, by task, site and number: what a stack inside a poll belongs to.
pub(crate) type Chance = (TaskId, &'static str, u64);

/// The stacks of a run's traced polls.
#[derive(Debug, Default)]
pub(crate) struct Traced {
    pub(crate) polls: Vec<(TaskId, u32, Arc<Seen>)>,
    /// Where futures inside the tasks were when they could have been lost.
    pub(crate) inside: Vec<(Chance, Moment, AwaitStack)>,
    /// Of the poll that goes on.
    current: Option<Arc<Seen>>,
}

impl Core {
    /// Runs one poll of `task` with a watching waker in front of its own.
    pub(super) fn traced<R>(&self, task: &Task, poll: u32, run: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let seen = Arc::new(Seen::default());
        let watch = Watch { waker: task.waker.clone(), seen: seen.clone(), stack: AwaitStack::default() };
        self.traced.borrow_mut().current = Some(seen.clone());
        let result = run(&mut Context::from_waker(&watching_waker(watch)));
        let mut traced = self.traced.borrow_mut();
        traced.current = None;
        traced.polls.push((task.id, poll, seen));
        result
    }

    /// The poll that is traced, if one is, does not go on for now.
    pub(super) fn pause_tracing(&self) -> TracedPoll {
        TracedPoll(self.traced.borrow_mut().current.take())
    }

    pub(super) fn go_on_tracing(&self, poll: TracedPoll) {
        self.traced.borrow_mut().current = poll.0;
    }

    /// Keeps where a future is that could be lost now.
    pub(super) fn trace_inside(&self, chance: Chance, moment: Moment) {
        let mut traced = self.traced.borrow_mut();
        let Some(seen) = &traced.current else { return };
        let stack = match moment {
            Moment::First => AwaitStack::here(),
            Moment::Waiting { mark } => seen.suspended_since(mark).unwrap_or_default(),
            Moment::Woken { since } => {
                let earlier = traced.inside.iter().rfind(|(known, ..)| *known == since);
                earlier.map(|(.., stack)| stack.clone()).unwrap_or_default()
            }
        };
        traced.inside.push((chance, moment, stack));
    }

    /// Runs `leaf`, which says what it waits for, should it suspend in a poll that is traced.
    pub(crate) fn trace_saying<T>(&self, waits_for: impl FnOnce() -> String, leaf: impl FnOnce() -> T) -> T {
        let Some(seen) = self.traced.borrow().current.clone() else { return leaf() };
        *seen.says.lock().unwrap_or_else(PoisonError::into_inner) = Some(waits_for().into());
        let result = leaf();
        *seen.says.lock().unwrap_or_else(PoisonError::into_inner) = None;
        result
    }

    /// To be taken before a future inside the task is polled: what suspends after it is that future's.
    pub(crate) fn trace_mark(&self) -> usize {
        self.traced.borrow().current.as_ref().map_or(0, |seen| seen.clones.load(Relaxed))
    }

    /// Where a future has suspended that was polled since `mark`; `None` if nothing is traced, or it took no waker.
    pub(crate) fn traced_since(&self, mark: usize) -> Option<AwaitStack> {
        self.traced.borrow().current.as_ref()?.suspended_since(mark)
    }

    /// What was polled last is of less interest than what suspended at `stack`.
    pub(crate) fn trace_back(&self, stack: AwaitStack) {
        if let Some(seen) = &self.traced.borrow().current {
            *seen.last.lock().unwrap_or_else(PoisonError::into_inner) = stack;
        }
    }
}

/// One that stands still.
pub(super) struct TracedPoll(Option<Arc<Seen>>);

/// What was seen of the wakers that a traced poll gave away.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    last: Mutex<AwaitStack>,
    woken: Mutex<AwaitStack>,
    /// What the leaf that is polled says that it waits for.
    says: Mutex<Option<Arc<str>>>,
    clones: AtomicUsize,
}

impl Seen {
    /// Where what was polled last has suspended.
    pub(crate) fn suspended(&self) -> AwaitStack {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn suspended_since(&self, mark: usize) -> Option<AwaitStack> {
        (self.clones.load(Relaxed) > mark).then(|| self.suspended())
    }

    /// Where what was woken first had suspended, which of several awaits it is that goes on; as [`Self::suspended`]
    /// if nothing was.
    pub(crate) fn woken(&self) -> AwaitStack {
        let woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if woken.0.is_some() { woken } else { self.suspended() }
    }
}

/// A waker that remembers where it was cloned.
#[derive(Debug)]
struct Watch {
    waker: Waker,
    seen: Arc<Seen>,
    /// None for the poll's own.
    stack: AwaitStack,
}

impl Watch {
    fn cloned(&self) -> Self {
        let says = self.seen.says.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let stack = AwaitStack(AwaitStack::here().0, says);
        self.seen.clones.fetch_add(1, Relaxed);
        *self.seen.last.lock().unwrap_or_else(PoisonError::into_inner) = stack.clone();
        Self { waker: self.waker.clone(), seen: self.seen.clone(), stack }
    }

    fn wake(&self) {
        let mut woken = self.seen.woken.lock().unwrap_or_else(PoisonError::into_inner);
        if woken.0.is_none() {
            // Whoever wakes by the poll's own waker is in that poll, and gives way.
            *woken = if self.stack.0.is_some() { self.stack.clone() } else { AwaitStack::here() };
        }
        drop(woken);
        self.waker.wake_by_ref();
    }
}

// SAFETY argument for the whole table: `data` is always the pointer of `Box::into_raw(Box<Watch>)`, and each waker has
// a box of its own. `clone` makes another box; `wake` and `drop` consume theirs; `wake_by_ref` leaves it. `Watch` is
// `Send + Sync` (a `Waker` and `Arc`s of `Mutex`es and backtraces are), so the waker may be used from any thread, as
// `Waker` demands.
static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, release);

const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Watch>();
};

fn watching_waker(watch: Watch) -> Waker {
    // SAFETY: the pointer and the table fit each other by the argument above.
    unsafe { Waker::from_raw(raw(watch)) }
}

fn raw(watch: Watch) -> RawWaker {
    RawWaker::new(Box::into_raw(Box::new(watch)).cast_const().cast(), &TABLE)
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker that is cloned owns the box during this call.
    let watch = unsafe { &*data.cast::<Watch>() };
    raw(watch.cloned())
}

unsafe fn wake(data: *const ()) {
    // SAFETY: takes over the box that this waker owned.
    let watch = unsafe { Box::from_raw(data.cast::<Watch>().cast_mut()) };
    watch.wake();
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the waker owns the box during this call.
    let watch = unsafe { &*data.cast::<Watch>() };
    watch.wake();
}

unsafe fn release(data: *const ()) {
    // SAFETY: takes over the box that this waker owned.
    drop(unsafe { Box::from_raw(data.cast::<Watch>().cast_mut()) });
}
