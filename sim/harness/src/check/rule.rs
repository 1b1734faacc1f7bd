//! A rule is a check that reads nothing but [`Told`].

use super::told::Told;
use seedbed::{Check, check::Result, history::Event, time::Instant};

/// A fold over what was told.
pub(super) trait Rule {
    /// The rule in a few words; part of a finding's signature.
    fn name(&self) -> &'static str;

    /// Takes in one thing that was told at `now`.
    fn told(&mut self, now: Instant, told: &Told<'_>) -> Result;

    /// Faults have stopped and all work has ended.
    fn at_rest(&mut self, now: Instant) -> Result {
        let _ = now;
        Ok(())
    }

    /// For a stall: who holds what others wait for.
    fn holders(&self, now: Instant) -> Vec<String> {
        let _ = now;
        Vec::new()
    }
}

/// A rule at work.
pub(super) struct Judge(pub(super) Box<dyn Rule>);

impl Check for Judge {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn on_event(&mut self, now: Instant, event: &Event<'_>) -> Result {
        Told::read(event).map_or(Ok(()), |told| self.0.told(now, &told))
    }

    fn at_rest(&mut self, now: Instant) -> Result {
        self.0.at_rest(now)
    }

    fn holders(&self, now: Instant) -> Vec<String> {
        self.0.holders(now)
    }
}
