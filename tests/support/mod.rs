//! What the real side's tests share.

pub mod model;
pub mod story;

use shardwright::{
    ShardId,
    scheduler::{Scheduler, Settings},
};

/// A scheduler with `slots` slots and the shards 1 to `shards` registered.
pub fn scheduler(slots: usize, shards: u64) -> Scheduler {
    scheduler_with(Settings { slots, ..Settings::BASE }, shards)
}

/// The same, with all settings given.
pub fn scheduler_with(settings: Settings, shards: u64) -> Scheduler {
    story::listen_from_the_start();
    let scheduler = Scheduler::new(settings);
    for shard in 1..=shards {
        scheduler.register(ShardId(shard), "test");
    }
    scheduler
}

/// Asserts what must be true whenever nobody is at work, and that the numbers agree.
pub fn assert_at_rest(scheduler: &Scheduler) {
    let metrics = scheduler.metrics();
    assert_eq!((metrics.active, metrics.waiting), (0, 0), "{metrics:?}");
    assert_eq!(metrics.grants, metrics.api_calls + metrics.grants_unused, "{metrics:?}");
    assert_eq!(metrics.phases.values().sum::<usize>(), metrics.registered, "{metrics:?}");
}
