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
const FALLEN: u32 = 1 << 31;

impl Strategy for Pct {
    fn rank(&self, entrant: &Entrant<'_>) -> u32 {
        // The memory: the priority below, and above it the first poll that has not been looked at.
        let (mut priority, mut poll) = (entrant.memory().get() as u32, (entrant.memory().get() >> 32) as u32);
        while poll <= entrant.poll() {
            if poll == 0 {
                priority = below_fallen(entrant, 0);
            } else if self.change.sample(entrant.more_bits(poll)) == 1 {
                priority = FALLEN | below_fallen(entrant, poll);
            }
            poll += 1;
        }
        entrant.memory().set(u64::from(poll) << 32 | u64::from(priority));
        priority
    }
}

fn below_fallen(entrant: &Entrant<'_>, poll: u32) -> u32 {
    (entrant.bits(poll) >> 33) as u32
}
