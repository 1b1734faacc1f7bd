//! What can be set about shards. Knows none of their parts.

use tokio::time::Duration;

/// Settings of one fleet: `Settings { shards_max: 3, ..Settings::BASE }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many shards may live at once, of whatever kind.
    pub shards_max: usize,
}

impl Settings {
    /// The defaults: 12 shards.
    pub const BASE: Settings = Settings { shards_max: 12 };
}

/// Settings of one shard: `SpawnOptions { execution_timeout, ..SpawnOptions::BASE }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpawnOptions {
    /// The longest a shard may run, from its first poll. The time in which it can do nothing but
    /// wait for an API slot does not count: that wait has a limit of its own, and a full queue must
    /// not eat the time that was meant for the work.
    pub execution_timeout: Duration,
}

impl SpawnOptions {
    /// The defaults: 15 min.
    pub const BASE: SpawnOptions = SpawnOptions { execution_timeout: Duration::from_secs(15 * 60) };
}
