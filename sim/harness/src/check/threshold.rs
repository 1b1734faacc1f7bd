//! The thresholds of one scenario: how long anybody waits at most, and how many at once.

use super::{Expected, rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::BTreeMap;

pub(super) struct Threshold {
    expected: Expected,
    waits: BTreeMap<u64, Instant>,
    looked_at: Instant,
}

impl Threshold {
    pub(super) fn new(expected: Expected) -> Self {
        Self { expected, waits: BTreeMap::new(), looked_at: Instant::START }
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
}

impl Rule for Threshold {
    fn name(&self) -> &'static str {
        "waits stay below the scenario's threshold"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        self.judge_queue(now)?;
        match *told {
            Told::Waiting { ticket, .. } => {
                self.waits.insert(ticket, now);
            }
            Told::Acquired { ticket, shard } | Told::Left { ticket, shard, .. } => {
                if let Some(since) = self.waits.remove(&ticket) {
                    let (waited, max) = (now - since, self.expected.wait_max);
                    ensure!(waited <= max, "shard-{shard} waited {waited:?}; {max:?} is the most");
                }
            }
            _ => {}
        }
        Ok(())
    }
}
