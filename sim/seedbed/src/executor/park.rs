//! A thread that parks, as who waits in `blocking_recv` does: its turn stands still until somebody unparks the thread, or until
//! a time that std's `park_timeout` gives.

use super::{
    Core, Home, blocking,
    parker::{self, OfTokio, Parker},
    task::Task,
};
use crate::{task::TaskLocals, time::Instant};
use std::{
    cell::Cell,
    mem,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

/// How often those who share a parker look again, as one may have been passed over: so many may hand on to each other, unseen,
/// before time moves.
const LOOKS: u32 = 3;

/// What is said of who parks by std.
const OF_STD: &str = "std's `unpark` (a std channel never unparks for a sender on its own thread, which is all of a world's; tokio's does)";

/// Turns that stand still until their parker is unparked. Where several share it, who is meant nobody can say, so all go on to
/// see.
#[derive(Default)]
pub(super) struct Parked {
    waits: Vec<(Parker, Rc<Wait>)>,
    /// Which turn it was, of which instant, that has gone on last only because it might be meant.
    looked: (u32, u64),
    /// How often all are still to look again before time moves on.
    looks: u32,
    /// How often all looked again before a stall was told, and when last.
    last_looks: (u32, u64),
}

#[derive(Default)]
struct Wait {
    is_over: Cell<bool>,
    /// Whether it is over only because it might be.
    looks: Cell<bool>,
    /// Of who waits, once it had a turn.
    waker: Cell<Option<Waker>>,
}

impl Parked {
    /// The parkers by which more than one waits.
    fn shared(&self) -> Vec<Parker> {
        let mut shared: Vec<Parker> = Vec::new();
        for (at, (parker, _)) in self.waits.iter().enumerate() {
            if !shared.contains(parker) && self.waits[..at].iter().any(|(other, _)| other == parker) {
                shared.push(parker.clone());
            }
        }
        shared
    }
}

impl Core {
    /// Where the running code is about to park its thread at that address. `false`: it has to, as it is no turn that can stand
    /// still.
    ///
    /// Never unwinds: libc's caller does not.
    pub(super) fn thread_parks(self: &Rc<Self>, parker: &Parker, address: usize, longest: Option<Duration>) -> bool {
        // While a check looks on at an event, no other can come in between.
        if !blocking::may_block() || self.rides() || self.recorder.try_borrow_mut().is_err() {
            return false;
        }
        let Some((task, tokio)) = self.current.borrow().clone().zip(self.idle.parks()) else { return false };
        if !self.can_stand_still(&task) {
            return false;
        }
        let Ok(task_locals) = TaskLocals::take() else { return false };
        let leaves = parker.leaves(address);
        if leaves {
            // Its own.
            parker.take_token(&tokio);
            self.others_may_be_unparked(parker);
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
                self.wake_parked_by(parker, false);
            }
            // Whatever its end is, it goes on to see whether that is what it waits for.
            parker.unpark();
        }
        task_locals.put_back();
        leaves
    }

    fn parks(self: &Rc<Self>, parker: &Parker, task: Rc<Task>, longest: Option<u64>) {
        let started = self.libc_clock.elapsed();
        let deadline = longest.map(|nanos| Instant::from_nanos(self.now.get().saturating_add(nanos)));
        let mut timer = None;
        // From now on, not from its first turn.
        let wait = Rc::new(Wait::default());
        self.parked.borrow_mut().waits.push((parker.clone(), wait.clone()));
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
                Parker::Tokio(_) => suspends(),
            }
            Poll::Pending
        };
        let _ = self.stand_still(parker.name(), task.clone(), Home::default(), &mut waits);
        self.dies_as(&task);
        if let Some(timer) = timer {
            self.cancel_timer(timer);
        }
        let Parked { waits, looked, .. } = &mut *self.parked.borrow_mut();
        waits.retain(|(_, parked)| !Rc::ptr_eq(parked, &wait));
        if wait.looks.get() {
            *looked = self.turn_of_instant();
        }
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
        let mut parkers: Vec<Parker> = Vec::new();
        for (parker, _) in &self.parked.borrow().waits {
            if !parkers.contains(parker) {
                parkers.push(parker.clone());
            }
        }
        for parker in &parkers {
            if self.is_unparked(parker) {
                self.wake_parked_by(parker, false);
            }
        }
    }

    /// A turn that is about to wait may have unparked others that share its parker, found that token itself, and seen that it was
    /// not meant. So they are to look too; but not if it has only looked itself, as then that would be for ever.
    fn others_may_be_unparked(&self, parker: &Parker) {
        let turn = self.turn_of_instant();
        let Parked { looked, looks, .. } = &mut *self.parked.borrow_mut();
        if parker.is_shared() && *looked != turn {
            *looks = LOOKS;
        }
    }

    fn turn_of_instant(&self) -> (u32, u64) {
        (self.turns_now.get(), self.now.get())
    }

    fn wake_parked_by(&self, parker: &Parker, looks: bool) {
        let woken: Vec<_> = self.parked.borrow_mut().waits.extract_if(.., |(by, _)| by == parker).collect();
        for (_, wait) in woken {
            wait.is_over.set(true);
            wait.looks.set(looks);
            if let Some(waker) = wait.waker.take() {
                waker.wake();
            }
        }
    }

    /// Nothing can run: before time moves, those look again who may have been passed over, and have not done so as often as they
    /// may. Says whether any do.
    pub(super) fn parked_look_again(&self) -> bool {
        let shared = self.parked.borrow().shared();
        if shared.is_empty() || self.parked.borrow().looks == 0 {
            return false;
        }
        self.parked.borrow_mut().looks -= 1;
        shared.iter().for_each(|parker| self.wake_parked_by(parker, true));
        true
    }

    /// As [`parked_look_again`](Self::parked_look_again), before a stall is told: so often at one instant.
    pub(super) fn parked_look_at_last(&self) -> bool {
        const LAST_LOOKS_MAX: u32 = 100;
        {
            let Parked { looks, last_looks: (so_often, at), .. } = &mut *self.parked.borrow_mut();
            if mem::replace(at, self.now.get()) != self.now.get() {
                *so_often = 0;
            }
            *so_often += 1;
            *looks = u32::from(*so_often <= LAST_LOOKS_MAX);
        }
        self.parked_look_again()
    }

    /// Whether it was unparked since that was asked last.
    pub(super) fn is_unparked(&self, parker: &Parker) -> bool {
        self.idle.parks().is_some_and(|tokio| parker.take_token(&tokio))
    }

    /// Forgets what an earlier world has left to the thread.
    pub(crate) fn forget_tokens(&self) {
        for parker in Parker::shared() {
            self.is_unparked(&parker);
        }
    }

    /// A parker for a worker that may block from now on.
    pub(super) fn parker_of_a_worker(&self) -> Option<Rc<OfTokio>> {
        let tokio = self.idle.parks()?;
        parker::make_known(&tokio);
        OfTokio::of_a_worker(&tokio)
    }
}
