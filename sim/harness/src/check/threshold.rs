//! The thresholds of one scenario: how long anybody waits at most, and how many at once. The scheduler's
//! own limit on waiting is one of them.

use super::{Expected, rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::{collections::BTreeMap, time::Duration};

/// The schedule may hold a waiter back that has run out of time.
const LIMIT_GRACE: Duration = Duration::from_secs(3);

pub(super) struct Threshold {
    expected: Expected,
    /// The scheduler's own limit: nobody gets a slot later than that.
    limit: Duration,
    waits: BTreeMap<u64, Instant>,
    looked_at: Instant,
}

impl Threshold {
    pub(super) fn new(expected: Expected) -> Self {
        Self { expected, limit: Duration::MAX, waits: BTreeMap::new(), looked_at: Instant::START }
    }

    /// Within one instant a wait may begin and end.
    fn judge_queue(&mut self, now: Instant) -> Result {
        if now > self.looked_at {
            let (waiting, max) = (self.waits.len() as u64, self.expected.waiting_max);
            ensure!(waiting <= max, "{waiting} waited at {:?}; {max} is the most", self.looked_at);
            self.looked_at = now;
        }
        Ok(())
    }

    fn end_wait(&mut self, now: Instant, ticket: u64, max: Duration) -> Result {
        let waited = self.waits.remove(&ticket).map_or(Duration::ZERO, |since| now - since);
        let max = max.min(self.expected.wait_max);
        ensure!(waited <= max, "ticket {ticket} waited {waited:?}; {max:?} is the most");
        Ok(())
    }
}

impl Rule for Threshold {
    fn name(&self) -> &'static str {
        "waits stay below the scenario's threshold"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        self.judge_queue(now)?;
        match *told {
            Told::WaitsLimited { limit } => self.limit = limit,
            Told::Waiting { ticket, .. } => {
                self.waits.insert(ticket, now);
            }
            Told::Acquired { ticket, .. } => self.end_wait(now, ticket, self.limit)?,
            Told::Left { ticket, .. } => self.end_wait(now, ticket, self.limit.saturating_add(LIMIT_GRACE))?,
            _ => {}
        }
        Ok(())
    }
}
