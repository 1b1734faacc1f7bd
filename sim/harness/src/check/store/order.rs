//! The order of the log is the order of the turns: what was asked after an answer has a greater number, whatever clocks say.

use super::{
    super::rule::Rule,
    told::{Answer, Told},
};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Order {
    newest: u64,
    /// The newest when each write was first asked.
    newest_before: BTreeMap<u64, u64>,
}

impl Rule<Told> for Order {
    fn name(&self) -> &'static str {
        "later writes have greater numbers"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        match *told {
            Told::Asked { write, .. } => {
                self.newest_before.entry(write).or_insert(self.newest);
            }
            Told::Answered { write, answer: Answer::Acknowledged { version, .. }, .. } => {
                let before = self.newest_before.get(&write).copied().unwrap_or(0);
                ensure!(
                    version > before,
                    "write {write} was given the number {version}, and {before} was given out before"
                );
                self.newest = self.newest.max(version);
            }
            _ => {}
        }
        Ok(())
    }
}
