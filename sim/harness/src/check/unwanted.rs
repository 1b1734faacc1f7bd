//! Work that nobody wants any more ends: a shard that was given up is gone soon after, and does not begin.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// The schedule may hold the shard back before it notices.
const GRACE: Duration = Duration::from_secs(3);

#[derive(Default)]
pub(super) struct Unwanted {
    living: BTreeSet<u64>,
    /// By shard that lives or never did: since when nobody wants it.
    given_up: BTreeMap<u64, Instant>,
}

impl Unwanted {
    fn judge(now: Instant, shard: u64, since: Instant) -> Result {
        let after = now - since;
        ensure!(after <= GRACE, "shard-{shard} was given up, and went on for {after:?}; {GRACE:?} is the most");
        Ok(())
    }
}

impl Rule for Unwanted {
    fn name(&self) -> &'static str {
        "work that nobody wants ends"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        match *told {
            Told::Spawned { shard } => {
                ensure!(!self.given_up.contains_key(&shard), "shard-{shard} was given up, and then began");
                self.living.insert(shard);
            }
            Told::GivenUp { shard } => {
                self.given_up.entry(shard).or_insert(now);
            }
            Told::Ended { shard, .. } => {
                self.living.remove(&shard);
                if let Some(since) = self.given_up.remove(&shard) {
                    Self::judge(now, shard, since)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn at_rest(&mut self, now: Instant) -> Result {
        let living = self.given_up.iter().filter(|(shard, _)| self.living.contains(shard));
        living.into_iter().try_for_each(|(shard, since)| Self::judge(now, *shard, *since))
    }
}
