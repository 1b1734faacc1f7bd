//! At rest nobody holds, nobody waits, nobody is on the wire, nobody is registered and nobody lives.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::BTreeSet;

#[derive(Default)]
pub(super) struct Rest {
    waits: BTreeSet<u64>,
    holds: BTreeSet<u64>,
    living: BTreeSet<u64>,
    open: i64,
    registered: i64,
}

impl Rule for Rest {
    fn name(&self) -> &'static str {
        "nothing is left at rest"
    }

    fn told(&mut self, _: Instant, told: &Told) -> Result {
        match *told {
            Told::Registered { .. } => self.registered += 1,
            Told::Unregistered { .. } => self.registered -= 1,
            Told::Waiting { ticket, .. } => {
                self.waits.insert(ticket);
            }
            Told::Left { ticket, .. } => {
                self.waits.remove(&ticket);
            }
            Told::Acquired { ticket, .. } => {
                self.waits.remove(&ticket);
                self.holds.insert(ticket);
            }
            Told::Released { ticket, .. } => {
                self.holds.remove(&ticket);
            }
            Told::Spawned { shard } => {
                self.living.insert(shard);
            }
            Told::Ended { shard, .. } => {
                self.living.remove(&shard);
            }
            Told::ExchangeOpened { .. } => self.open += 1,
            Told::ExchangeClosed { .. } => self.open -= 1,
            _ => {}
        }
        Ok(())
    }

    fn at_rest(&mut self, _: Instant) -> Result {
        ensure!(self.holds.is_empty(), "tickets {:?} still hold slots", self.holds);
        ensure!(self.waits.is_empty(), "tickets {:?} still wait", self.waits);
        ensure!(self.open == 0, "{} exchanges are still open", self.open);
        ensure!(self.living.is_empty(), "shards {:?} still live", self.living);
        ensure!(self.registered == 0, "{} shards are still registered", self.registered);
        Ok(())
    }
}
