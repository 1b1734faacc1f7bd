//! What codeNERD's scheduler writes down: one phase per shard, a list of waits, counters. Nothing here decides
//! who gets a slot; that is the channel's order.

use std::collections::BTreeMap;

use tokio::time::{Duration, Instant};

use super::{
    error::{CheckpointError, NotRegistered},
    events::{self, Load, Subject, Why},
    metrics::Metrics,
    priority::Priority,
    record::{Phase, ShardState},
    settings::Settings,
};
use crate::id::ShardId;

pub(super) struct Books {
    settings: Settings,
    ticket_next: u64,
    shards: BTreeMap<ShardId, ShardState>,
    waits: Vec<Subject>,
    active: usize,
    api_calls: u64,
    grants: u64,
    wait_total: Duration,
}

impl Books {
    pub(super) fn new(settings: Settings) -> Books {
        Books {
            settings,
            ticket_next: 1,
            shards: BTreeMap::new(),
            waits: Vec::new(),
            active: 0,
            api_calls: 0,
            grants: 0,
            wait_total: Duration::ZERO,
        }
    }

    /// A shard that is known already is written over.
    pub(super) fn register(&mut self, shard: ShardId, kind: &'static str, now: Instant) {
        let state = ShardState {
            shard,
            kind,
            phase: Phase::Initializing,
            registered_at: now,
            waiting: 0,
            holding: 0,
            api_calls: 0,
            wait_total: Duration::ZERO,
            last_call: None,
            checkpoint: BTreeMap::new(),
        };
        if self.shards.insert(shard, state).is_none() {
            events::registered(shard, kind);
        }
    }

    /// Whatever it waits for or holds.
    pub(super) fn unregister(&mut self, shard: ShardId) -> Result<ShardState, NotRegistered> {
        let state = self.shards.remove(&shard).ok_or(NotRegistered)?;
        events::unregistered(shard);
        Ok(ShardState { phase: Phase::Completed, ..state })
    }

    /// The priority is kept with the wait, and never looked at again.
    pub(super) fn wait(&mut self, shard: ShardId, priority: Priority) -> Result<Subject, NotRegistered> {
        self.shards.get_mut(&shard).ok_or(NotRegistered)?.phase = Phase::WaitingForSlot;
        let subject = Subject { shard, ticket: self.ticket_next, priority };
        self.ticket_next += 1;
        self.waits.push(subject);
        events::waiting(subject, self.load());
        Ok(subject)
    }

    /// A failed wait makes the shard a failed one, whatever else it does; here that is an ended one.
    pub(super) fn leave(&mut self, subject: Subject, why: Why, waited: Duration) {
        self.forget_wait(subject.shard);
        self.set_phase(subject.shard, Phase::Completed);
        events::left(subject, why, waited);
    }

    pub(super) fn grant(&mut self, subject: Subject, waited: Duration, now: Instant) {
        self.forget_wait(subject.shard);
        self.active += 1;
        self.grants += 1;
        self.wait_total += waited;
        self.set_phase(subject.shard, Phase::ExecutingApi);
        if let Some(state) = self.shards.get_mut(&subject.shard) {
            state.wait_total += waited;
            state.last_call = Some(now);
        }
        events::acquired(subject, waited, self.load(), waited >= self.settings.slow_acquire);
    }

    /// Of any slot: they have no owners.
    pub(super) fn release(&mut self, subject: Subject, held: Duration) {
        self.active -= 1;
        self.api_calls += 1;
        self.set_phase(subject.shard, Phase::ProcessingResult);
        if let Some(state) = self.shards.get_mut(&subject.shard) {
            state.api_calls += 1;
        }
        events::released(subject, held, self.load());
    }

    pub(super) fn stopped(&self) {
        events::stopped(self.load());
    }

    /// Nothing for a shard that is not known.
    pub(super) fn save(&mut self, shard: ShardId, key: String, value: String) -> Result<(), CheckpointError> {
        if let Some(state) = self.shards.get_mut(&shard) {
            state.checkpoint.insert(key, value);
        }
        Ok(())
    }

    pub(super) fn state(&self, shard: ShardId) -> Option<&ShardState> {
        self.shards.get(&shard)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.active == 0
    }

    pub(super) fn metrics(&self) -> Metrics {
        let mut phases = BTreeMap::new();
        for state in self.shards.values() {
            *phases.entry(state.phase).or_default() += 1;
        }
        Metrics {
            slots: self.settings.slots,
            active: self.active,
            waiting: self.waits.len(),
            api_calls: self.api_calls,
            grants: self.grants,
            grants_unused: 0,
            wait_total: self.wait_total,
            registered: self.shards.len(),
            phases,
        }
    }

    /// The first wait of that shard, which need not be the one that has ended.
    fn forget_wait(&mut self, shard: ShardId) {
        if let Some(place) = self.waits.iter().position(|wait| wait.shard == shard) {
            self.waits.remove(place);
        }
    }

    fn set_phase(&mut self, shard: ShardId, phase: Phase) {
        if let Some(state) = self.shards.get_mut(&shard) {
            state.phase = phase;
        }
    }

    fn load(&self) -> Load {
        Load { active: self.active, max: self.settings.slots, waiting: self.waits.len() }
    }
}
