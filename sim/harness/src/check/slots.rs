//! Never more holders than slots, counted ticket by ticket.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::BTreeMap;

pub(super) struct Slots {
    slots: u64,
    /// By ticket: the shard and since when.
    holders: BTreeMap<u64, (u64, Instant)>,
}

impl Slots {
    pub(super) fn new(slots: u64) -> Self {
        Self { slots, holders: BTreeMap::new() }
    }
}

impl Rule for Slots {
    fn name(&self) -> &'static str {
        "holders never exceed slots"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        match *told {
            Told::Acquired { shard, ticket } => {
                self.holders.insert(ticket, (shard, now));
                ensure!(
                    self.holders.len() as u64 <= self.slots,
                    "{} hold {} slots: {}",
                    self.holders.len(),
                    self.slots,
                    self.holders(now).join(", ")
                );
            }
            Told::Released { ticket, .. } => {
                self.holders.remove(&ticket);
            }
            _ => {}
        }
        Ok(())
    }

    fn holders(&self, now: Instant) -> Vec<String> {
        let holder = |(ticket, (shard, since)): (&u64, &(u64, Instant))| {
            format!("ticket {ticket}: shard-{shard} for {:?}", now - *since)
        };
        self.holders.iter().map(holder).collect()
    }
}
