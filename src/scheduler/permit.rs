//! The right to make one call. Owns one slot; giving it back is its only act.

use std::{fmt, sync::Arc};

use super::handle::Shared;
use crate::id::ShardId;

/// Proof that a slot belongs to `shard`. Dropping it gives the slot to the next waiter, also while a
/// panic unwinds; it cannot be copied, so it cannot be given back twice.
#[must_use = "dropping the permit gives the slot back"]
pub struct Permit {
    shared: Arc<Shared>,
    ticket: u64,
    shard: ShardId,
}

impl Permit {
    pub(super) fn new(shared: Arc<Shared>, ticket: u64, shard: ShardId) -> Permit {
        Permit { shared, ticket, shard }
    }

    /// Whose slot it is.
    pub fn shard(&self) -> ShardId {
        self.shard
    }

    /// The number of the wait that ended in this slot, as in the log.
    pub fn ticket(&self) -> u64 {
        self.ticket
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("shard", &self.shard).field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        seam::sometimes!(std::thread::panicking(), "permit dropped while unwinding");
        self.shared.change(|ledger, now| ledger.release(self.ticket, now));
    }
}
