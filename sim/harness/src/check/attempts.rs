//! Each attempt of a call has a number of its own, there are no more of them than may be, and none comes after
//! the provider's last word: judged from the far end, whoever it is that tries again.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Attempts {
    /// How many times a failed call may be tried again.
    retries_max: u64,
    /// By shard and call: its last attempt.
    last: BTreeMap<(u64, u64), u64>,
    refused: BTreeSet<(u64, u64)>,
}

impl Attempts {
    pub(super) fn new(retries_max: u64) -> Self {
        Self { retries_max, last: BTreeMap::new(), refused: BTreeSet::new() }
    }
}

impl Rule for Attempts {
    fn name(&self) -> &'static str {
        "attempts are numbered and few"
    }

    fn told(&mut self, _: Instant, told: &Told) -> Result {
        match *told {
            Told::Attempted { shard, call, attempt } => {
                let max = self.retries_max;
                ensure!(
                    !self.refused.contains(&(shard, call)),
                    "call {call} of shard-{shard} was refused, and made again"
                );
                ensure!(attempt <= max, "attempt {attempt} of call {call} of shard-{shard}; {max} is the last");
                let last = self.last.insert((shard, call), attempt);
                ensure!(
                    last.is_none_or(|last| last < attempt),
                    "attempt {attempt} of call {call} of shard-{shard} comes after attempt {last:?}"
                );
            }
            Told::Refused { shard, call } => {
                self.refused.insert((shard, call));
            }
            _ => {}
        }
        Ok(())
    }
}
