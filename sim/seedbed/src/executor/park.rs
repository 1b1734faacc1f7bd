//! A thread that parks, as who waits in `blocking_recv` does: its turn stands still until somebody unparks the thread, or until
//! a time that std's `park_timeout` gives.

use super::{
    Core, blocking,
    parker::{self, OfTokio, Parker},
    task::Task,
    waits::{On, Wait},
};
use crate::task::TaskLocals;
use std::{mem, rc::Rc, time::Duration};

/// How often those who share a parker look again, as one may have been passed over: so many may hand on to each other, unseen,
/// before time moves.
const LOOKS: u32 = 3;

/// What is said of who parks by std.
const OF_STD: &str = "std's `unpark` (a std channel never unparks for a sender on its own thread, which is all of a world's; tokio's does)";

/// Which of those that share a parker are to look whether they are meant: who unparks it nobody can say, so all go on to see.
#[derive(Default)]
pub(super) struct Looks {
    /// Which turn it was, of which instant, that has gone on last only because it might be meant.
    looked: (u32, u64),
    /// How often all are still to look again before time moves on.
    left: u32,
    /// How often all looked again before a stall was told, and when last.
    last: (u32, u64),
}

impl Core {
    /// Where the running code is about to park its thread. `false`: it has to, as it is no turn that can stand
    /// still.
    ///
    /// Never unwinds: libc's caller does not.
    pub(super) fn thread_parks(self: &Rc<Self>, parker: &Parker, longest: Option<Duration>) -> bool {
        // While a check looks on at an event, no other can come in between.
        if !blocking::may_block() || self.rides() || self.recorder.try_borrow_mut().is_err() {
            return false;
        }
        let Some((task, tokio)) = self.current.borrow().clone().zip(self.idle.parks()) else { return false };
        if !self.can_stand_still(&task) {
            return false;
        }
        let Ok(task_locals) = TaskLocals::take() else { return false };
        // Who waits at the world's end looks for tokens.
        let stays = parker.has_own_futex() && !self.is_over();
        let is_parked = stays || parker.unpark();
        if is_parked {
            if !stays {
                // Its own.
                parker.take_token(&tokio);
                self.others_may_be_unparked(parker);
            }
            let nanos = longest.map(|longest| u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX));
            match (self.is_over(), nanos) {
                (false, nanos) => self.parks(parker, &task, nanos, !stays),
                (true, Some(nanos)) => {
                    self.goes_on_after_the_end();
                    self.move_only_std_clock(nanos);
                }
                (true, None) if self.is_on_worker() => self.waits_for_the_end(task, None),
                (true, None) => self.tell_and_abort(),
            }
            // What others were unparked by since they were looked for last is not its own.
            if parker.is_shared() && self.is_unparked(parker) {
                self.wake_parked_by(parker, false);
            }
            // Whatever its end is, it goes on to see whether that is what it waits for.
            parker.unpark();
        }
        task_locals.put_back();
        is_parked
    }

    fn parks(self: &Rc<Self>, parker: &Parker, task: &Rc<Task>, longest: Option<u64>, has_left: bool) {
        let started = self.libc_clock.elapsed();
        // From now on, not from its first turn.
        let wait = self.waits_on(On::Parker { parker: parker.clone(), has_left: has_left.into() });
        self.stands_still_until(parker.name(), task, longest, |cx| {
            if !wait.is_over.get() {
                match parker {
                    Parker::Std => self.trace_saying(|| OF_STD.to_owned(), || wait.suspends(cx)),
                    Parker::Tokio(_) => wait.suspends(cx),
                }
            }
            wait.is_over.get()
        });
        self.waits_no_more(&wait);
        if wait.looks.get() {
            self.looks.borrow_mut().looked = self.turn_of_instant();
        }
        self.dies_as(task);
        if let Some(longest) = longest
            && !wait.is_over.get()
        {
            self.std_clock_sees(started, longest);
        }
    }

    /// A turn that is about to wait may have unparked others that share its parker, found that token itself, and seen that it was
    /// not meant. So they are to look too; but not if it has only looked itself, as then that would be for ever.
    fn others_may_be_unparked(&self, parker: &Parker) {
        let turn = self.turn_of_instant();
        let looks = &mut *self.looks.borrow_mut();
        if parker.is_shared() && looks.looked != turn {
            looks.left = LOOKS;
        }
    }

    fn turn_of_instant(&self) -> (u32, u64) {
        (self.turns_now.get(), self.now.get())
    }

    fn wake_parked_by(&self, parker: &Parker, looks: bool) {
        self.end_waits(|wait| wait.is_by(parker), looks);
    }

    /// Nothing can run: before time moves, those look again who may have been passed over, and have not done so as often as they
    /// may. Says whether any do.
    pub(super) fn parked_look_again(&self) -> bool {
        {
            let looks = &mut *self.looks.borrow_mut();
            if looks.left == 0 {
                return false;
            }
            looks.left -= 1;
        }
        let shared = self.parked_together();
        shared.iter().for_each(|parker| self.wake_parked_by(parker, true));
        !shared.is_empty()
    }

    /// The parkers by which more than one waits.
    fn parked_together(&self) -> Vec<Parker> {
        let waits = self.waits.borrow();
        let parkers = || waits.iter().filter_map(Wait::parker);
        let mut together: Vec<Parker> = Vec::new();
        for (at, parker) in parkers().enumerate() {
            if !together.contains(parker) && parkers().take(at).any(|other| other == parker) {
                together.push(parker.clone());
            }
        }
        together
    }

    /// As [`parked_look_again`](Self::parked_look_again), before a stall is told: so often at one instant.
    pub(super) fn parked_look_at_last(&self) -> bool {
        const LAST_LOOKS_MAX: u32 = 100;
        {
            let Looks { left, last: (so_often, at), .. } = &mut *self.looks.borrow_mut();
            if mem::replace(at, self.now.get()) != self.now.get() {
                *so_often = 0;
            }
            *so_often += 1;
            *left = u32::from(*so_often <= LAST_LOOKS_MAX);
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
