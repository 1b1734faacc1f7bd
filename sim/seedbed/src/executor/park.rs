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
    sync::atomic::{
        AtomicU64,
        Ordering::{Acquire, Release},
    },
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
    waits: Vec<Rc<Wait>>,
    /// Whether any was, since that was asked last.
    are_woken: Cell<bool>,
    /// `OTHERS` as it was then.
    others: u64,
    /// Which turn it was, of which instant, that has gone on last only because it might be meant.
    looked: (u32, u64),
    /// How often all are still to look again before time moves on.
    looks: u32,
    /// How often all looked again before a stall was told, and when last.
    last_looks: (u32, u64),
}

struct Wait {
    parker: Parker,
    /// Whether it is parked by it no more, so that who unparks it wakes no futex.
    has_left: Cell<bool>,
    /// Whether it was unparked, so far as that is known.
    is_woken: Cell<bool>,
    is_over: Cell<bool>,
    /// Whether it is over only because it might be.
    looks: Cell<bool>,
    /// Of who waits, once it had a turn.
    waker: Cell<Option<Waker>>,
}

/// How often a futex was woken that none of the thread's turns was known to wait for.
static OTHERS: AtomicU64 = AtomicU64::new(0);

/// A futex is woken that no turn of this thread's is known to wait for: perhaps one of another's.
pub(super) fn other_woken() {
    OTHERS.fetch_add(1, Release);
}

impl Parked {
    /// The parkers by which more than one waits.
    fn shared(&self) -> Vec<Parker> {
        let mut shared: Vec<Parker> = Vec::new();
        for (at, Wait { parker, .. }) in self.waits.iter().map(Rc::as_ref).enumerate() {
            if !shared.contains(parker) && self.waits[..at].iter().any(|other| other.parker == *parker) {
                shared.push(parker.clone());
            }
        }
        shared
    }

    /// It is to go on between two turns.
    fn woken(&self, wait: &Wait) {
        wait.is_woken.set(true);
        self.are_woken.set(true);
    }

    /// Those by which any waits that has left it.
    fn left(&self) -> Vec<Parker> {
        let mut left: Vec<Parker> = Vec::new();
        for wait in self.waits.iter().filter(|wait| wait.has_left.get()) {
            if !left.contains(&wait.parker) {
                left.push(wait.parker.clone());
            }
        }
        left
    }
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
                (false, nanos) => self.parks(parker, task, nanos, !stays),
                (true, Some(nanos)) => {
                    self.goes_on_after_the_end();
                    self.move_only_std_clock(nanos);
                }
                (true, None) if self.is_on_worker() => self.waits_for_the_end(task),
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

    fn parks(self: &Rc<Self>, parker: &Parker, task: Rc<Task>, longest: Option<u64>, has_left: bool) {
        let started = self.libc_clock.elapsed();
        let deadline = longest.map(|nanos| Instant::from_nanos(self.now.get().saturating_add(nanos)));
        let mut timer = None;
        // From now on, not from its first turn.
        let wait = self.waits_by(parker, has_left);
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
        self.waits_no_more(&wait);
        if let Some(timer) = timer {
            self.cancel_timer(timer);
        }
        self.dies_as(&task);
        if let Some(longest) = longest
            && !wait.is_over.get()
        {
            self.std_clock_sees(started, longest);
        }
    }

    fn waits_by(&self, parker: &Parker, has_left: bool) -> Rc<Wait> {
        let wait = Rc::new(Wait {
            parker: parker.clone(),
            has_left: has_left.into(),
            is_woken: false.into(),
            is_over: false.into(),
            looks: false.into(),
            waker: None.into(),
        });
        let Parked { waits, others, .. } = &mut *self.parked.borrow_mut();
        if waits.is_empty() {
            *others = OTHERS.load(Acquire);
        }
        waits.push(wait.clone());
        wait
    }

    fn waits_no_more(&self, wait: &Rc<Wait>) {
        let turn = self.turn_of_instant();
        let Parked { waits, looked, .. } = &mut *self.parked.borrow_mut();
        waits.retain(|other| !Rc::ptr_eq(other, wait));
        if wait.looks.get() {
            *looked = turn;
        }
    }

    /// A futex is woken. Says whether a turn waits there, which will be woken between two turns.
    pub(super) fn is_woken(&self, address: usize) -> bool {
        let Ok(parked) = self.parked.try_borrow() else { return false };
        let is_there = |wait: &&Rc<Wait>| !wait.has_left.get() && wait.parker.address() == address;
        let Some(wait) = parked.waits.iter().find(is_there) else { return false };
        parked.woken(wait);
        true
    }

    /// Wakes who is parked, if it was unparked.
    #[inline]
    pub(super) fn wake_parked(&self) {
        if !self.parked.borrow().waits.is_empty() {
            self.wake_unparked();
        }
    }

    #[cold]
    fn wake_unparked(&self) {
        self.leave_parkers();
        let left = self.parked.borrow().left();
        for parker in left.into_iter().filter(|parker| self.is_unparked(parker)) {
            let parked = self.parked.borrow();
            parked.waits.iter().filter(|wait| wait.parker == parker).for_each(|wait| parked.woken(wait));
        }
        // All in one go, in the order in which they wait: who has left its parker and who has not is no part of the schedule.
        if self.parked.borrow().are_woken.take() {
            self.end_waits(|wait| wait.is_woken.get(), false);
        }
    }

    /// If another thread may have unparked any that are still parked, those leave their parkers, to look for tokens.
    fn leave_parkers(&self) {
        let others = OTHERS.load(Acquire);
        if others == self.parked.borrow().others {
            return;
        }
        let Some(tokio) = self.idle.parks() else { return };
        let parked = &mut *self.parked.borrow_mut();
        parked.others = others;
        for wait in parked.waits.iter().filter(|wait| !wait.has_left.replace(true)) {
            if !wait.parker.unpark() {
                // It had a token.
                parked.woken(wait);
            }
            wait.parker.take_token(&tokio);
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
        self.end_waits(|wait| wait.parker == *parker, looks);
    }

    fn end_waits(&self, which: impl Fn(&Wait) -> bool, looks: bool) {
        let ended: Vec<_> = self.parked.borrow_mut().waits.extract_if(.., |wait| which(wait)).collect();
        for wait in ended {
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
        let shared = match &mut *self.parked.borrow_mut() {
            Parked { looks: 0, .. } => return false,
            parked => {
                parked.looks -= 1;
                parked.shared()
            }
        };
        shared.iter().for_each(|parker| self.wake_parked_by(parker, true));
        !shared.is_empty()
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
