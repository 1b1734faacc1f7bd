//! No slot stands free past an instant while somebody waits for one.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};

pub(super) struct Idle {
    slots: u64,
    held: u64,
    waiting: u64,
    stopped: bool,
    looked_at: Instant,
}

impl Idle {
    pub(super) fn new(slots: u64) -> Self {
        Self { slots, held: 0, waiting: 0, stopped: false, looked_at: Instant::START }
    }

    /// Within one instant a slot passes from hand to hand.
    fn judge(&mut self, now: Instant) -> Result {
        if now > self.looked_at {
            let (held, slots, waiting) = (self.held, self.slots, self.waiting);
            ensure!(
                self.stopped || waiting == 0 || held >= slots,
                "{waiting} waited from {:?} on while {held} of {slots} slots were held",
                self.looked_at
            );
            self.looked_at = now;
        }
        Ok(())
    }
}

impl Rule for Idle {
    fn name(&self) -> &'static str {
        "no slot is idle while somebody waits"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        self.judge(now)?;
        match *told {
            Told::Waiting { .. } => self.waiting += 1,
            Told::Left { .. } => self.waiting = self.waiting.saturating_sub(1),
            Told::Acquired { .. } => {
                self.waiting = self.waiting.saturating_sub(1);
                self.held += 1;
            }
            Told::Released { .. } => self.held = self.held.saturating_sub(1),
            Told::Stopped => self.stopped = true,
            _ => {}
        }
        Ok(())
    }
}
