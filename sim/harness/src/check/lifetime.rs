//! The time in which a shard can do nothing but wait for a slot is not taken from the time it may run for.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::{collections::BTreeMap, time::Duration};

#[derive(Default)]
pub(super) struct Lifetime {
    /// By shard that lives.
    lives: BTreeMap<u64, Life>,
}

struct Life {
    since: Instant,
    limit: Duration,
    waiting: u64,
    holding: u64,
    /// Since when it does nothing but wait.
    idle_since: Option<Instant>,
    idle: Duration,
}

impl Life {
    fn new(since: Instant) -> Self {
        Self { since, limit: Duration::ZERO, waiting: 0, holding: 0, idle_since: None, idle: Duration::ZERO }
    }

    fn clock(&mut self, now: Instant) {
        if let Some(since) = self.idle_since.take() {
            self.idle += now - since;
        }
        self.idle_since = (self.waiting > 0 && self.holding == 0).then_some(now);
    }
}

impl Lifetime {
    fn with(&mut self, now: Instant, shard: u64, change: impl FnOnce(&mut Life)) {
        if let Some(life) = self.lives.get_mut(&shard) {
            change(life);
            life.clock(now);
        }
    }
}

impl Rule for Lifetime {
    fn name(&self) -> &'static str {
        "waiting takes no time from the work"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        match *told {
            Told::Spawned { shard } => {
                self.lives.insert(shard, Life::new(now));
            }
            Told::TimeLimited { shard, limit } => self.with(now, shard, |life| life.limit = limit),
            Told::Waiting { shard, .. } => self.with(now, shard, |life| life.waiting += 1),
            Told::Left { shard, .. } => self.with(now, shard, |life| life.waiting = life.waiting.saturating_sub(1)),
            Told::Acquired { shard, .. } => self.with(now, shard, |life| {
                life.waiting = life.waiting.saturating_sub(1);
                life.holding += 1;
            }),
            Told::Released { shard, .. } => self.with(now, shard, |life| life.holding = life.holding.saturating_sub(1)),
            Told::Ended { shard, timed_out } => {
                self.with(now, shard, |_| ());
                let life = self.lives.remove(&shard).filter(|_| timed_out);
                if let Some(Life { since, limit, idle, .. }) = life {
                    let lived = now - since;
                    ensure!(
                        lived >= limit.saturating_add(idle),
                        "shard-{shard} was ended after {lived:?}, {idle:?} of which it could but wait; it may run {limit:?}"
                    );
                }
            }
            _ => {}
        }
        Ok(())
    }
}
