//! The stop of the fleet returns as soon as nobody lives, and not before.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::{collections::BTreeSet, time::Duration};

/// The schedule may hold the operator back.
const GRACE: Duration = Duration::from_secs(3);

#[derive(Default)]
pub(super) struct Drain {
    living: BTreeSet<u64>,
    /// When it was stopped, or when its last shard ended after that.
    due: Option<Instant>,
}

impl Rule for Drain {
    fn name(&self) -> &'static str {
        "the fleet stops when all have ended"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        match *told {
            Told::Spawned { shard } => {
                self.living.insert(shard);
            }
            Told::Ended { shard, .. } => {
                self.living.remove(&shard);
                self.due = self.due.map(|_| now);
            }
            Told::StopAsked => self.due = Some(now),
            Told::FleetStopped => {
                ensure!(self.living.is_empty(), "the fleet has stopped, and shards {:?} live", self.living);
                let late = self.due.map_or(Duration::ZERO, |due| now - due);
                ensure!(late <= GRACE, "the fleet was stopped and empty for {late:?} before its stop returned");
            }
            _ => {}
        }
        Ok(())
    }
}
