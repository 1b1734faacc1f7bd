//! What is seen of the model: counted anew from its waits, whenever it is asked.

use super::{
    Reference, WaitId,
    wait::{Fate, Wait},
};
use crate::command::{SHARDS, Seen};
use shardwright::{
    ShardId,
    scheduler::{Metrics, Phase, ShardState},
};
use std::{collections::BTreeMap, time::Duration};

impl Reference {
    pub fn seen(&self) -> Seen {
        Seen {
            metrics: self.metrics(),
            shards: SHARDS.map(|shard| self.state(shard)),
            queued: SHARDS.map(|shard| self.known.get(&shard).map_or(Duration::ZERO, |known| known.queued)),
            woken: (0..self.waits.len())
                .filter(|wait| self.is_woken(*wait))
                .map(|wait| self.waits[wait].caller)
                .collect(),
            is_idle: self.ids(Wait::has_slot).is_empty(),
        }
    }

    /// Whoever has something to see, and whoever's limit has come.
    fn is_woken(&self, wait: WaitId) -> bool {
        match self.waits[wait].fate {
            Fate::Granted | Fate::Refused(_) => true,
            Fate::Queued => self.limit(wait).is_some_and(|(at, _)| at <= self.now),
            Fate::Made | Fate::Holds | Fate::Used | Fate::Gone => false,
        }
    }

    fn metrics(&self) -> Metrics {
        let count = |is_meant: fn(&Wait) -> bool| self.ids(is_meant).len();
        let mut phases = BTreeMap::new();
        for state in SHARDS.iter().filter_map(|shard| self.state(*shard)) {
            *phases.entry(state.phase).or_default() += 1;
        }
        Metrics {
            slots: self.settings.slots,
            active: count(Wait::has_slot),
            waiting: count(Wait::is_queued),
            api_calls: count(|wait| wait.fate == Fate::Used) as u64,
            grants: count(|wait| wait.granted_at.is_some()) as u64,
            grants_unused: count(|wait| wait.granted_at.is_some() && matches!(wait.fate, Fate::Refused(_) | Fate::Gone))
                as u64,
            wait_total: self.waits.iter().map(Wait::waited).sum(),
            registered: self.known.len(),
            phases,
        }
    }

    pub(super) fn state(&self, shard: ShardId) -> Option<ShardState> {
        let known = self.known.get(&shard)?;
        let its = || self.waits.iter().filter(|wait| wait.shard == shard && wait.ticket() > known.ticket_before);
        let api_calls = its().filter(|wait| wait.fate == Fate::Used).count() as u64;
        let (waiting, holding) = (self.count(shard, Wait::is_queued), self.count(shard, Wait::has_slot));
        Some(ShardState {
            shard,
            kind: known.kind,
            phase: match (holding, waiting, api_calls) {
                (0, 0, 0) => Phase::Initializing,
                (0, 0, _) => Phase::ProcessingResult,
                (0, _, _) => Phase::WaitingForSlot,
                _ => Phase::ExecutingApi,
            },
            registered_at: known.since,
            waiting,
            holding,
            api_calls,
            wait_total: its().map(Wait::waited).sum(),
            last_call: its().filter_map(|wait| wait.granted_at).max(),
            checkpoint: known.checkpoint.clone(),
        })
    }
}
