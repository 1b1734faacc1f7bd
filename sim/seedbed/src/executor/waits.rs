//! Turns that stand still until what they wait for is woken: a parker (`park`), or a lock of std (`lock`). Both are futexes, so a
//! wake-up names its address; who was woken goes on between two turns.
#![cfg_attr(not(target_os = "linux"), allow(dead_code))]

use super::{Core, Home, lock::Futex, parker::Parker, task::Task};
use crate::time::Instant;
use std::{
    cell::Cell,
    rc::Rc,
    sync::atomic::{
        AtomicU64,
        Ordering::{Acquire, Release},
    },
    task::{Context, Poll, Waker},
};

/// In the order in which they have come.
#[derive(Default)]
pub(super) struct Waits {
    all: Vec<Rc<Wait>>,
    /// Whether any is woken since that was asked last.
    are_woken: Cell<bool>,
    /// `OTHERS` as it was then.
    others: u64,
}

pub(super) struct Wait {
    on: On,
    /// Whether it is to go on, so far as that is known.
    is_woken: Cell<bool>,
    pub(super) is_over: Cell<bool>,
    /// Whether it is over only because it might be.
    pub(super) looks: Cell<bool>,
    /// Of who waits, once it had a turn.
    waker: Cell<Option<Waker>>,
}

pub(super) enum On {
    Parker {
        parker: Parker,
        /// Whether it is parked by it no more, so that who unparks it wakes no futex.
        has_left: Cell<bool>,
    },
    Lock(Futex),
}

/// How often a futex was woken that none of the thread's turns was known to wait for.
static OTHERS: AtomicU64 = AtomicU64::new(0);

/// A futex is woken that no turn of this thread's is known to wait for: perhaps one of another's.
pub(super) fn other_woken() {
    OTHERS.fetch_add(1, Release);
}

impl Wait {
    fn is_at(&self, address: usize) -> bool {
        match &self.on {
            On::Parker { parker, has_left } => !has_left.get() && parker.address() == address,
            On::Lock(futex) => futex.address() == address,
        }
    }

    pub(super) fn parker(&self) -> Option<&Parker> {
        match &self.on {
            On::Parker { parker, .. } => Some(parker),
            On::Lock(_) => None,
        }
    }

    pub(super) fn is_by(&self, parker: &Parker) -> bool {
        self.parker() == Some(parker)
    }

    fn left(&self) -> Option<&Parker> {
        match &self.on {
            On::Parker { parker, has_left } if has_left.get() => Some(parker),
            _ => None,
        }
    }

    pub(super) fn is_woken(&self) -> bool {
        self.is_woken.get()
    }

    /// It is to have that waker woken when it is over.
    pub(super) fn suspends(&self, cx: &Context<'_>) {
        self.waker.set(Some(cx.waker().clone()));
    }
}

impl Waits {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Wait> {
        self.all.iter().map(Rc::as_ref)
    }

    /// It is to go on between two turns.
    fn woken(&self, wait: &Wait) {
        wait.is_woken.set(true);
        self.are_woken.set(true);
    }

    /// The parkers by which any waits that has left it.
    fn left(&self) -> Vec<Parker> {
        let mut left: Vec<Parker> = Vec::new();
        for parker in self.iter().filter_map(Wait::left) {
            if !left.contains(parker) {
                left.push(parker.clone());
            }
        }
        left
    }
}

impl Core {
    pub(super) fn waits_on(&self, on: On) -> Rc<Wait> {
        let wait = Rc::new(Wait {
            on,
            is_woken: false.into(),
            is_over: false.into(),
            looks: false.into(),
            waker: None.into(),
        });
        let Waits { all, others, .. } = &mut *self.waits.borrow_mut();
        if all.is_empty() {
            *others = OTHERS.load(Acquire);
        }
        all.push(wait.clone());
        wait
    }

    pub(super) fn waits_no_more(&self, wait: &Rc<Wait>) {
        self.waits.borrow_mut().all.retain(|other| !Rc::ptr_eq(other, wait));
    }

    /// The turn of `task`, named so, stands still until `is_over`, which has the waker, or for so many nanoseconds.
    pub(super) fn stands_still_until(
        self: &Rc<Self>,
        name: &str,
        task: &Rc<Task>,
        longest: Option<u64>,
        mut is_over: impl FnMut(&mut Context<'_>) -> bool,
    ) {
        let deadline = longest.map(|nanos| Instant::from_nanos(self.now.get().saturating_add(nanos)));
        let mut timer = None;
        let mut waits = |cx: &mut Context<'_>| {
            if is_over(cx) || deadline.is_some_and(|deadline| self.now() >= deadline) {
                return Poll::Ready(());
            }
            if let Some(deadline) = deadline {
                self.set_timer(&mut timer, deadline, cx.waker());
            }
            Poll::Pending
        };
        // Whatever its end is, the turn goes on.
        let _ = self.stand_still(name, task.clone(), Home::default(), &mut waits);
        if let Some(timer) = timer {
            self.cancel_timer(timer);
        }
    }

    /// So many of those that wait there are woken; who has waited longest first. Says how many there were, which go on
    /// between two turns.
    pub(super) fn wakes(&self, address: usize, most: usize) -> usize {
        let Ok(waits) = self.waits.try_borrow() else { return 0 };
        let there = waits.iter().filter(|wait| wait.is_at(address) && !wait.is_woken());
        there.take(most).map(|wait| waits.woken(wait)).count()
    }

    /// Has those go on that were woken.
    #[inline]
    pub(super) fn end_woken_waits(&self) {
        if !self.waits.borrow().all.is_empty() {
            self.look_for_woken();
        }
    }

    #[cold]
    fn look_for_woken(&self) {
        self.look_for_others_wakes();
        let left = self.waits.borrow().left();
        for parker in left.into_iter().filter(|parker| self.is_unparked(parker)) {
            let waits = self.waits.borrow();
            waits.iter().filter(|wait| wait.is_by(&parker)).for_each(|wait| waits.woken(wait));
        }
        // All in one go, in the order in which they wait: who has left its parker and who has not is no part of the schedule.
        if self.waits.borrow().are_woken.take() {
            self.end_waits(Wait::is_woken, false);
        }
    }

    /// If another thread may have woken any, those that wait for locks look at them, and those that are still parked leave their
    /// parkers, to look for tokens.
    fn look_for_others_wakes(&self) {
        let others = OTHERS.load(Acquire);
        if others == self.waits.borrow().others {
            return;
        }
        let Some(tokio) = self.idle.parks() else { return };
        self.waits.borrow_mut().others = others;
        let waits = self.waits.borrow();
        for wait in waits.iter() {
            let is_woken = match &wait.on {
                On::Lock(futex) => futex.has_changed(),
                // If it had a token.
                On::Parker { parker, has_left } => !has_left.replace(true) && parker.leave(&tokio),
            };
            if is_woken {
                waits.woken(wait);
            }
        }
    }

    pub(super) fn end_waits(&self, which: impl Fn(&Wait) -> bool, looks: bool) {
        let ended: Vec<_> = self.waits.borrow_mut().all.extract_if(.., |wait| which(wait)).collect();
        for wait in ended {
            wait.is_over.set(true);
            wait.looks.set(looks);
            if let Some(waker) = wait.waker.take() {
                waker.wake();
            }
        }
    }
}
