//! The model: what the scheduler must do, as plainly as it can be said. It keeps every wait of a story for ever
//! and counts them anew whenever it is asked; it has no queues, no counters, no wakers and no timers.

use crate::step::{Answer, KINDS, SHARDS, Seen, Step, WaitId};
use shardwright::{
    ShardId,
    scheduler::{
        AcquireError, AcquireOptions, CheckpointError, Metrics, NotRegistered, Phase, Priority, Settings, ShardState,
    },
};
use std::{cmp::Reverse, collections::BTreeMap, time::Duration};
use tokio::time::Instant;

pub struct Reference {
    settings: Settings,
    now: Instant,
    is_stopped: bool,
    /// In the order they were made; a wait's place is its id.
    waits: Vec<Wait>,
    known: BTreeMap<ShardId, Known>,
}

struct Wait {
    shard: ShardId,
    options: AcquireOptions,
    /// Its number among those that were let in, and when that was.
    entered: Option<(u64, Instant)>,
    granted_at: Option<Instant>,
    fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
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

/// A shard from its registration until it is forgotten.
struct Known {
    kind: &'static str,
    since: Instant,
    /// Tickets up to this one are of an earlier life.
    ticket_before: u64,
    is_leaving: bool,
    checkpoint: BTreeMap<String, String>,
    queued: Duration,
}

impl Reference {
    pub fn new(settings: Settings, now: Instant) -> Reference {
        let mut reference = Reference { settings, now, is_stopped: false, waits: Vec::new(), known: BTreeMap::new() };
        for shard in &SHARDS[..SHARDS.len() - 1] {
            reference.register(*shard, KINDS[0]);
        }
        reference
    }

    pub fn now(&self) -> Instant {
        self.now
    }

    /// How many waits were made.
    pub fn made(&self) -> WaitId {
        self.waits.len()
    }

    /// Waits whose futures are still there.
    pub fn waits(&self) -> Vec<WaitId> {
        self.ids(|wait| !matches!(wait.fate, Fate::Holds | Fate::Used | Fate::Gone))
    }

    /// Waits whose permits are still there.
    pub fn permits(&self) -> Vec<WaitId> {
        self.ids(|wait| wait.fate == Fate::Holds)
    }

    /// What everybody who is still there has left to do.
    pub fn farewells(&self) -> Vec<Step> {
        let waits = self.waits().into_iter().map(Step::Drop);
        waits.chain(self.permits().into_iter().map(Step::Release)).collect()
    }

    /// Takes a step, which is over at `now`.
    pub fn take(&mut self, step: &Step, now: Instant) -> Answer {
        self.pass(now);
        let answer = match step {
            Step::Make { shard, options, .. } => self.make(*shard, *options),
            Step::Poll(wait) => self.poll(*wait),
            Step::Drop(wait) => self.end(*wait, Fate::Gone),
            Step::Release(wait) => self.end(*wait, Fate::Used),
            Step::Advance(_) => Answer::Silent,
            Step::Stop => self.stop(),
            Step::Register(shard) => self.register(*shard, KINDS[1]),
            Step::Unregister(shard) => Answer::Unregistered(self.unregister(*shard)),
            Step::Save { shard, key, value } => Answer::Saved(self.save(*shard, key, value)),
        };
        self.grant();
        self.forget();
        answer
    }

    fn pass(&mut self, now: Instant) {
        for shard in SHARDS {
            let only_waits = self.count(shard, Wait::is_queued) > 0 && self.count(shard, Wait::has_slot) == 0;
            if let Some(known) = self.known.get_mut(&shard).filter(|_| only_waits) {
                known.queued += now - self.now;
            }
        }
        self.now = now;
    }

    fn make(&mut self, shard: ShardId, options: AcquireOptions) -> Answer {
        self.waits.push(Wait { shard, options, entered: None, granted_at: None, fate: Fate::Made });
        Answer::Silent
    }

    fn poll(&mut self, wait: WaitId) -> Answer {
        if self.waits[wait].fate == Fate::Made {
            self.waits[wait].fate = self.enter(wait);
            self.grant();
        }
        let now = self.now;
        let limit = self.limit(wait);
        let polled = &mut self.waits[wait];
        let refused = match polled.fate {
            Fate::Granted if polled.options.deadline.is_none_or(|deadline| deadline > now) => {
                polled.fate = Fate::Holds;
                return Answer::Granted { shard: polled.shard, ticket: polled.ticket() };
            }
            Fate::Granted => AcquireError::DeadlineExceeded,
            Fate::Refused(error) => error,
            _ => match limit {
                Some((at, error)) if at <= now => error,
                _ => return Answer::Waits,
            },
        };
        polled.fate = Fate::Gone;
        Answer::Refused(refused)
    }

    /// The first poll: the wait is let in, or told why not.
    fn enter(&mut self, wait: WaitId) -> Fate {
        let ticket = self.tickets() + 1;
        let Wait { shard, options, .. } = self.waits[wait];
        if self.is_stopped {
            return Fate::Refused(AcquireError::Stopped);
        }
        if options.deadline.is_some_and(|deadline| deadline <= self.now) {
            return Fate::Refused(AcquireError::DeadlineExceeded);
        }
        if self.registered(shard).is_err() {
            return Fate::Refused(AcquireError::NotRegistered);
        }
        self.waits[wait].entered = Some((ticket, self.now));
        Fate::Queued
    }

    /// When a wait ends by itself, and how. A deadline that comes with the slot timeout is the reason.
    fn limit(&self, wait: WaitId) -> Option<(Instant, AcquireError)> {
        let Wait { entered, options, .. } = self.waits[wait];
        let (_, since) = entered?;
        let limit = self.settings.slot_timeout;
        Some(match options.deadline {
            Some(deadline) if deadline <= since + limit => (deadline, AcquireError::DeadlineExceeded),
            _ => (since + limit, AcquireError::SlotTimeout { limit, waited: self.now - since }),
        })
    }

    fn end(&mut self, wait: WaitId, fate: Fate) -> Answer {
        self.waits[wait].fate = fate;
        Answer::Silent
    }

    fn stop(&mut self) -> Answer {
        for wait in &mut self.waits {
            if !self.is_stopped && matches!(wait.fate, Fate::Queued | Fate::Granted) {
                wait.fate = Fate::Refused(AcquireError::Stopped);
            }
        }
        self.is_stopped = true;
        Answer::Silent
    }

    fn register(&mut self, shard: ShardId, kind: &'static str) -> Answer {
        let (ticket_before, since) = (self.tickets(), self.now);
        let known = self.known.entry(shard).or_insert_with(|| Known {
            kind,
            since,
            ticket_before,
            is_leaving: false,
            checkpoint: BTreeMap::new(),
            queued: Duration::ZERO,
        });
        (known.kind, known.is_leaving) = (kind, false);
        Answer::Silent
    }

    fn unregister(&mut self, shard: ShardId) -> Result<ShardState, NotRegistered> {
        self.registered(shard)?.is_leaving = true;
        let mut state = self.state(shard).ok_or(NotRegistered)?;
        if state.waiting + state.holding == 0 {
            state.phase = Phase::Completed;
        }
        Ok(state)
    }

    fn save(&mut self, shard: ShardId, key: &str, value: &str) -> Result<(), CheckpointError> {
        let bytes_max = self.settings.checkpoint_bytes_max;
        let known = self.registered(shard).map_err(|NotRegistered| CheckpointError::NotRegistered)?;
        let mut after = known.checkpoint.clone();
        after.insert(key.to_owned(), value.to_owned());
        let bytes = after.iter().map(|(key, value)| key.len() + value.len()).sum();
        if bytes > bytes_max {
            return Err(CheckpointError::TooLarge { bytes, bytes_max });
        }
        known.checkpoint = after;
        Ok(())
    }

    /// Free slots go to the highest class after ageing, of one class to who came first. Whoever should have one
    /// when its limit has come is told so instead.
    fn grant(&mut self) {
        while self.ids(Wait::has_slot).len() < self.settings.slots {
            let queued = self.ids(Wait::is_queued).into_iter();
            let Some(next) = queued.max_by_key(|wait| (self.class(*wait), Reverse(self.waits[*wait].ticket()))) else {
                return;
            };
            let limit = self.limit(next).filter(|(at, _)| *at <= self.now);
            let wait = &mut self.waits[next];
            match limit {
                Some((_, error)) => wait.fate = Fate::Refused(error),
                None => (wait.fate, wait.granted_at) = (Fate::Granted, Some(self.now)),
            }
        }
    }

    /// The class it asked for, one more for each `rise_after` it has waited, up to the highest.
    fn class(&self, wait: WaitId) -> u128 {
        let Wait { options, entered, .. } = &self.waits[wait];
        let waited = entered.map_or(Duration::ZERO, |(_, since)| self.now - since);
        let risen = waited.as_nanos() / self.settings.rise_after.as_nanos();
        (u128::from(options.priority.class()) + risen).min(u128::from(Priority::Critical.class()))
    }

    /// A shard that is leaving is forgotten once nothing of it is out.
    fn forget(&mut self) {
        for shard in SHARDS {
            if self.count(shard, |wait| wait.is_queued() || wait.has_slot()) == 0 {
                self.known.retain(|known, life| *known != shard || !life.is_leaving);
            }
        }
    }

    fn registered(&mut self, shard: ShardId) -> Result<&mut Known, NotRegistered> {
        self.known.get_mut(&shard).filter(|known| !known.is_leaving).ok_or(NotRegistered)
    }

    fn tickets(&self) -> u64 {
        self.waits.iter().map(Wait::ticket).max().unwrap_or_default()
    }

    fn ids(&self, is_meant: impl Fn(&Wait) -> bool) -> Vec<WaitId> {
        (0..self.waits.len()).filter(|wait| is_meant(&self.waits[*wait])).collect()
    }

    fn count(&self, shard: ShardId, is_meant: impl Fn(&Wait) -> bool) -> usize {
        self.ids(|wait| wait.shard == shard && is_meant(wait)).len()
    }
}

impl Wait {
    /// 0 if it was not let in.
    fn ticket(&self) -> u64 {
        self.entered.map_or(0, |(ticket, _)| ticket)
    }

    fn is_queued(&self) -> bool {
        self.fate == Fate::Queued
    }

    fn has_slot(&self) -> bool {
        matches!(self.fate, Fate::Granted | Fate::Holds)
    }

    fn waited(&self) -> Duration {
        self.granted_at.zip(self.entered).map_or(Duration::ZERO, |(granted_at, (_, since))| granted_at - since)
    }
}

/// What is seen: counted anew from the waits.
impl Reference {
    pub fn seen(&self) -> Seen {
        Seen {
            metrics: self.metrics(),
            shards: SHARDS.map(|shard| self.state(shard)),
            queued: SHARDS.map(|shard| self.known.get(&shard).map_or(Duration::ZERO, |known| known.queued)),
            woken: self.waits().into_iter().filter(|wait| self.is_woken(*wait)).collect(),
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

    fn state(&self, shard: ShardId) -> Option<ShardState> {
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
