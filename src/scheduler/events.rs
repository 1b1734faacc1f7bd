//! What the scheduler tells the log, all in one place, because operators search for these words.
//!
//! Target [`TARGET`]. Messages are constant, every fact is a field: ids, counts and microseconds
//! (`_us`) are u64, words are `&'static str`. Each event is emitted under the scheduler's lock at
//! the change it reports, so their order is the true order; a subscriber must not call the
//! scheduler back.
//!
//! | Message | Fields | When |
//! | --- | --- | --- |
//! | `registered` | shard, kind | the shard became known |
//! | `waiting for slot` | shard, ticket, class, active, max, waiting | a wait began; `waiting` includes it |
//! | `acquired slot` | shard, ticket, class, wait_us, active, max | a slot got an owner, who may not have run yet; a warning if the wait was slow |
//! | `released slot` | shard, ticket, held_us, active, max, waiting | the owner gave it back, or was gone before it could use it |
//! | `left the queue` | shard, ticket, why, waited_us | a wait ended without a slot: [`Why`] |
//! | `stopped` | waiting, active | no grant comes after this; those waiting leave next |
//! | `unregistered` | shard | the shard is forgotten |
//!
//! Every `waiting for slot` is followed by exactly one `acquired slot` or `left the queue` of its
//! ticket, every `acquired slot` by one `released slot`. `class` is the priority that was asked
//! for, 0 (low) to 3 (critical). `active` and `waiting` count after the change, `stopped` before it.

use tokio::time::Duration;
use tracing::{debug, info, warn};

use super::priority::Priority;
use crate::id::ShardId;

/// The target of every event of this module.
pub const TARGET: &str = "shardwright::scheduler";

/// Why a wait ended without a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The caller dropped its acquire.
    Cancelled,
    /// The scheduler's limit on waiting.
    SlotTimeout,
    /// The caller's own deadline.
    Deadline,
    /// The scheduler was stopped.
    Stopped,
}

impl Why {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::SlotTimeout => "slot timeout",
            Self::Deadline => "deadline",
            Self::Stopped => "stopped",
        }
    }
}

/// A wait or a held slot, as the log names it.
#[derive(Clone, Copy)]
pub(super) struct Subject {
    pub(super) shard: ShardId,
    pub(super) ticket: u64,
    pub(super) priority: Priority,
}

/// How full the scheduler is.
#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) active: usize,
    pub(super) max: usize,
    pub(super) waiting: usize,
}

pub(super) fn registered(shard: ShardId, kind: &'static str) {
    info!(target: TARGET, shard = shard.0, kind, "registered");
}

pub(super) fn waiting(subject: Subject, load: Load) {
    debug!(
        target: TARGET,
        shard = subject.shard.0,
        ticket = subject.ticket,
        class = subject.priority.class(),
        active = load.active as u64,
        max = load.max as u64,
        waiting = load.waiting as u64,
        "waiting for slot"
    );
}

pub(super) fn acquired(subject: Subject, wait: Duration, load: Load, slow: bool) {
    let (shard, ticket, class) = (subject.shard.0, subject.ticket, subject.priority.class());
    let (wait_us, active, max) = (micros(wait), load.active as u64, load.max as u64);
    if slow {
        warn!(target: TARGET, shard, ticket, class, wait_us, active, max, "acquired slot");
    } else {
        debug!(target: TARGET, shard, ticket, class, wait_us, active, max, "acquired slot");
    }
}

pub(super) fn released(subject: Subject, held: Duration, load: Load) {
    debug!(
        target: TARGET,
        shard = subject.shard.0,
        ticket = subject.ticket,
        held_us = micros(held),
        active = load.active as u64,
        max = load.max as u64,
        waiting = load.waiting as u64,
        "released slot"
    );
}

pub(super) fn left(subject: Subject, why: Why, waited: Duration) {
    debug!(
        target: TARGET,
        shard = subject.shard.0,
        ticket = subject.ticket,
        why = why.as_str(),
        waited_us = micros(waited),
        "left the queue"
    );
}

pub(super) fn stopped(load: Load) {
    info!(target: TARGET, waiting = load.waiting as u64, active = load.active as u64, "stopped");
}

pub(super) fn unregistered(shard: ShardId) {
    info!(target: TARGET, shard = shard.0, "unregistered");
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
