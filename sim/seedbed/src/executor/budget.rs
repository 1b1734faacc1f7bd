//! tokio's cooperative budget, given anew to each turn.
//!
//! tokio counts 128 operations down and then makes leaves suspend. Its public API can only take from the
//! budget; but a `RestoreOnPending` that is dropped puts back what there was when it was made. So one is
//! kept for each amount that turns need, and dropping it in exchange for its successor sets that amount.

use std::task::{Context, Poll, Waker};
use tokio::task::coop::{RestoreOnPending, poll_proceed};

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

    /// At the start of a poll that has the whole budget; `small` if small ones will be asked for.
    pub(super) fn new(small: bool) -> Self {
        let mut budgets = Self { whole: take(), small: [const { None }; Self::SMALL] };
        if small {
            // Down to the last operations: each takes the place of one that is too old, which falls out unused.
            let mut count = 0;
            while count < Self::COUNT_MAX
                && let Some(newest) = take()
            {
                if let Some(oldest) = budgets.small[count % Self::SMALL].replace(newest) {
                    oldest.made_progress();
                }
                count += 1;
            }
            // The newest, which lets nothing more through, to the front.
            budgets.small.rotate_left(count % Self::SMALL);
            budgets.small.reverse();
        }
        budgets
    }

    /// Gives the coming turn the whole budget, or one that suspends its `extra_yield`-th await (from 1).
    #[inline]
    pub(super) fn give(&mut self, extra_yield: u64) {
        let slot = match usize::try_from(extra_yield) {
            Ok(nth @ 1..=Self::SMALL) => &mut self.small[nth - 1],
            _ => &mut self.whole,
        };
        // The drop puts the amount back; the successor remembers it for the next time.
        drop(slot.take());
        *slot = take();
    }
}

fn take() -> Option<RestoreOnPending> {
    match poll_proceed(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(budget) => Some(budget),
        Poll::Pending => None,
    }
}
