//! The scheduler's numbers at one moment. Knows nothing of how they come about.

use std::{collections::BTreeMap, fmt};

use tokio::time::Duration;

use super::record::Phase;

/// All taken under one lock, so they agree: `grants == api_calls + grants_unused + active`, the
/// phases add up to `registered`, and `waiting > 0` implies `active == slots`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// How many slots there are.
    pub slots: usize,
    /// Slots with an owner.
    pub active: usize,
    /// Waits in the queue.
    pub waiting: usize,
    /// Calls that ended, those of unregistered shards included.
    pub api_calls: u64,
    /// Slots ever given out.
    pub grants: u64,
    /// Slots given to a waiter that was gone before it could use them.
    pub grants_unused: u64,
    /// All waits that ended in a slot, added up.
    pub wait_total: Duration,
    /// Shards known, leaving ones included.
    pub registered: usize,
    /// How many shards are in which phase; phases without a shard are left out.
    pub phases: BTreeMap<Phase, usize>,
}

impl Metrics {
    /// The mean wait of all grants; zero before the first.
    pub fn wait_mean(&self) -> Duration {
        match self.grants {
            0 => Duration::ZERO,
            grants => {
                Duration::from_nanos(u64::try_from(self.wait_total.as_nanos() / u128::from(grants)).unwrap_or(u64::MAX))
            }
        }
    }
}

impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "slots={}/{}, waiting={}, api_calls={}, avg_wait={}ms, shards={}",
            self.active,
            self.slots,
            self.waiting,
            self.api_calls,
            self.wait_mean().as_millis(),
            self.registered
        )
    }
}
