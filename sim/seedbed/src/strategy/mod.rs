//! Schedules: who runs next among the ready, and what else a schedule may do to a task's turn.
//!
//! A pick is the *rank* of a task at its n-th poll (lowest first, ties in order of readiness, and by
//! their paths for what one poll makes ready), never an
//! index into the ready list: a task added elsewhere moves no rank, and every strategy's run can be
//! written down as ranks.

mod dials;
mod fifo;
mod pct;
mod portfolio;
mod random;
mod urw;

pub(crate) use dials::Dials;
pub(crate) use portfolio::{CANCEL_ODDS, GRAIN, Schedule, draw};

use crate::{
    decision::{Decisions, mix},
    executor::{Key, Task},
};
use std::{cell::Cell, fmt};

/// A task that becomes ready, as a strategy sees it.
pub(crate) struct Entrant<'a> {
    task: &'a Task,
    decisions: &'a Decisions,
}

impl<'a> Entrant<'a> {
    pub(crate) fn new(task: &'a Task, decisions: &'a Decisions) -> Self {
        Self { task, decisions }
    }

    /// Which poll of the task this will be, from 0.
    fn poll(&self) -> u32 {
        self.task.polls.get()
    }

    /// The task's own word for its strategy, 0 at first.
    fn memory(&self) -> &Cell<u64> {
        &self.task.strategy_memory
    }

    /// Even bits for the task's `poll`-th poll.
    fn bits(&self, poll: u32) -> u64 {
        mix(self.task.subkey(Key::Rank, self.decisions), u64::from(poll))
    }

    /// Other even bits for that poll.
    fn more_bits(&self, poll: u32) -> u64 {
        mix(self.task.subkey(Key::RankChange, self.decisions), u64::from(poll))
    }
}

/// Ranks ready tasks. One file each; stateless but for what it keeps in a task's own memory, so that
/// one task's ranks never depend on another's. Asked only where two tasks compete, so not at every poll.
pub(crate) trait Strategy: fmt::Debug {
    /// The rank of `entrant`: lower runs first.
    fn rank(&self, entrant: &Entrant<'_>) -> u32;

    /// Whether it draws anything: ranks, and the order of timers that are due at one instant.
    fn is_drawn(&self) -> bool {
        true
    }
}

/// The strategies by name; `portfolio` draws one of the others for each seed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StrategyName {
    /// One of the others per seed, with dials drawn per seed: the default of a sweep.
    #[default]
    Portfolio,
    /// First ready, first run.
    Fifo,
    /// Every pick evenly random.
    Random,
    /// Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010).
    Pct,
    /// Uniform random walk over interleavings (Zhao et al., "SURW", ASPLOS 2025).
    Urw,
    /// madsim's own executor, for comparison: its random picks, and nobody cancelled but by the workload.
    Madsim,
}

impl StrategyName {
    /// All names, in the order of `list`.
    pub const ALL: [Self; 6] = [Self::Portfolio, Self::Fifo, Self::Random, Self::Pct, Self::Urw, Self::Madsim];

    /// The name as the command line and case files write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Portfolio => "portfolio",
            Self::Fifo => "fifo",
            Self::Random => "random",
            Self::Pct => "pct",
            Self::Urw => "urw",
            Self::Madsim => "madsim",
        }
    }

    /// The strategy of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|strategy| strategy.as_str() == name)
    }
}

impl fmt::Display for StrategyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
