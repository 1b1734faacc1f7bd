//! Of a caller that is gone nothing remains: no wait, no slot, and nothing is granted to it later.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Gone {
    gone: BTreeSet<u64>,
    /// By shard: its tickets that are out.
    out: BTreeMap<u64, BTreeSet<u64>>,
}

impl Rule for Gone {
    fn name(&self) -> &'static str {
        "nothing remains of a caller that is gone"
    }

    fn told(&mut self, _: Instant, told: &Told) -> Result {
        match *told {
            Told::Waiting { shard, ticket, .. } => {
                self.out.entry(shard).or_default().insert(ticket);
            }
            Told::Left { shard, ticket, .. } | Told::Released { shard, ticket } => {
                self.out.entry(shard).or_default().remove(&ticket);
            }
            Told::Acquired { shard, ticket } => {
                ensure!(!self.gone.contains(&shard), "ticket {ticket} was granted to shard-{shard}, which is gone");
            }
            Told::CallerGone { shard } => {
                let left = self.out.remove(&shard).unwrap_or_default();
                ensure!(left.is_empty(), "shard-{shard} is gone, and its tickets {left:?} are not");
                self.gone.insert(shard);
            }
            _ => {}
        }
        Ok(())
    }
}
