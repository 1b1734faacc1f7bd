//! No place stands free for long while a shard that was taken on waits for one.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::{collections::BTreeSet, time::Duration};

/// The schedule may hold back whoever fills the place.
const GRACE: Duration = Duration::from_secs(3);

pub(super) struct Places {
    shards_max: u64,
    living: BTreeSet<u64>,
    /// Spawned at some time, or wanted by nobody any more.
    settled: BTreeSet<u64>,
    waiting: BTreeSet<u64>,
    /// Since when somebody waits and a place is free.
    free_since: Option<Instant>,
}

impl Places {
    pub(super) fn new(shards_max: u64) -> Self {
        Self {
            shards_max,
            living: BTreeSet::new(),
            settled: BTreeSet::new(),
            waiting: BTreeSet::new(),
            free_since: None,
        }
    }

    fn settle(&mut self, shard: u64) {
        self.waiting.remove(&shard);
        self.settled.insert(shard);
    }
}

impl Rule for Places {
    fn name(&self) -> &'static str {
        "no place is idle while a shard waits for one"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        if let Some(since) = self.free_since {
            let (waiting, living, max) = (&self.waiting, self.living.len(), self.shards_max);
            ensure!(now - since <= GRACE, "shards {waiting:?} waited from {since:?} on while {living} of {max} lived");
        }
        match *told {
            // The first that is told of a shard once a fleet has taken it on; it may live by then.
            Told::TimeLimited { shard, .. } if !self.settled.contains(&shard) => {
                self.waiting.insert(shard);
            }
            Told::Spawned { shard } => {
                self.living.insert(shard);
                self.settle(shard);
            }
            Told::Ended { shard, .. } => {
                self.living.remove(&shard);
            }
            Told::GivenUp { shard } | Told::Result { shard, .. } => self.settle(shard),
            Told::StopAsked => self.waiting.clear(),
            _ => return Ok(()),
        }
        let is_free = !self.waiting.is_empty() && (self.living.len() as u64) < self.shards_max;
        self.free_since = is_free.then(|| self.free_since.unwrap_or(now));
        Ok(())
    }
}
