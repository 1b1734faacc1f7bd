//! Slots come back in time: no use of one is longer than declared, and a stream that nobody reads any
//! more ends at once.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::{collections::BTreeMap, time::Duration};

/// The schedule may hold the carrying task back before it notices.
const READER_GRACE: Duration = Duration::from_secs(3);

pub(super) struct Hold {
    hold_max: Duration,
    /// By ticket: the shard and since when.
    holds: BTreeMap<u64, (u64, Instant)>,
    /// By shard: exchanges that are open.
    open: BTreeMap<u64, u64>,
    /// By shard: when its reader went while an exchange was open.
    unread: BTreeMap<u64, Instant>,
}

impl Hold {
    pub(super) fn new(hold_max: Duration) -> Self {
        Self { hold_max, holds: BTreeMap::new(), open: BTreeMap::new(), unread: BTreeMap::new() }
    }

    fn judge_hold(&self, now: Instant, ticket: u64, shard: u64, since: Instant) -> Result {
        let (held, max) = (now - since, self.hold_max);
        ensure!(held <= max, "ticket {ticket} of shard-{shard} holds its slot for {held:?}; {max:?} is the most");
        Ok(())
    }

    fn judge_unread(now: Instant, shard: u64, since: Instant) -> Result {
        let unread = now - since;
        ensure!(unread <= READER_GRACE, "an exchange of shard-{shard} goes on {unread:?} after its reader went");
        Ok(())
    }
}

impl Rule for Hold {
    fn name(&self) -> &'static str {
        "slots come back in time"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        match *told {
            Told::Acquired { shard, ticket } => {
                self.holds.insert(ticket, (shard, now));
            }
            Told::Released { ticket, .. } => {
                if let Some((shard, since)) = self.holds.remove(&ticket) {
                    self.judge_hold(now, ticket, shard, since)?;
                }
            }
            Told::ExchangeOpened { shard } => *self.open.entry(shard).or_default() += 1,
            Told::ReaderGone { shard } if self.open.get(&shard).is_some_and(|open| *open > 0) => {
                self.unread.insert(shard, now);
            }
            Told::ExchangeClosed { shard } => {
                *self.open.entry(shard).or_default() -= 1;
                if let Some(since) = self.unread.remove(&shard) {
                    Self::judge_unread(now, shard, since)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn at_rest(&mut self, now: Instant) -> Result {
        self.holds.iter().try_for_each(|(ticket, (shard, since))| self.judge_hold(now, *ticket, *shard, *since))?;
        self.unread.iter().try_for_each(|(shard, since)| Self::judge_unread(now, *shard, *since))
    }
}
