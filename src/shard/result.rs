//! How a shard ends. Knows nothing of tasks.

use tokio::time::Duration;

use crate::llm::CallError;

/// How a shard ended; each shard has exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShardResult {
    /// The work is done; what it gave.
    Finished(String),
    /// The work gave up.
    Failed(ShardError),
    /// The work panicked, or what it left behind did; the message.
    Panicked(String),
    /// Somebody cancelled it before it was done.
    Cancelled,
    /// It ran for longer than it may.
    TimedOut {
        /// Its execution timeout.
        limit: Duration,
    },
}

/// Why a shard's work gave up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// A model call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A reason of the work's own, told to people.
    #[error("{reason}")]
    GaveUp {
        /// The reason.
        reason: String,
    },
}
