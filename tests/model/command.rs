//! What can be done to a scheduler, and all that can be seen of it afterwards: the words that the real one and
//! the model are compared in.

use shardwright::{
    ShardId,
    scheduler::{AcquireError, CheckpointError, Metrics, NotRegistered, Priority, ShardState},
};
use std::{collections::BTreeSet, time::Duration};

/// The shards that stories are about. The last is not registered at first.
pub const SHARDS: [ShardId; 4] = [ShardId(1), ShardId(2), ShardId(3), ShardId(4)];

/// What the first shards are registered as before a story, and any shard is in it.
pub const KINDS: [&str; 2] = ["there from the start", "registered in the story"];

/// Somebody with room for one wait or one permit. A command names its caller, so it means the same when other
/// callers' commands are taken out of the story.
pub type Caller = u8;

/// Callers are 0 up to this.
pub const CALLERS: Caller = 8;

/// One thing that is done. Time is in whole seconds, and there are few of them: so things happen in one instant.
#[derive(Clone, Copy, Debug)]
pub enum Command {
    /// Makes the future of a wait, if the caller has nothing, and polls it.
    Ask(Ask),
    /// Only makes it.
    Make(Ask),
    /// Polls the caller's future, if there is one, with a waker of its own.
    Poll(Caller),
    /// Drops what the caller has: a future, polled or not, or the permit that it ended in.
    Drop(Caller),
    AdvanceS(u64),
    Stop,
    Register(ShardId),
    Unregister(ShardId),
    Save {
        shard: ShardId,
        key: &'static str,
        bytes: usize,
    },
}

#[derive(Clone, Copy, Debug)]
pub struct Ask {
    pub caller: Caller,
    pub shard: ShardId,
    pub priority: Priority,
    pub patience_s: Option<u64>,
}

/// What a command came to, as far as its caller is told.
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
    pub woken: BTreeSet<Caller>,
    /// Whether one who waits for all slots to be free is told so.
    pub is_idle: bool,
}
