//! What can be set about a scheduler. Knows none of its parts.

use tokio::time::Duration;

/// Settings of one scheduler: `Settings { slots: 2, ..Settings::BASE }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many calls may run at once; at least 1.
    pub slots: usize,
    /// The longest wait for a slot; then the wait ends in `AcquireError::SlotTimeout`. Not zero.
    pub slot_timeout: Duration,
    /// A waiter counts as one priority class higher for each such span it has waited; not zero.
    pub rise_after: Duration,
    /// A grant after a wait of this length or longer is logged as a warning.
    pub slow_acquire: Duration,
    /// The most bytes, keys and values together, that one shard's checkpoint may hold.
    pub checkpoint_bytes_max: usize,
}

impl Settings {
    /// The defaults: 5 slots, 5 min slot timeout, one class per 30 s, slow from 100 ms, 1 MiB of checkpoint.
    pub const BASE: Settings = Settings {
        slots: 5,
        slot_timeout: Duration::from_secs(5 * 60),
        rise_after: Duration::from_secs(30),
        slow_acquire: Duration::from_millis(100),
        checkpoint_bytes_max: 1024 * 1024,
    };

    pub(super) fn check(&self) {
        assert!(self.slots > 0, "a scheduler without slots would never grant one");
        assert!(!self.rise_after.is_zero(), "rise_after is zero: every waiter would be critical at once");
        assert!(!self.slot_timeout.is_zero(), "slot_timeout is zero: every wait would end as it began");
    }
}
