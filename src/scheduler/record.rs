//! What the scheduler remembers of one shard. Knows nothing of slots or of other shards.

use std::{collections::BTreeMap, fmt};

use tokio::time::{Duration, Instant};

use super::error::CheckpointError;
use crate::id::ShardId;

/// What a shard is doing, derived from its waits and slots: it can never get stuck.
///
/// There is no "failed": a failed wait or call is a fact about that call, and another call of the
/// same shard may be running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Registered, no call made so far.
    Initializing,
    /// Waits for a slot and holds none.
    WaitingForSlot,
    /// Holds at least one slot.
    ExecutingApi,
    /// Between calls.
    ProcessingResult,
    /// Unregistered.
    Completed,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Initializing => "initializing",
            Self::WaitingForSlot => "waiting_for_slot",
            Self::ExecutingApi => "executing_api",
            Self::ProcessingResult => "processing_result",
            Self::Completed => "completed",
        })
    }
}

/// A shard at one moment: a full copy that shares nothing and never changes later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardState {
    /// The shard.
    pub shard: ShardId,
    /// What it was registered as.
    pub kind: &'static str,
    /// What it is doing.
    pub phase: Phase,
    /// When it was first registered.
    pub registered_at: Instant,
    /// Its waits in the queue.
    pub waiting: usize,
    /// The slots it owns.
    pub holding: usize,
    /// Calls it has ended, that is slots it has used and given back.
    pub api_calls: u64,
    /// All its waits that ended in a slot, added up.
    pub wait_total: Duration,
    /// When it last got a slot.
    pub last_call: Option<Instant>,
    /// What it has saved.
    pub checkpoint: BTreeMap<String, String>,
}

pub(super) struct Record {
    shard: ShardId,
    pub(super) kind: &'static str,
    registered_at: Instant,
    waiting: usize,
    holding: usize,
    api_calls: u64,
    wait_total: Duration,
    last_call: Option<Instant>,
    checkpoint: BTreeMap<String, String>,
    /// Unregistered, but a wait or a slot of it is still out.
    pub(super) leaving: bool,
    queued_total: Duration,
    queued_since: Option<Instant>,
}

impl Record {
    pub(super) fn new(shard: ShardId, kind: &'static str, now: Instant) -> Record {
        Record {
            shard,
            kind,
            registered_at: now,
            waiting: 0,
            holding: 0,
            api_calls: 0,
            wait_total: Duration::ZERO,
            last_call: None,
            checkpoint: BTreeMap::new(),
            leaving: false,
            queued_total: Duration::ZERO,
            queued_since: None,
        }
    }

    pub(super) fn wait_began(&mut self, now: Instant) {
        self.waiting += 1;
        self.clock_queueing(now);
    }

    pub(super) fn wait_ended(&mut self, now: Instant) {
        self.waiting -= 1;
        self.clock_queueing(now);
    }

    pub(super) fn granted(&mut self, waited: Duration, now: Instant) {
        self.waiting -= 1;
        self.holding += 1;
        self.wait_total += waited;
        self.last_call = Some(now);
        self.clock_queueing(now);
    }

    pub(super) fn released(&mut self, used: bool, now: Instant) {
        self.holding -= 1;
        self.api_calls += u64::from(used);
        self.clock_queueing(now);
    }

    /// Nothing of a leaving shard is out any more.
    pub(super) fn is_gone(&self) -> bool {
        self.leaving && self.waiting == 0 && self.holding == 0
    }

    pub(super) fn phase(&self) -> Phase {
        match (self.holding, self.waiting, self.api_calls) {
            (1.., _, _) => Phase::ExecutingApi,
            (0, 1.., _) => Phase::WaitingForSlot,
            (0, 0, 1..) => Phase::ProcessingResult,
            (0, 0, 0) => Phase::Initializing,
        }
    }

    /// How long the shard could do nothing but wait for a slot, over its life.
    pub(super) fn queued(&self, now: Instant) -> Duration {
        self.queued_total + self.queued_since.map_or(Duration::ZERO, |since| now - since)
    }

    fn clock_queueing(&mut self, now: Instant) {
        if self.waiting > 0 && self.holding == 0 {
            self.queued_since.get_or_insert(now);
        } else if let Some(since) = self.queued_since.take() {
            self.queued_total += now - since;
        }
    }

    pub(super) fn save(&mut self, key: String, value: String, bytes_max: usize) -> Result<(), CheckpointError> {
        let others = self.checkpoint.iter().filter(|(other, _)| **other != key);
        let bytes = others.map(|(key, value)| key.len() + value.len()).sum::<usize>() + key.len() + value.len();
        if bytes > bytes_max {
            return Err(CheckpointError::TooLarge { bytes, bytes_max });
        }
        self.checkpoint.insert(key, value);
        Ok(())
    }

    pub(super) fn load(&self, key: &str) -> Option<String> {
        self.checkpoint.get(key).cloned()
    }

    pub(super) fn state(&self) -> ShardState {
        ShardState {
            shard: self.shard,
            kind: self.kind,
            phase: self.phase(),
            registered_at: self.registered_at,
            waiting: self.waiting,
            holding: self.holding,
            api_calls: self.api_calls,
            wait_total: self.wait_total,
            last_call: self.last_call,
            checkpoint: self.checkpoint.clone(),
        }
    }
}
