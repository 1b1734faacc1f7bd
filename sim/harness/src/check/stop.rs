//! Once the stop has returned nobody gets a slot, nobody begins to use one, and those who waited hear of it; who waits
//! until it is idle waits until the last slot is given back.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::{collections::BTreeSet, time::Duration};

pub(super) struct Stop {
    /// The longest that a caller needs to see that all is over: for the slot that it still holds, and a pause.
    notice_max: Duration,
    stopped_at: Option<Instant>,
    holds: BTreeSet<u64>,
}

impl Stop {
    pub(super) fn new(hold_max: Duration) -> Self {
        Self { notice_max: hold_max.saturating_add(Duration::from_secs(5)), stopped_at: None, holds: BTreeSet::new() }
    }
}

impl Rule for Stop {
    fn name(&self) -> &'static str {
        "the stop is the end"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        match (*told, self.stopped_at) {
            (Told::SchedulerStopped, None) => self.stopped_at = Some(now),
            (Told::Acquired { shard, ticket }, Some(at)) => {
                ensure!(false, "ticket {ticket} was granted to shard-{shard}, {:?} after the stop", now - at);
            }
            (Told::ExchangeOpened { shard }, Some(at)) => {
                ensure!(false, "shard-{shard} opened an exchange, {:?} after the stop", now - at);
            }
            (Told::CallerGone { shard }, Some(at)) => {
                let (after, max) = (now - at, self.notice_max);
                ensure!(after <= max, "shard-{shard} went on for {after:?} after the stop; {max:?} is the most");
            }
            (Told::Acquired { ticket, .. }, None) => {
                self.holds.insert(ticket);
            }
            (Told::Released { ticket, .. }, _) => {
                self.holds.remove(&ticket);
            }
            (Told::SchedulerIdle, _) => {
                ensure!(self.holds.is_empty(), "the scheduler was said to be idle, and {:?} hold slots", self.holds);
            }
            _ => {}
        }
        Ok(())
    }
}
