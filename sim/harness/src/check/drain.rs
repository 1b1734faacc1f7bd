//! The stop of the fleet returns as soon as nobody lives, and not before; it lets nobody go on beyond the grace, and
//! nobody comes after it.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::{collections::BTreeSet, time::Duration};

/// The schedule may hold the operator back.
const GRACE: Duration = Duration::from_secs(3);
/// It may hold back the operator, then a shard that is cut off, then the operator again.
const CUT_GRACE: Duration = Duration::from_secs(9);

#[derive(Default)]
pub(super) struct Drain {
    living: BTreeSet<u64>,
    /// When it was stopped, or when its last shard ended after that.
    due: Option<Instant>,
    /// Until when those that live may go on.
    grace_ends: Option<Instant>,
    is_stopped: bool,
}

impl Rule for Drain {
    fn name(&self) -> &'static str {
        "the fleet stops when all have ended"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        match *told {
            Told::Spawned { shard } => {
                ensure!(!self.is_stopped, "shard-{shard} was started after the fleet had stopped");
                self.living.insert(shard);
            }
            Told::Ended { shard, .. } => {
                self.living.remove(&shard);
                self.due = self.due.map(|_| now);
            }
            Told::StopAsked => self.due = Some(now),
            Told::FleetStops { grace } => self.grace_ends = Some(now + grace),
            Told::FleetStopped => {
                self.is_stopped = true;
                ensure!(self.living.is_empty(), "the fleet has stopped, and shards {:?} live", self.living);
                let late = self.due.map_or(Duration::ZERO, |due| now - due);
                ensure!(late <= GRACE, "the fleet was stopped and empty for {late:?} before its stop returned");
                let late = self.grace_ends.map_or(Duration::ZERO, |ends| now.saturating_duration_since(ends));
                ensure!(
                    late <= CUT_GRACE,
                    "shards went on for {late:?} after the grace that the fleet's stop left them"
                );
            }
            _ => {}
        }
        Ok(())
    }
}
