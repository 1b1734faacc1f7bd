//! A thread that parks, as who waits in `blocking_recv` does: its turn stands still until somebody unparks the thread, or until
//! a time that std's `park_timeout` gives.

use super::{
    Core, Home, blocking,
    parker::{PARKERS, Parker, Place},
    task::Task,
};
use crate::{history::TaskId, task::TaskLocals, time::Instant};
use std::{
    cell::Cell,
    collections::BTreeMap,
    mem,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

/// What is said of who parks by std.
const OF_STD: &str = "std's `unpark` (a std channel never unparks for a sender on its own thread, which is all of a world's; tokio's does)";

/// Turns that stand still until their thread is unparked. Who of them is meant nobody can say, so all go on to see.
#[derive(Default)]
pub(super) struct Parked {
    waits: Vec<(Parker, Rc<Wait>)>,
    /// Of turns that have waited, their stacks when they did so last.
    stacks: BTreeMap<TaskId, u64>,
    /// How often others were woken to see, and when last.
    tries: (u32, u64),
    /// How often all looked again before a stall was told, and when last.
    looks: (u32, u64),
}

#[derive(Default)]
struct Wait {
    is_over: Cell<bool>,
    /// Of who waits, once it had a turn.
    waker: Cell<Option<Waker>>,
}

impl Core {
    /// Where the running code is about to park its thread at that address. `false`: it has to, as it is no turn that can stand
    /// still.
    ///
    /// Never unwinds: libc's caller does not.
    pub(super) fn thread_parks(self: &Rc<Self>, parker: Parker, place: Place, longest: Option<Duration>) -> bool {
        // While a check looks on at an event, no other can come in between.
        if !blocking::may_block() || self.rides() || self.recorder.try_borrow_mut().is_err() {
            return false;
        }
        let Some((task, tokio)) = self.current.borrow().clone().zip(self.idle.parks()) else { return false };
        if !self.can_stand_still(&task) {
            return false;
        }
        let Ok(task_locals) = TaskLocals::take() else { return false };
        let leaves = parker.leaves(place.address);
        if leaves {
            // Its own.
            parker.take_token(&tokio);
            self.others_may_be_unparked(parker, task.id, place);
            let nanos = longest.map(|longest| u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX));
            match (self.is_over(), nanos) {
                (false, nanos) => self.parks(parker, task, nanos),
                (true, Some(nanos)) => {
                    self.goes_on_after_the_end();
                    self.move_only_std_clock(nanos);
                }
                (true, None) if self.is_on_worker() => self.waits_for_the_end(task),
                (true, None) => self.tell_and_abort(),
            }
            // What others were unparked by since they were looked for last is not its own.
            if self.is_unparked(parker) {
                self.wake_all_parked(parker);
            }
            // Whatever its end is, it goes on to see whether that is what it waits for.
            parker.unpark();
        }
        task_locals.put_back();
        leaves
    }

    fn parks(self: &Rc<Self>, parker: Parker, task: Rc<Task>, longest: Option<u64>) {
        let started = self.libc_clock.elapsed();
        let deadline = longest.map(|nanos| Instant::from_nanos(self.now.get().saturating_add(nanos)));
        let mut timer = None;
        // From now on, not from its first turn.
        let wait = Rc::new(Wait::default());
        self.parked.borrow_mut().waits.push((parker, wait.clone()));
        let mut waits = |cx: &mut Context<'_>| {
            if wait.is_over.get() || deadline.is_some_and(|deadline| self.now() >= deadline) {
                return Poll::Ready(());
            }
            if let Some(deadline) = deadline {
                self.set_timer(&mut timer, deadline, cx.waker());
            }
            let suspends = || wait.waker.set(Some(cx.waker().clone()));
            match parker {
                Parker::Std => self.trace_saying(|| OF_STD.to_owned(), suspends),
                Parker::Tokio => suspends(),
            }
            Poll::Pending
        };
        let _ = self.stand_still(parker.name(), task.clone(), Home::default(), &mut waits);
        self.dies_as(&task);
        if let Some(timer) = timer {
            self.cancel_timer(timer);
        }
        self.parked.borrow_mut().waits.retain(|(_, parked)| !Rc::ptr_eq(parked, &wait));
        if let Some(longest) = longest
            && !wait.is_over.get()
        {
            self.std_clock_sees(started, longest);
        }
    }

    /// Wakes who is parked, if the thread was unparked.
    #[inline]
    pub(super) fn wake_parked(&self) {
        if !self.parked.borrow().waits.is_empty() {
            self.wake_unparked();
        }
    }

    #[cold]
    fn wake_unparked(&self) {
        for parker in PARKERS {
            let is_waited_for = self.parked.borrow().waits.iter().any(|(by, _)| *by == parker);
            if is_waited_for && self.is_unparked(parker) {
                self.wake_all_parked(parker);
            }
        }
    }

    /// A turn that is about to wait may have unparked the thread for others, found that token itself, and seen that it was not
    /// meant. So they go on to see too; but not if the turn itself has only been to see, and waits where it did.
    fn others_may_be_unparked(&self, parker: Parker, task: TaskId, place: Place) {
        let stack = self.stack_digest(parker.loops_at(place));
        let before = stack.and_then(|stack| self.parked.borrow_mut().stacks.insert(task, stack));
        // Where there is none, it may have done anything.
        if (stack.is_none() || stack != before) && self.may_try() {
            self.wake_all_parked(parker);
        }
    }

    /// Not for ever at one instant: should a stack never look the same.
    fn may_try(&self) -> bool {
        const TRIES_MAX: u32 = 1_000;
        let (tries, at) = &mut self.parked.borrow_mut().tries;
        if mem::replace(at, self.now.get()) != self.now.get() {
            *tries = 0;
        }
        *tries += 1;
        *tries <= TRIES_MAX
    }

    fn wake_all_parked(&self, parker: Parker) {
        let woken: Vec<_> = self.parked.borrow_mut().waits.extract_if(.., |(by, _)| *by == parker).collect();
        for (_, wait) in woken {
            wait.is_over.set(true);
            if let Some(waker) = wait.waker.take() {
                waker.wake();
            }
        }
    }

    /// Nothing can run: before that is told, those who are parked look once more, if they can have been passed over, as one turn
    /// by another. `false`: they did, as often as they may.
    pub(super) fn parked_look_again(&self) -> bool {
        const LOOKS_MAX: u32 = 8;
        let looks = {
            let Parked { waits, looks, .. } = &mut *self.parked.borrow_mut();
            if mem::replace(&mut looks.1, self.now.get()) != self.now.get() {
                looks.0 = 0;
            }
            looks.0 += 1;
            waits.len() > 1 && looks.0 <= LOOKS_MAX
        };
        if looks {
            PARKERS.into_iter().for_each(|parker| self.wake_all_parked(parker));
        }
        looks
    }

    /// Whether the thread was unparked since that was asked last.
    pub(super) fn is_unparked(&self, parker: Parker) -> bool {
        self.idle.parks().is_some_and(|tokio| parker.take_token(&tokio))
    }

    /// Forgets what an earlier world has left to the thread.
    pub(crate) fn forget_tokens(&self) {
        for parker in PARKERS.into_iter().filter(|parker| parker.is_known()) {
            self.is_unparked(parker);
        }
    }

    /// Has it known where this thread parks.
    pub(super) fn make_parkers_known(&self) {
        for parker in PARKERS.into_iter().filter(|parker| !parker.is_known()) {
            if let Some(tokio) = self.idle.parks() {
                parker.make_known(&tokio);
            }
        }
    }
}
