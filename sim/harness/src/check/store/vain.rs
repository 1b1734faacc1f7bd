//! Nobody waits for a turn in vain while nobody has one, where nobody keeps one: the line moves.

use super::{super::rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::{collections::BTreeSet, time::Duration};

pub(super) struct Vain {
    /// So long a write waits for a turn.
    wait: Duration,
    /// When a turn was over last.
    moved_at: Instant,
    /// Writes that are about to be told that they were not written.
    vain: BTreeSet<u64>,
}

impl Vain {
    pub(super) fn new(wait: Duration) -> Self {
        Self { wait, moved_at: Instant::START, vain: BTreeSet::new() }
    }
}

impl Rule<Told> for Vain {
    fn name(&self) -> &'static str {
        "the line moves"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        match *told {
            Told::Answered { write, .. } => {
                let was_vain = self.vain.remove(&write);
                self.moved_at = if was_vain { self.moved_at } else { now };
            }
            Told::Compacted { .. } | Told::PowerLost => self.moved_at = now,
            Told::WaitedInVain { write } => {
                self.vain.insert(write);
                let stood = now.saturating_duration_since(self.moved_at);
                ensure!(stood < self.wait, "write {write} had no turn in time, and nobody else had any for {stood:?}");
            }
            _ => {}
        }
        Ok(())
    }
}
