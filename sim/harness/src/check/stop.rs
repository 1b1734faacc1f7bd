//! Once the stop has returned nobody gets a slot, and nobody begins to use one.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};

#[derive(Default)]
pub(super) struct Stop {
    stopped_at: Option<Instant>,
}

impl Rule for Stop {
    fn name(&self) -> &'static str {
        "no grant after the stop"
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
            _ => {}
        }
        Ok(())
    }
}
