//! How much shrinking may cost.
#![expect(clippy::disallowed_methods, reason = "real time is what a person waits for, outside every world")]

use std::time::{Duration, Instant};

/// How much shrinking may cost; what is reached by then is still a case that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Runs.
    pub runs: u64,
    /// Real time.
    pub time: Duration,
}

impl Budget {
    /// For a person who waits for nothing else.
    pub const BASE: Self = Self { runs: 50_000, time: Duration::from_secs(60) };
    /// For one finding of a sweep.
    pub const BRIEF: Self = Self { runs: 2_000, time: Duration::from_secs(5) };
}

/// What of a budget is used up.
#[derive(Debug)]
pub(super) struct Spent {
    budget: Budget,
    started: Instant,
    pub(super) runs: u64,
    /// Whether a run was refused.
    pub(super) is_over: bool,
}

impl Spent {
    pub(super) fn nothing_of(budget: Budget) -> Self {
        Self { budget, started: Instant::now(), runs: 0, is_over: false }
    }

    /// Counts one run more, if there may be one.
    pub(super) fn may_run(&mut self) -> bool {
        self.is_over |= self.runs >= self.budget.runs || self.started.elapsed() >= self.budget.time;
        self.runs += u64::from(!self.is_over);
        !self.is_over
    }
}
