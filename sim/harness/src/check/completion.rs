//! Whoever asked and stayed gets a result, exactly once, and a good one unless a fault took it. That is
//! all of them, in every scenario: no share of failures is accepted. Whoever has it finds the shard's place free.

use super::{
    rule::Rule,
    told::{How, Told},
};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Open,
    /// It may end in any way, or never be heard of again.
    Released,
}

#[derive(Default)]
pub(super) struct Completion {
    wishes: BTreeMap<u64, Wish>,
    living: BTreeSet<u64>,
    stop_asked: bool,
}

impl Completion {
    fn release(&mut self, shard: u64) {
        if let Some(wish) = self.wishes.get_mut(&shard) {
            *wish = Wish::Released;
        }
    }
}

impl Rule for Completion {
    fn name(&self) -> &'static str {
        "every shard nobody gave up completes"
    }

    fn told(&mut self, _: Instant, told: &Told) -> Result {
        match *told {
            Told::AskedFor { shard } => {
                let known = self.wishes.insert(shard, Wish::Open);
                ensure!(known.is_none(), "two shards are called shard-{shard}");
            }
            Told::GivenUp { shard } | Told::Excused { shard } => self.release(shard),
            Told::StopAsked => self.stop_asked = true,
            Told::Spawned { shard } => {
                self.living.insert(shard);
            }
            Told::Ended { shard, .. } => {
                self.living.remove(&shard);
            }
            Told::Result { shard, how } => {
                ensure!(!self.living.contains(&shard), "the result of shard-{shard} was given out while it lives");
                let wish = self.wishes.remove(&shard);
                ensure!(wish.is_some(), "shard-{shard} has ended twice, or was never asked for");
                let must_finish = wish == Some(Wish::Open) && !self.stop_asked;
                ensure!(
                    how == How::Finished || !must_finish,
                    "shard-{shard} did not finish, and nothing was done to it"
                );
            }
            _ => {}
        }
        Ok(())
    }

    fn at_rest(&mut self, _: Instant) -> Result {
        let open: Vec<_> =
            self.wishes.iter().filter(|(_, wish)| **wish == Wish::Open).map(|(shard, _)| shard).collect();
        ensure!(open.is_empty() || self.stop_asked, "shards {open:?} were asked for and never ended");
        Ok(())
    }
}
