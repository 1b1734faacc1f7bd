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
//! | `time limited` | shard, limit_ns | the shard may run for so long, waits for slots left out |
//! | `works in lanes` | shard, lanes | from now on the shard does so many things at once |
//! | `caller gone` | shard | the task that waited for slots on the shard's behalf is no more |
//! | `exchange opened`, `exchange closed` | shard | somebody makes use of a slot, seen from the far end |
//! | `attempted` | shard, call, attempt | somebody asks the provider; `attempt` counts from 0 |
//! | `refused` | shard, call | the provider will never answer this call, whoever asks again |
//! | `reader gone` | shard | a stream was dropped before its end |
//! | `waits limited` | limit_ns | the scheduler was told to let nobody wait for longer |
//! | `stop asked` | | unfinished work need not complete from now on |
//! | `scheduler stopped` | | the stop has returned |
//! | `scheduler idle` | | after the stop somebody waited until no slot was held, and that has returned |
//! | `fleet stops` | grace_ns | the fleet is told to stop: its shards may go on for so long |
//! | `fleet stopped` | | the stop of the fleet has returned |
//! | `phases` | initializing, waiting, executing, processing | how many shards are in which phase, says the scheduler |
//! | `counters` | as in `Metrics` | the scheduler's own numbers, at rest |

pub(crate) mod store;

use shardwright::{
    ShardId,
    llm::Request,
    scheduler::{Metrics, Phase},
    shard::ShardResult,
};
use std::time::Duration;
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

pub(crate) fn time_limited(shard: ShardId, limit: Duration) {
    info!(target: TARGET, shard = shard.0, limit_ns = nanos(limit), "time limited");
}

pub(crate) fn works_in_lanes(shard: ShardId, lanes: u64) {
    info!(target: TARGET, shard = shard.0, lanes, "works in lanes");
}

pub(crate) fn attempted(request: &Request) {
    let (shard, call, attempt) = (request.shard.0, request.call, u64::from(request.attempt));
    info!(target: TARGET, shard, call, attempt, "attempted");
}

pub(crate) fn refused(shard: ShardId, call: u64) {
    info!(target: TARGET, shard = shard.0, call, "refused");
}

pub(crate) fn waits_limited(limit: Duration) {
    info!(target: TARGET, limit_ns = nanos(limit), "waits limited");
}

pub(crate) fn stop_asked() {
    info!(target: TARGET, "stop asked");
}

pub(crate) fn scheduler_stopped() {
    info!(target: TARGET, "scheduler stopped");
}

pub(crate) fn scheduler_idle() {
    info!(target: TARGET, "scheduler idle");
}

pub(crate) fn fleet_stops(grace: Duration) {
    info!(target: TARGET, grace_ns = nanos(grace), "fleet stops");
}

pub(crate) fn fleet_stopped() {
    info!(target: TARGET, "fleet stopped");
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
        wait_ns = nanos(metrics.wait_total),
        registered = metrics.registered as u64,
        "counters"
    );
}

pub(crate) fn phases(metrics: &Metrics) {
    let count = |phase| metrics.phases.get(&phase).copied().unwrap_or(0) as u64;
    info!(
        target: TARGET,
        initializing = count(Phase::Initializing),
        waiting = count(Phase::WaitingForSlot),
        executing = count(Phase::ExecutingApi),
        processing = count(Phase::ProcessingResult),
        "phases"
    );
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
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
