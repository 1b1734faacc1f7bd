//! Never more shards live than may.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::BTreeSet;

pub(super) struct Living {
    shards_max: u64,
    living: BTreeSet<u64>,
}

impl Living {
    pub(super) fn new(shards_max: u64) -> Self {
        Self { shards_max, living: BTreeSet::new() }
    }
}

impl Rule for Living {
    fn name(&self) -> &'static str {
        "no more shards live than may"
    }

    fn told(&mut self, _: Instant, told: &Told) -> Result {
        match *told {
            Told::Spawned { shard } => {
                self.living.insert(shard);
                let count = self.living.len() as u64;
                ensure!(count <= self.shards_max, "{count} shards live, and {} may", self.shards_max);
            }
            Told::Ended { shard, .. } => {
                self.living.remove(&shard);
            }
            _ => {}
        }
        Ok(())
    }
}
