//! tokio's cooperative budget, given anew to each turn.
//!
//! tokio counts 128 operations down and then makes leaves suspend. Its public API can only take from the
//! budget; but a `RestoreOnPending` that is dropped puts back what there was when it was made. So one is
//! kept for each amount that turns need, and dropping it in exchange for its successor sets that amount.
//! The successor costs one operation: a whole budget is 127 here.
//!
//! Only tasks of tokio's own have a budget to begin with, so a thread's first run takes the amounts inside one.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};
use tokio::task::{
    LocalSet,
    coop::{RestoreOnPending, poll_proceed, unconstrained},
};

thread_local! {
    static KEPT: RefCell<Option<Budgets>> = const { RefCell::new(None) };
}

/// Runs `f`, which may [`give`] budgets at will: the caller has its own again afterwards.
pub(super) fn with_budgets(f: impl FnOnce()) {
    if KEPT.with_borrow(Option::is_none) {
        KEPT.set(Some(Budgets::of_a_local_task()));
    }
    unbounded(f);
}

/// Gives the coming turn the whole budget, or one that suspends its `extra_yield`-th await (from 1).
///
/// # Panics
/// Outside [`with_budgets`].
#[inline]
pub(super) fn give(extra_yield: u64) {
    KEPT.with_borrow_mut(|kept| kept.as_mut().expect("budgets are kept before turns are given any").give(extra_yield));
}

/// Runs `f` without a budget; the caller's is as before afterwards.
pub(crate) fn unbounded<R>(f: impl FnOnce() -> R) -> R {
    let (mut f, mut result) = (Some(f), None);
    let confined = unconstrained(poll_fn(|_| {
        result = f.take().map(|f| f());
        Poll::Ready(())
    }));
    let _ = pin!(confined).poll(&mut Context::from_waker(Waker::noop()));
    result.expect("a poll of a `poll_fn` calls it")
}

#[derive(Debug)]
pub(super) struct Budgets {
    whole: Option<RestoreOnPending>,
    /// `small[n]` lets n operations through.
    small: [Option<RestoreOnPending>; Budgets::SMALL],
}

impl Budgets {
    /// How many small budgets there are: an extra yield comes at one of the first so many awaits.
    pub(super) const SMALL: usize = 3;
    /// More than tokio's whole budget; reached only if there is none to count down.
    const COUNT_MAX: usize = 1_000;

    fn of_a_local_task() -> Self {
        let taken = Rc::new(Cell::new(None));
        let set = LocalSet::new();
        let inside = taken.clone();
        set.spawn_local(poll_fn(move |_| {
            inside.set(take());
            Poll::Ready(())
        }));
        let mut set = pin!(set);
        while set.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
        Self { whole: taken.take(), small: [const { None }; Self::SMALL] }
    }

    #[inline]
    fn give(&mut self, extra_yield: u64) {
        let slot = match usize::try_from(extra_yield) {
            Ok(nth @ 1..=Self::SMALL) => self.small(nth),
            _ => &mut self.whole,
        };
        // The drop puts the amount back; the successor remembers it for the next time.
        drop(slot.take());
        *slot = take();
    }

    fn small(&mut self, nth: usize) -> &mut Option<RestoreOnPending> {
        if self.small[0].is_none() {
            self.count_down();
        }
        &mut self.small[nth - 1]
    }

    /// From the whole budget to the last operations: each takes the place of one that is too old, which falls
    /// out unused.
    #[cold]
    fn count_down(&mut self) {
        drop(self.whole.take());
        self.whole = take();
        let mut count = 0;
        while count < Self::COUNT_MAX
            && let Some(newest) = take()
        {
            if let Some(oldest) = self.small[count % Self::SMALL].replace(newest) {
                oldest.made_progress();
            }
            count += 1;
        }
        // The newest, which lets nothing more through, to the front.
        self.small.rotate_left(count % Self::SMALL);
        self.small.reverse();
    }
}

fn take() -> Option<RestoreOnPending> {
    match poll_proceed(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(budget) => Some(budget),
        Poll::Pending => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many operations the budget lets through, up to `COUNT_MAX`.
    fn let_through() -> usize {
        (0..Budgets::COUNT_MAX).take_while(|_| take().inspect(RestoreOnPending::made_progress).is_some()).count()
    }

    #[test]
    fn each_turn_has_its_amount_and_the_caller_its_own() {
        for _ in 0..2 {
            with_budgets(|| {
                for (extra_yield, amount) in [(0, 127), (1, 0), (3, 2), (0, 127), (2, 1), (99, 127)] {
                    give(extra_yield);
                    assert_eq!(let_through(), amount, "extra yield {extra_yield}");
                }
            });
            assert_eq!(let_through(), Budgets::COUNT_MAX, "outside, nothing is counted");
        }
    }
}
