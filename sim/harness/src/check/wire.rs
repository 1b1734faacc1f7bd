//! Whoever is on the wire has a slot for it, and there are never more on it than slots: judged from the
//! far end, whatever the scheduler believes.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::BTreeMap;

pub(super) struct Wire {
    slots: u64,
    open: u64,
    /// By shard: exchanges that are open, slots that are held.
    shards: BTreeMap<u64, (u64, u64)>,
}

impl Wire {
    pub(super) fn new(slots: u64) -> Self {
        Self { slots, open: 0, shards: BTreeMap::new() }
    }

    fn judge(&self, shard: u64) -> Result {
        let (open, held) = self.shards.get(&shard).copied().unwrap_or_default();
        ensure!(open <= held, "shard-{shard} has {open} exchanges open and holds {held} slots");
        ensure!(self.open <= self.slots, "{} exchanges are open on {} slots", self.open, self.slots);
        Ok(())
    }
}

impl Rule for Wire {
    fn name(&self) -> &'static str {
        "no exchange without a slot"
    }

    fn told(&mut self, _: Instant, told: &Told) -> Result {
        match *told {
            Told::Acquired { shard, .. } => self.shards.entry(shard).or_default().1 += 1,
            Told::Released { shard, .. } => {
                let held = &mut self.shards.entry(shard).or_default().1;
                *held = held.saturating_sub(1);
                return self.judge(shard);
            }
            Told::ExchangeOpened { shard } => {
                self.open += 1;
                self.shards.entry(shard).or_default().0 += 1;
                return self.judge(shard);
            }
            Told::ExchangeClosed { shard } => {
                self.open -= 1;
                self.shards.entry(shard).or_default().0 -= 1;
            }
            _ => {}
        }
        Ok(())
    }
}
