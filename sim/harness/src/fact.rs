//! What the harness itself tells the log: the facts that checks hold against the service's own story.
//! Emitted by the world around the service (clients, callers, the provider), never by its code.
//!
//! Target [`TARGET`]; `shard` is the number of a shard.
//!
//! | Message | Fields | When |
//! | --- | --- | --- |
//! | `shard asked for` | shard | somebody wants a shard's whole work from now on |
//! | `shard given up` | shard | its client cancels it, or is gone; it need not complete |
//! | `shard excused` | shard, why | a fault was injected that no retry can heal |
//! | `shard ended` | shard, how | its client has the result |
//! | `caller gone` | shard | the task that waited for slots on the shard's behalf is no more |
//! | `exchange opened`, `exchange closed` | shard | somebody makes use of a slot, seen from the far end |
//! | `reader gone` | shard | a stream was dropped before its end |
//! | `stop asked` | | unfinished work need not complete from now on |
//! | `scheduler stopped` | | the stop has returned |
//! | `counters` | as in `Metrics` | the scheduler's own numbers, at rest |

use shardwright::{ShardId, scheduler::Metrics, shard::ShardResult};
use tracing::info;

/// The target of every event of this module.
pub const TARGET: &str = "harness";

pub(crate) fn asked_for(shard: ShardId) {
    info!(target: TARGET, shard = shard.0, "shard asked for");
}

pub(crate) fn given_up(shard: ShardId) {
    info!(target: TARGET, shard = shard.0, "shard given up");
}

pub(crate) fn excused(shard: ShardId, why: &'static str) {
    info!(target: TARGET, shard = shard.0, why, "shard excused");
}

pub(crate) fn ended(shard: ShardId, result: &ShardResult) {
    let how = match result {
        ShardResult::Finished(_) => "finished",
        ShardResult::Failed(_) => "failed",
        ShardResult::Panicked(_) => "panicked",
        ShardResult::Cancelled => "cancelled",
        ShardResult::TimedOut { .. } => "timed out",
    };
    info!(target: TARGET, shard = shard.0, how, "shard ended");
}

pub(crate) fn stop_asked() {
    info!(target: TARGET, "stop asked");
}

pub(crate) fn scheduler_stopped() {
    info!(target: TARGET, "scheduler stopped");
}

pub(crate) fn reader_gone(shard: ShardId) {
    info!(target: TARGET, shard = shard.0, "reader gone");
}

pub(crate) fn counters(metrics: &Metrics) {
    info!(
        target: TARGET,
        slots = metrics.slots as u64,
        active = metrics.active as u64,
        waiting = metrics.waiting as u64,
        api_calls = metrics.api_calls,
        grants = metrics.grants,
        grants_unused = metrics.grants_unused,
        wait_ns = u64::try_from(metrics.wait_total.as_nanos()).unwrap_or(u64::MAX),
        registered = metrics.registered as u64,
        "counters"
    );
}

/// One use of a slot as the far end sees it: open while this lives.
pub(crate) struct Exchange(ShardId);

impl Exchange {
    pub(crate) fn open(shard: ShardId) -> Self {
        info!(target: TARGET, shard = shard.0, "exchange opened");
        Self(shard)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        info!(target: TARGET, shard = self.0.0, "exchange closed");
    }
}

/// Lives as long as the task that waits for slots on behalf of a shard; declare it first, so that it
/// is dropped last.
pub(crate) struct Caller(pub(crate) ShardId);

impl Drop for Caller {
    fn drop(&mut self) {
        info!(target: TARGET, shard = self.0.0, "caller gone");
    }
}
