//! What can be set about a store. Knows none of its parts.

use tokio::time::Duration;

/// Settings of one handle: `Settings { lock_wait: .., ..Settings::BASE }`. Handles of one store may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The longest that a write waits for its turn.
    pub lock_wait: Duration,
    /// How many requests of this handle wait to be written at most; more wait to be asked.
    pub queue_max: usize,
    /// How many requests are written with one sync at most; at least 1.
    pub commit_requests_max: usize,
    /// In so many bytes the file grows ahead of what is written: a sync is cheaper if no length changes with it.
    pub grow_bytes: u64,
    /// The log is compacted when what was written since is longer than this and than the state it began with, in bytes, and
    /// most of it was overwritten or deleted, or when it is four times as long.
    pub compact_bytes: u64,
}

impl Settings {
    /// The defaults: 30 s of waiting, 1,024 requests, 256 with one sync, 256 KiB ahead, 1 MiB of log.
    pub const BASE: Settings = Settings {
        lock_wait: Duration::from_secs(30),
        queue_max: 1_024,
        commit_requests_max: 256,
        grow_bytes: 256 << 10,
        compact_bytes: 1 << 20,
    };
}
