//! A shard's place among the living. Owns the way out: whatever drops it, the shard is unregistered
//! and its place is free. Knows nothing of the work.

use std::sync::Arc;

use super::{events::End, roster::Roster};
use crate::{id::ShardId, scheduler::Scheduler};

pub(super) struct Seat {
    pub(super) shard: ShardId,
    pub(super) scheduler: Scheduler,
    /// The work has been polled.
    pub(super) started: bool,
    /// How the work ended, if it was allowed to.
    pub(super) end: Option<End>,
    roster: Arc<Roster>,
}

impl Seat {
    /// Registers a shard that has just taken its place in `roster`.
    pub(super) fn new(shard: ShardId, kind: &'static str, scheduler: Scheduler, roster: Arc<Roster>) -> Seat {
        scheduler.register(shard, kind);
        Seat { shard, scheduler, started: false, end: None, roster }
    }

    /// Without an end of its own the task was dropped from outside. A panic at this point comes from
    /// a destructor of the work, and is what the task's handle will report.
    fn last_word(&self) -> End {
        if std::thread::panicking() { End::Panicked } else { self.end.unwrap_or(End::Cancelled) }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let end = self.last_word();
        seam::sometimes!(end == End::Cancelled && !self.started, "shard cancelled before its first poll");
        // Unregistered first: the scheduler never knows a shard that the roster does not. Someone
        // else may have unregistered it already, which is as good.
        let _ = self.scheduler.unregister(self.shard);
        self.roster.leave(self.shard, end);
    }
}
