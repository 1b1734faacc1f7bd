//! How the scheduler says no: one enum per operation.

use tokio::time::Duration;

/// Why an acquire ended without a slot. A caller that goes away is no error: it drops the future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcquireError {
    /// The shard is not registered, so it may not ask.
    #[error("the shard is not registered")]
    NotRegistered,
    /// The scheduler's own limit on waiting was reached.
    #[error("no API slot within {limit:?} (waited {waited:?})")]
    SlotTimeout {
        /// The setting that ended the wait.
        limit: Duration,
        /// How long the caller had been waiting.
        waited: Duration,
    },
    /// The caller's deadline came before a slot did.
    #[error("the deadline passed before an API slot was free")]
    DeadlineExceeded,
    /// The scheduler was stopped.
    #[error("the scheduler is stopped")]
    Stopped,
}

/// The scheduler does not know this shard, or has been told that it is leaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shard is not registered")]
pub struct NotRegistered;

/// Why a checkpoint was not saved; what was saved before is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The shard is not registered.
    #[error("the shard is not registered")]
    NotRegistered,
    /// With this value the shard's checkpoint would outgrow its limit.
    #[error("the checkpoint would hold {bytes} bytes, the limit is {bytes_max}")]
    TooLarge {
        /// What it would have held.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
}
