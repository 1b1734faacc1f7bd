//! The scheduler's counters are those of the history.

use super::{
    rule::Rule,
    told::{Counted, Told},
};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Counters {
    waits: BTreeMap<u64, Instant>,
    grants: u64,
    released: u64,
    /// From the far end: every slot that its owner has seen is used in the same turn.
    exchanges: u64,
    wait_ns: u128,
    registered: u64,
}

impl Counters {
    fn own(&self, slots: u64) -> Counted {
        Counted {
            slots,
            active: self.grants - self.released,
            waiting: self.waits.len() as u64,
            api_calls: self.exchanges,
            grants: self.grants,
            grants_unused: self.released.saturating_sub(self.exchanges),
            wait_ns: u64::try_from(self.wait_ns).unwrap_or(u64::MAX),
            registered: self.registered,
        }
    }
}

impl Rule for Counters {
    fn name(&self) -> &'static str {
        "counters equal the history"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        match *told {
            Told::Registered { .. } => self.registered += 1,
            Told::Unregistered { .. } => self.registered = self.registered.saturating_sub(1),
            Told::Waiting { ticket, .. } => {
                self.waits.insert(ticket, now);
            }
            Told::Left { ticket, .. } => {
                self.waits.remove(&ticket);
            }
            Told::Acquired { ticket, .. } => {
                self.grants += 1;
                self.wait_ns += self.waits.remove(&ticket).map_or(0, |since| (now - since).as_nanos());
            }
            Told::Released { .. } => self.released += 1,
            Told::ExchangeOpened { .. } => self.exchanges += 1,
            Told::Counters(theirs) => {
                let ours = self.own(theirs.slots);
                ensure!(theirs == ours, "the scheduler counts {theirs:?}; the history has {ours:?}");
            }
            _ => {}
        }
        Ok(())
    }
}
