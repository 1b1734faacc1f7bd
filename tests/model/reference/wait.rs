//! A wait as the model keeps it, for ever.

use crate::command::Caller;
use shardwright::{
    ShardId,
    scheduler::{AcquireError, AcquireOptions},
};
use std::time::Duration;
use tokio::time::Instant;

pub struct Wait {
    pub caller: Caller,
    pub shard: ShardId,
    pub options: AcquireOptions,
    /// Its number among those that were let in, and when that was.
    pub entered: Option<(u64, Instant)>,
    pub granted_at: Option<Instant>,
    pub fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// Not polled yet.
    Made,
    Queued,
    /// It has a slot and has not seen it.
    Granted,
    /// It has no slot and has not seen that.
    Refused(AcquireError),
    /// It has seen its slot.
    Holds,
    /// It has given back a slot that it had seen.
    Used,
    Gone,
}

impl Wait {
    /// 0 if it was not let in.
    pub fn ticket(&self) -> u64 {
        self.entered.map_or(0, |(ticket, _)| ticket)
    }

    /// Its caller still has the future, or the permit.
    pub fn is_there(&self) -> bool {
        !matches!(self.fate, Fate::Used | Fate::Gone)
    }

    pub fn is_queued(&self) -> bool {
        self.fate == Fate::Queued
    }

    pub fn has_slot(&self) -> bool {
        matches!(self.fate, Fate::Granted | Fate::Holds)
    }

    pub fn waited(&self) -> Duration {
        self.granted_at.zip(self.entered).map_or(Duration::ZERO, |(granted_at, (_, since))| granted_at - since)
    }
}
