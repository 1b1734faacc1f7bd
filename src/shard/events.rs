//! What the fleet tells the log, all in one place, because operators search for these words.
//!
//! Target [`TARGET`]; every event has the fields `shard` (u64) and `kind`. `spawned` is emitted under
//! the fleet's lock when the shard takes its place, and exactly one of `finished`, `failed`,
//! `panicked`, `cancelled` and `timed out` under the same lock when it leaves it, so shards counted
//! from the log never exceed the limit. A subscriber must not call the fleet back.

use tracing::{info, warn};

use crate::id::ShardId;

/// The target of every event of this module.
pub const TARGET: &str = "shardwright::shard";

/// Which of the last events a shard gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Finished,
    Failed,
    Panicked,
    Cancelled,
    TimedOut,
}

pub(super) fn spawned(shard: ShardId, kind: &'static str) {
    info!(target: TARGET, shard = shard.0, kind, "spawned");
}

pub(super) fn ended(shard: ShardId, kind: &'static str, end: End) {
    match end {
        End::Finished => info!(target: TARGET, shard = shard.0, kind, "finished"),
        End::Failed => warn!(target: TARGET, shard = shard.0, kind, "failed"),
        End::Panicked => warn!(target: TARGET, shard = shard.0, kind, "panicked"),
        End::Cancelled => info!(target: TARGET, shard = shard.0, kind, "cancelled"),
        End::TimedOut => warn!(target: TARGET, shard = shard.0, kind, "timed out"),
    }
}
