//! Of a wait that is over nothing remains: not when its caller waits again, and not when its caller is gone,
//! to whom nothing is granted later either.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Gone {
    gone: BTreeSet<u64>,
    /// By shard: how many things it does at once, if that is not one.
    lanes: BTreeMap<u64, u64>,
    /// By shard: its tickets that wait.
    waiting: BTreeMap<u64, BTreeSet<u64>>,
    /// By shard: its tickets that hold a slot.
    holding: BTreeMap<u64, BTreeSet<u64>>,
}

impl Rule for Gone {
    fn name(&self) -> &'static str {
        "nothing remains of a wait that is over"
    }

    fn told(&mut self, _: Instant, told: &Told) -> Result {
        match *told {
            Told::Lanes { shard, lanes } => {
                self.lanes.insert(shard, lanes);
            }
            // A shard of these worlds waits for one slot in each lane.
            Told::Waiting { shard, ticket, .. } => {
                let lanes = self.lanes.get(&shard).copied().unwrap_or(1);
                let waiting = self.waiting.entry(shard).or_default();
                ensure!(
                    (waiting.len() as u64) < lanes,
                    "shard-{shard} waits again, and its tickets {waiting:?} still do"
                );
                waiting.insert(ticket);
            }
            Told::Left { shard, ticket, .. } => {
                self.waiting.entry(shard).or_default().remove(&ticket);
            }
            Told::Acquired { shard, ticket } => {
                ensure!(!self.gone.contains(&shard), "ticket {ticket} was granted to shard-{shard}, which is gone");
                self.waiting.entry(shard).or_default().remove(&ticket);
                self.holding.entry(shard).or_default().insert(ticket);
            }
            Told::Released { shard, ticket } => {
                self.holding.entry(shard).or_default().remove(&ticket);
            }
            // A slot may outlive its shard: a stream is carried by a task of its own.
            Told::Ended { shard, .. } => {
                let waiting = self.waiting.remove(&shard).unwrap_or_default();
                ensure!(waiting.is_empty(), "shard-{shard} has ended, and its tickets {waiting:?} still wait");
            }
            Told::CallerGone { shard } => {
                let waiting = self.waiting.remove(&shard).unwrap_or_default();
                let holding = self.holding.remove(&shard).unwrap_or_default();
                ensure!(waiting.is_empty(), "shard-{shard} is gone, and its tickets {waiting:?} still wait");
                ensure!(holding.is_empty(), "shard-{shard} is gone, and its tickets {holding:?} still hold slots");
                self.gone.insert(shard);
            }
            _ => {}
        }
        Ok(())
    }
}
