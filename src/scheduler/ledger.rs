//! Owns the truth: who holds a slot, who waits, what each shard did, and the only code that
//! changes it. Takes time as an argument; wake-ups that a change causes are left in [`After`], for
//! whoever holds the lock to carry out once it is free. Knows no locks, tasks or timers.

use std::{
    collections::BTreeMap,
    mem,
    task::{Poll, Waker},
};

use tokio::time::{Duration, Instant};

use super::{
    acquire::Ask,
    error::{AcquireError, CheckpointError, NotRegistered},
    events::{self, Load, Subject, Why},
    metrics::Metrics,
    queue::{Limit, Wait, WaitQueue},
    record::{Phase, Record, ShardState},
    settings::Settings,
};
use crate::{id::ShardId, instant::after};

/// What remains to be done after a change, outside the lock: a waker is foreign code.
#[derive(Default)]
pub(super) struct After {
    pub(super) wake: Vec<Waker>,
    /// Only to be dropped: the last one may take a whole task with it.
    pub(super) discard: Vec<Waker>,
    /// The last holder has gone.
    pub(super) idle: bool,
}

/// A slot with an owner.
struct Holder {
    subject: Subject,
    since: Instant,
    deadline: Option<Instant>,
    /// The owner has seen its grant: there is a `Permit`.
    seen: bool,
}

#[derive(Default)]
struct Totals {
    api_calls: u64,
    grants: u64,
    grants_unused: u64,
    wait: Duration,
}

/// A ticket is at any time in exactly one of: `queue`, `holders`, `ended` (its wait is over and its
/// caller has not looked yet), or forgotten.
pub(super) struct Ledger {
    settings: Settings,
    stopped: bool,
    ticket_next: u64,
    queue: WaitQueue,
    holders: BTreeMap<u64, Holder>,
    ended: BTreeMap<u64, AcquireError>,
    shards: BTreeMap<ShardId, Record>,
    totals: Totals,
    after: After,
}

impl Ledger {
    pub(super) fn new(settings: Settings) -> Ledger {
        settings.check();
        Ledger {
            settings,
            stopped: false,
            ticket_next: 1,
            queue: WaitQueue::default(),
            holders: BTreeMap::new(),
            ended: BTreeMap::new(),
            shards: BTreeMap::new(),
            totals: Totals::default(),
            after: After::default(),
        }
    }

    pub(super) fn take_after(&mut self) -> After {
        mem::take(&mut self.after)
    }

    /// Begins a wait, which may end in a slot at once. The ticket is to be looked at or to leave.
    pub(super) fn enter(&mut self, ask: &Ask, now: Instant) -> Result<(u64, Instant), AcquireError> {
        if self.stopped {
            return Err(AcquireError::Stopped);
        }
        if ask.options.deadline.is_some_and(|deadline| deadline <= now) {
            return Err(AcquireError::DeadlineExceeded);
        }
        self.registered(ask.shard).map_err(|NotRegistered| AcquireError::NotRegistered)?.wait_began(now);
        let ticket = self.ticket_next;
        self.ticket_next += 1;
        let limit = Limit::earliest(after(now, self.settings.slot_timeout), ask.options.deadline);
        let wait = Wait {
            shard: ask.shard,
            priority: ask.options.priority,
            since: now,
            limit,
            deadline: ask.options.deadline,
            waker: None,
        };
        let subject = subject_of(ticket, &wait);
        self.queue.push(ticket, wait);
        events::waiting(subject, self.load());
        self.grant_free_slots(now);
        seam::sometimes!(self.is_crowded(), "all slots taken by twice as many shards");
        Ok((ticket, limit.at))
    }

    /// What has become of a wait. `Ready(Ok)` hands the slot over: from here on it is the caller's
    /// to release. `out_of_time` says that the timer of the wait has fired.
    pub(super) fn look(
        &mut self,
        ticket: u64,
        waker: &Waker,
        out_of_time: bool,
        now: Instant,
    ) -> Poll<Result<(), AcquireError>> {
        if let Some(error) = self.ended.remove(&ticket) {
            return Poll::Ready(Err(error));
        }
        if self.holders.contains_key(&ticket) {
            return Poll::Ready(self.hand_over(ticket, now));
        }
        let wait = self.queue.get_mut(ticket).unwrap_or_else(|| panic!("ticket {ticket} is nowhere"));
        if out_of_time {
            let why = wait.limit.why;
            return Poll::Ready(Err(self.end_wait(ticket, why, now)));
        }
        if wait.waker.as_ref().is_none_or(|known| !known.will_wake(waker)) {
            self.after.discard.extend(wait.waker.replace(waker.clone()));
        }
        Poll::Pending
    }

    /// The caller is gone; whatever its ticket stood for goes with it.
    pub(super) fn leave(&mut self, ticket: u64, now: Instant) {
        if self.ended.remove(&ticket).is_some() {
            return;
        }
        if self.holders.contains_key(&ticket) {
            seam::sometimes!("slot granted to a waiter that was cancelled before it ran");
            return self.release(ticket, now);
        }
        self.end_wait(ticket, Why::Cancelled, now);
    }

    /// Takes a slot back and gives it to the next waiter.
    pub(super) fn release(&mut self, ticket: u64, now: Instant) {
        let holder = self.holders.remove(&ticket).unwrap_or_else(|| panic!("ticket {ticket} holds no slot"));
        self.totals.api_calls += u64::from(holder.seen);
        self.totals.grants_unused += u64::from(!holder.seen);
        self.record(holder.subject.shard).released(holder.seen, now);
        events::released(holder.subject, now - holder.since, self.load());
        self.forget_if_gone(holder.subject.shard);
        self.grant_free_slots(now);
        self.after.idle |= self.holders.is_empty();
    }

    /// After this nobody gets a slot any more, not even a waiter that was granted one and has not
    /// seen it: such a slot is taken back. Those who have theirs keep it until they are done.
    pub(super) fn stop(&mut self, now: Instant) {
        if mem::replace(&mut self.stopped, true) {
            return;
        }
        seam::sometimes!(self.queue.len() > 0, "stopped with waiters");
        events::stopped(self.load());
        for (ticket, wait) in self.queue.drain() {
            let error = self.close_wait(ticket, wait, Why::Stopped, now);
            self.ended.insert(ticket, error);
        }
        let unseen: Vec<u64> =
            self.holders.iter().filter(|(_, holder)| !holder.seen).map(|(ticket, _)| *ticket).collect();
        for ticket in unseen {
            self.release(ticket, now);
            self.ended.insert(ticket, AcquireError::Stopped);
        }
    }

    pub(super) fn register(&mut self, shard: ShardId, kind: &'static str, now: Instant) {
        if let Some(record) = self.shards.get_mut(&shard) {
            record.kind = kind;
            record.leaving = false;
            return;
        }
        self.shards.insert(shard, Record::new(shard, kind, now));
        events::registered(shard, kind);
    }

    pub(super) fn unregister(&mut self, shard: ShardId) -> Result<ShardState, NotRegistered> {
        let record = self.registered(shard)?;
        record.leaving = true;
        let mut last = record.state();
        if self.forget_if_gone(shard) {
            last.phase = Phase::Completed;
        }
        Ok(last)
    }

    pub(super) fn save(&mut self, shard: ShardId, key: String, value: String) -> Result<(), CheckpointError> {
        let bytes_max = self.settings.checkpoint_bytes_max;
        self.registered(shard).map_err(|NotRegistered| CheckpointError::NotRegistered)?.save(key, value, bytes_max)
    }

    pub(super) fn load_checkpoint(&self, shard: ShardId, key: &str) -> Option<String> {
        self.shards.get(&shard)?.load(key)
    }

    pub(super) fn shard_state(&self, shard: ShardId) -> Option<ShardState> {
        self.shards.get(&shard).map(Record::state)
    }

    pub(super) fn queued(&self, shard: ShardId, now: Instant) -> Duration {
        self.shards.get(&shard).map_or(Duration::ZERO, |record| record.queued(now))
    }

    pub(super) fn is_idle(&self) -> bool {
        self.holders.is_empty()
    }

    pub(super) fn metrics(&self) -> Metrics {
        let mut phases = BTreeMap::new();
        for record in self.shards.values() {
            *phases.entry(record.phase()).or_default() += 1;
        }
        Metrics {
            slots: self.settings.slots,
            active: self.holders.len(),
            waiting: self.queue.len(),
            api_calls: self.totals.api_calls,
            grants: self.totals.grants,
            grants_unused: self.totals.grants_unused,
            wait_total: self.totals.wait,
            registered: self.shards.len(),
            phases,
        }
    }

    /// A wait whose limit has come gets no slot, even if its timer has not run yet: in an instant
    /// with both, the limit wins and the slot goes to somebody who can use it.
    fn grant_free_slots(&mut self, now: Instant) {
        while self.holders.len() < self.settings.slots {
            let Some(next) = self.queue.next(now, self.settings.rise_after) else {
                return;
            };
            let wait =
                self.queue.remove(next.ticket).unwrap_or_else(|| panic!("ticket {} is not waiting", next.ticket));
            if wait.limit.at <= now {
                seam::sometimes!("grant and timeout in one instant");
                let why = wait.limit.why;
                let error = self.close_wait(next.ticket, wait, why, now);
                self.ended.insert(next.ticket, error);
                continue;
            }
            seam::sometimes!(next.overtook, "a waiter aged past a higher class");
            self.grant(next.ticket, wait, now);
        }
    }

    fn grant(&mut self, ticket: u64, wait: Wait, now: Instant) {
        assert!(!self.stopped, "ticket {ticket} of {} granted after the stop", wait.shard);
        let (subject, waited) = (subject_of(ticket, &wait), now - wait.since);
        self.holders.insert(ticket, Holder { subject, since: now, deadline: wait.deadline, seen: false });
        self.totals.grants += 1;
        self.totals.wait += waited;
        self.record(wait.shard).granted(waited, now);
        events::acquired(subject, waited, self.load(), waited >= self.settings.slow_acquire);
        self.after.wake.extend(wait.waker);
    }

    /// Work whose deadline has come must not start, so such a slot goes on. The slot timeout is
    /// different: it limits the wait, and that ended with the grant.
    fn hand_over(&mut self, ticket: u64, now: Instant) -> Result<(), AcquireError> {
        let holder = self.holders.get_mut(&ticket).unwrap_or_else(|| panic!("ticket {ticket} holds no slot"));
        if holder.deadline.is_some_and(|deadline| deadline <= now) {
            seam::sometimes!("grant and timeout in one instant");
            self.release(ticket, now);
            return Err(AcquireError::DeadlineExceeded);
        }
        holder.seen = true;
        Ok(())
    }

    fn end_wait(&mut self, ticket: u64, why: Why, now: Instant) -> AcquireError {
        let mut wait = self.queue.remove(ticket).unwrap_or_else(|| panic!("ticket {ticket} is not waiting"));
        // Its caller is the one who is asking.
        self.after.discard.extend(wait.waker.take());
        self.close_wait(ticket, wait, why, now)
    }

    /// The books of a wait that has left the queue without a slot.
    fn close_wait(&mut self, ticket: u64, wait: Wait, why: Why, now: Instant) -> AcquireError {
        let waited = now - wait.since;
        self.record(wait.shard).wait_ended(now);
        events::left(subject_of(ticket, &wait), why, waited);
        self.forget_if_gone(wait.shard);
        self.after.wake.extend(wait.waker);
        match why {
            Why::SlotTimeout => AcquireError::SlotTimeout { limit: self.settings.slot_timeout, waited },
            Why::Deadline => AcquireError::DeadlineExceeded,
            // Nobody reads the answer to a wait that was cancelled.
            Why::Stopped | Why::Cancelled => AcquireError::Stopped,
        }
    }

    fn forget_if_gone(&mut self, shard: ShardId) -> bool {
        let gone = self.shards.get(&shard).is_some_and(Record::is_gone);
        if gone {
            self.shards.remove(&shard);
            events::unregistered(shard);
        }
        gone
    }

    fn registered(&mut self, shard: ShardId) -> Result<&mut Record, NotRegistered> {
        self.shards.get_mut(&shard).filter(|record| !record.leaving).ok_or(NotRegistered)
    }

    /// The record of a shard that waits or holds: it cannot have been forgotten.
    fn record(&mut self, shard: ShardId) -> &mut Record {
        self.shards.get_mut(&shard).unwrap_or_else(|| panic!("{shard} was forgotten with a wait or a slot"))
    }

    fn load(&self) -> Load {
        Load { active: self.holders.len(), max: self.settings.slots, waiting: self.queue.len() }
    }

    fn is_crowded(&self) -> bool {
        self.queue.len() > 0 && self.shards.len() >= 2 * self.settings.slots
    }
}

fn subject_of(ticket: u64, wait: &Wait) -> Subject {
    Subject { shard: wait.shard, ticket, priority: wait.priority }
}
