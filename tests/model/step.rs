//! What can be done to a scheduler, and all that can be seen of it afterwards: the words that the real one and
//! the model are compared in.

use shardwright::{
    ShardId,
    scheduler::{AcquireError, AcquireOptions, CheckpointError, Metrics, NotRegistered, ShardState},
};
use std::{collections::BTreeSet, time::Duration};

/// The shards that stories are about. The last is not registered at first.
pub const SHARDS: [ShardId; 4] = [ShardId(1), ShardId(2), ShardId(3), ShardId(4)];

/// What the first shards are registered as before a story, and any shard is in it.
pub const KINDS: [&str; 2] = ["there from the start", "registered in the story"];

/// Names one wait of a story: its waits are counted in the order they were made.
pub type WaitId = usize;

/// One thing that is done to a scheduler.
#[derive(Clone, Debug)]
pub enum Step {
    /// Makes the future of a wait, and does not poll it.
    Make {
        wait: WaitId,
        shard: ShardId,
        options: AcquireOptions,
    },
    /// Polls it, with a waker of its own.
    Poll(WaitId),
    /// Drops it, polled or not.
    Drop(WaitId),
    /// Drops the permit that it ended in.
    Release(WaitId),
    Advance(Duration),
    Stop,
    Register(ShardId),
    Unregister(ShardId),
    Save {
        shard: ShardId,
        key: &'static str,
        value: String,
    },
}

/// What a step came to, as far as its caller is told.
#[derive(Debug, PartialEq)]
pub enum Answer {
    Silent,
    Waits,
    Granted { shard: ShardId, ticket: u64 },
    Refused(AcquireError),
    Unregistered(Result<ShardState, NotRegistered>),
    Saved(Result<(), CheckpointError>),
}

/// All that can be seen of a scheduler at one moment.
#[derive(Debug)]
pub struct Seen {
    pub metrics: Metrics,
    /// Of [`SHARDS`].
    pub shards: [Option<ShardState>; SHARDS.len()],
    /// Of [`SHARDS`]: how long each could do nothing but wait.
    pub queued: [Duration; SHARDS.len()],
    /// Whose waker was called since its last poll.
    pub woken: BTreeSet<WaitId>,
    /// Whether one who waits for all slots to be free is told so.
    pub is_idle: bool,
}
