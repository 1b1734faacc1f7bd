//! Writers are served in the order in which they come, more or less: nobody is overtaken again and again.

use super::{
    super::rule::Rule,
    told::{Answer, Told},
};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::BTreeMap;

pub(super) struct Fair {
    /// So many that were asked later may be acknowledged sooner than a write.
    overtaken_max: u64,
    asked: u64,
    waiting: BTreeMap<u64, Waiting>,
}

/// A write that is not answered yet.
struct Waiting {
    /// Which one it is, of all that were asked.
    nth: u64,
    overtaken: u64,
}

impl Fair {
    pub(super) fn new(overtaken_max: u64) -> Self {
        Self { overtaken_max, asked: 0, waiting: BTreeMap::new() }
    }
}

impl Rule<Told> for Fair {
    fn name(&self) -> &'static str {
        "nobody is overtaken again and again"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        match *told {
            Told::Asked { write, .. } => {
                self.asked += 1;
                self.waiting.insert(write, Waiting { nth: self.asked, overtaken: 0 });
            }
            Told::Answered { write, answer, .. } => {
                let done = self.waiting.remove(&write);
                if let (Some(done), Answer::Acknowledged { .. }) = (done, answer) {
                    for (other, waiting) in self.waiting.iter_mut().filter(|(_, waiting)| waiting.nth < done.nth) {
                        waiting.overtaken += 1;
                        let overtaken = waiting.overtaken;
                        ensure!(overtaken <= self.overtaken_max, "write {other} was overtaken by {overtaken} others");
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}
