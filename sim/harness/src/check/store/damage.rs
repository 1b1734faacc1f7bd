//! No crash damages a file: whatever a power loss leaves is either whole or never finished.

use super::{super::rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};

pub(super) struct Damage;

impl Rule<Told> for Damage {
    fn name(&self) -> &'static str {
        "no crash damages a file"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        ensure!(*told != Told::Damaged, "a file is said not to be as it was written");
        Ok(())
    }
}
