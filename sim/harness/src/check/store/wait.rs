//! Nobody waits past the bound: each write is answered in time, by whatever answer.

use super::{super::rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::time::Duration;

pub(super) struct Wait {
    took_max: Duration,
}

impl Wait {
    pub(super) fn new(took_max: Duration) -> Self {
        Self { took_max }
    }
}

impl Rule<Told> for Wait {
    fn name(&self) -> &'static str {
        "nobody waits past the bound"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        if let Told::Answered { write, took, .. } = *told {
            ensure!(
                took <= self.took_max,
                "write {write} was answered after {took:?}, and {:?} are allowed",
                self.took_max
            );
        }
        Ok(())
    }
}
