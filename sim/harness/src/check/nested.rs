//! Nobody waits for a slot with another one idle in hand: if all holders did, none would ever go on.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Nested {
    /// By shard: slots held and exchanges open.
    shards: BTreeMap<u64, (u64, u64)>,
    /// By shard: how many things it does at once, if that is not one. In each it has one slot or waits for one.
    lanes: BTreeMap<u64, u64>,
}

impl Rule for Nested {
    fn name(&self) -> &'static str {
        "nobody waits with an idle slot in hand"
    }

    fn told(&mut self, _: Instant, told: &Told) -> Result {
        match *told {
            Told::Lanes { shard, lanes } => {
                self.lanes.insert(shard, lanes);
            }
            Told::Acquired { shard, .. } => self.shards.entry(shard).or_default().0 += 1,
            Told::Released { shard, .. } => {
                let held = &mut self.shards.entry(shard).or_default().0;
                *held = held.saturating_sub(1);
            }
            Told::ExchangeOpened { shard } => self.shards.entry(shard).or_default().1 += 1,
            Told::ExchangeClosed { shard } => self.shards.entry(shard).or_default().1 -= 1,
            Told::Waiting { shard, .. } => {
                let (held, open) = self.shards.get(&shard).copied().unwrap_or_default();
                let lanes = self.lanes.get(&shard).copied().unwrap_or(1);
                ensure!(held < open + lanes, "shard-{shard} waits for a slot, holds {held}, and uses {open} of them");
            }
            _ => {}
        }
        Ok(())
    }
}
