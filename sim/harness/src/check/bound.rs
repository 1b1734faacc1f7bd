//! Every wait is bounded: by the time it takes to rise to the highest class, and then by those who came
//! earlier, each for as long as the longest use of a slot.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use shardwright::scheduler::Priority;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

pub(super) struct Bound {
    slots: u64,
    rise_after: Duration,
    waits: BTreeMap<u64, Wait>,
    holds: BTreeMap<u64, Instant>,
    /// The same, the oldest first.
    holds_by_age: BTreeSet<(Instant, u64)>,
    longest_ended: Duration,
}

struct Wait {
    since: Instant,
    class: u64,
    /// How many waited when it began. Only they can still be ahead once it is in the highest class.
    ahead: u64,
}

impl Bound {
    pub(super) fn new(slots: u64, rise_after: Duration) -> Self {
        Self {
            slots,
            rise_after,
            waits: BTreeMap::new(),
            holds: BTreeMap::new(),
            holds_by_age: BTreeSet::new(),
            longest_ended: Duration::ZERO,
        }
    }

    /// While somebody waits all slots are in use, so each passes on once in every longest hold.
    fn judge(&self, now: Instant, ticket: u64, wait: &Wait) -> Result {
        let oldest = self.holds_by_age.first().map_or(Duration::ZERO, |(since, _)| now - *since);
        let longest = oldest.max(self.longest_ended);
        let rises = u32::try_from(Priority::Critical.class() - wait.class).unwrap_or(0);
        let turns = u32::try_from((wait.ahead + 1).div_ceil(self.slots)).unwrap_or(u32::MAX);
        let bound = self.rise_after * rises + longest.saturating_mul(turns);
        let waited = now - wait.since;
        ensure!(
            waited <= bound,
            "ticket {ticket} of class {} waited {waited:?}; with {} ahead on {} slots, each held {longest:?} at \
             most, it may wait {bound:?}: {turns} such times, and {:?} for each of {rises} higher classes",
            wait.class,
            wait.ahead,
            self.slots,
            self.rise_after
        );
        Ok(())
    }

    fn end_wait(&mut self, now: Instant, ticket: u64) -> Result {
        self.waits.remove(&ticket).map_or(Ok(()), |wait| self.judge(now, ticket, &wait))
    }
}

impl Rule for Bound {
    fn name(&self) -> &'static str {
        "waits are bounded"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        match *told {
            Told::Waiting { ticket, class, .. } => {
                let ahead = self.waits.len() as u64;
                self.waits.insert(ticket, Wait { since: now, class, ahead });
            }
            Told::Acquired { ticket, .. } => {
                self.end_wait(now, ticket)?;
                self.holds.insert(ticket, now);
                self.holds_by_age.insert((now, ticket));
            }
            Told::Left { ticket, .. } => self.end_wait(now, ticket)?,
            Told::Released { ticket, .. } => {
                if let Some(since) = self.holds.remove(&ticket) {
                    self.holds_by_age.remove(&(since, ticket));
                    self.longest_ended = self.longest_ended.max(now - since);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
