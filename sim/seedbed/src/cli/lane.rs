//! The threads that a worker's cases run on.

use super::protocol::Threads;
use crate::{
    case::{Case, CaseError},
    history::Keep,
    run::{self, Outcome, Program},
    thread::{self, HashKeys},
};

pub(super) enum Lane {
    /// A new thread for each case.
    Fresh,
    /// The current thread for all.
    Reused(HashKeys),
}

impl Lane {
    /// Of the current thread.
    pub(super) fn new(threads: Threads) -> Self {
        match threads {
            Threads::Fresh => Self::Fresh,
            Threads::Reused => HashKeys::locate().map_or(Self::Fresh, Self::Reused),
        }
    }

    pub(super) fn run(&self, program: &Program<'_>, case: &Case, keep: Keep) -> Result<Outcome, CaseError> {
        match self {
            Self::Fresh => thread::fresh(|| run::run(program, case, keep, None))
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Self::Reused(keys) => {
                let seed = case.seed.map_or(0, |seed| seed.0);
                keys.set(seed, seed);
                run::run(program, case, keep, None)
            }
        }
    }
}
