//! Whenever the scheduler is asked for phases, they are those of the history: a shard that holds a slot calls,
//! whatever else of it waits or has failed.

use super::{
    rule::Rule,
    told::{Phases, Told},
};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Phase {
    /// By registered shard.
    shards: BTreeMap<u64, Shard>,
}

#[derive(Default)]
struct Shard {
    waiting: u64,
    holding: u64,
    /// It has made use of a slot.
    has_called: bool,
}

impl Phase {
    fn own(&self) -> Phases {
        let mut phases = Phases::default();
        for shard in self.shards.values() {
            *match (shard.holding, shard.waiting, shard.has_called) {
                (1.., _, _) => &mut phases.executing,
                (0, 1.., _) => &mut phases.waiting,
                (0, 0, true) => &mut phases.processing,
                (0, 0, false) => &mut phases.initializing,
            } += 1;
        }
        phases
    }

    fn with(&mut self, shard: u64, change: impl FnOnce(&mut Shard)) {
        if let Some(shard) = self.shards.get_mut(&shard) {
            change(shard);
        }
    }
}

impl Rule for Phase {
    fn name(&self) -> &'static str {
        "phases are those of the history"
    }

    fn told(&mut self, _: Instant, told: &Told) -> Result {
        match *told {
            Told::Registered { shard } => {
                self.shards.insert(shard, Shard::default());
            }
            Told::Unregistered { shard } => {
                self.shards.remove(&shard);
            }
            Told::Waiting { shard, .. } => self.with(shard, |shard| shard.waiting += 1),
            Told::Left { shard, .. } => self.with(shard, |shard| shard.waiting = shard.waiting.saturating_sub(1)),
            Told::Acquired { shard, .. } => self.with(shard, |shard| {
                shard.waiting = shard.waiting.saturating_sub(1);
                shard.holding += 1;
            }),
            Told::Released { shard, .. } => self.with(shard, |shard| shard.holding = shard.holding.saturating_sub(1)),
            Told::ExchangeOpened { shard } => self.with(shard, |shard| shard.has_called = true),
            Told::Phases(theirs) => {
                let ours = self.own();
                ensure!(theirs == ours, "the scheduler tells {theirs:?}; the history has {ours:?}");
            }
            _ => {}
        }
        Ok(())
    }
}
