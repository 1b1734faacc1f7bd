//! The model: what the scheduler must do, as plainly as it can be said. It keeps every wait of a story for ever
//! and counts them anew whenever it is asked; it has no queues, no counters, no wakers and no timers.

mod seen;
mod wait;

use crate::command::{Answer, Ask, Caller, Command, KINDS, SHARDS};
use shardwright::{
    ShardId,
    scheduler::{AcquireError, AcquireOptions, CheckpointError, NotRegistered, Phase, Priority, Settings, ShardState},
};
use std::{cmp::Reverse, collections::BTreeMap, time::Duration};
use tokio::time::Instant;
use wait::{Fate, Wait};

pub struct Reference {
    settings: Settings,
    now: Instant,
    is_stopped: bool,
    /// In the order they were made.
    waits: Vec<Wait>,
    known: BTreeMap<ShardId, Known>,
}

/// The place of a wait among all.
type WaitId = usize;

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

    /// What everybody who still has something is left to do.
    pub fn farewells(&self) -> Vec<Command> {
        self.waits.iter().filter(|wait| wait.is_there()).map(|wait| Command::Drop(wait.caller)).collect()
    }

    /// Takes a command, which is over at `now`.
    pub fn take(&mut self, command: &Command, now: Instant) -> Answer {
        self.pass(now);
        let answer = match *command {
            Command::Ask(ask) => self.ask(ask),
            Command::Make(ask) => self.make(ask),
            Command::Poll(caller) => self.of(caller).map_or(Answer::Silent, |wait| self.poll(wait)),
            Command::Drop(caller) => self.of(caller).map_or(Answer::Silent, |wait| self.leave(wait)),
            Command::AdvanceS(_) => Answer::Silent,
            Command::Stop => self.stop(),
            Command::Register(shard) => self.register(shard, KINDS[1]),
            Command::Unregister(shard) => Answer::Unregistered(self.unregister(shard)),
            Command::Save { shard, key, bytes } => Answer::Saved(self.save(shard, key, bytes)),
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

    fn ask(&mut self, ask: Ask) -> Answer {
        let is_free = self.of(ask.caller).is_none();
        self.make(ask);
        if is_free { self.poll(self.waits.len() - 1) } else { Answer::Silent }
    }

    fn make(&mut self, Ask { caller, shard, priority, patience_s }: Ask) -> Answer {
        if self.of(caller).is_none() {
            let deadline = patience_s.map(|seconds| self.now + Duration::from_secs(seconds));
            let options = AcquireOptions { priority, deadline };
            self.waits.push(Wait { caller, shard, options, entered: None, granted_at: None, fate: Fate::Made });
        }
        Answer::Silent
    }

    fn poll(&mut self, wait: WaitId) -> Answer {
        if self.waits[wait].fate == Fate::Made {
            self.waits[wait].fate = self.enter(wait);
            self.grant();
        }
        let (now, limit) = (self.now, self.limit(wait));
        let polled = &mut self.waits[wait];
        let refused = match polled.fate {
            Fate::Granted if polled.options.deadline.is_none_or(|deadline| deadline > now) => {
                polled.fate = Fate::Holds;
                return Answer::Granted { shard: polled.shard, ticket: polled.ticket() };
            }
            Fate::Granted => AcquireError::DeadlineExceeded,
            Fate::Refused(error) => error,
            // A permit cannot be polled.
            Fate::Holds => return Answer::Silent,
            Fate::Made | Fate::Queued | Fate::Used | Fate::Gone => match limit {
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

    fn leave(&mut self, wait: WaitId) -> Answer {
        let fate = &mut self.waits[wait].fate;
        *fate = if *fate == Fate::Holds { Fate::Used } else { Fate::Gone };
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

    fn save(&mut self, shard: ShardId, key: &str, bytes: usize) -> Result<(), CheckpointError> {
        let bytes_max = self.settings.checkpoint_bytes_max;
        let known = self.registered(shard).map_err(|NotRegistered| CheckpointError::NotRegistered)?;
        let mut after = known.checkpoint.clone();
        after.insert(key.to_owned(), "x".repeat(bytes));
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

    /// What the caller has.
    fn of(&self, caller: Caller) -> Option<WaitId> {
        self.waits.iter().rposition(|wait| wait.caller == caller && wait.is_there())
    }

    fn ids(&self, is_meant: impl Fn(&Wait) -> bool) -> Vec<WaitId> {
        (0..self.waits.len()).filter(|wait| is_meant(&self.waits[*wait])).collect()
    }

    fn count(&self, shard: ShardId, is_meant: impl Fn(&Wait) -> bool) -> usize {
        self.ids(|wait| wait.shard == shard && is_meant(wait)).len()
    }
}
