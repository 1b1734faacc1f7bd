//! Probabilistic concurrency testing: a random priority per task, which falls below all others at a
//! few random change points (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010).

use super::{Entrant, Strategy};
use crate::decision::{Distribution, Ratio};

/// The paper spreads d - 1 change points over the whole run. Here each poll of a task is one with this
/// probability, so that a point's key is (task, poll) and a step added elsewhere does not move it.
#[derive(Debug)]
pub(super) struct Pct {
    pub(super) change: Ratio,
}

/// Set in the priority of a task that has fallen: below all that have not.
const FALLEN: u64 = 1 << 31;

impl Strategy for Pct {
    fn rank(&self, entrant: &Entrant<'_>) -> u32 {
        let below_fallen = entrant.bits() >> 33;
        if entrant.poll() == 0 {
            entrant.memory().set(below_fallen);
        } else if self.change.sample(entrant.more_bits()) == 1 {
            entrant.memory().set(FALLEN | below_fallen);
        }
        entrant.memory().get() as u32
    }
}
