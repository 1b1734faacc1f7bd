//! Decides who gets the next free slot. Owns the wait queue: four lines, each in order of arrival.
//! Pure: takes time as an argument, knows nothing of slots, shards' records or wake-ups.

use std::{cmp::Reverse, collections::BTreeMap, mem, task::Waker};

use tokio::time::{Duration, Instant};

use super::{events::Why, priority::Priority};
use crate::id::ShardId;

/// One wait. Tickets are given out in order of arrival, so a smaller one came earlier.
pub(super) struct Wait {
    pub(super) shard: ShardId,
    pub(super) priority: Priority,
    pub(super) since: Instant,
    pub(super) limit: Limit,
    pub(super) deadline: Option<Instant>,
    /// Whom to wake on a grant; none until the caller has seen that it must wait.
    pub(super) waker: Option<Waker>,
}

/// When a wait ends by itself, and for what reason.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub(super) at: Instant,
    pub(super) why: Why,
}

impl Limit {
    /// The earlier of the two; a deadline that comes together with the slot timeout is the reason.
    pub(super) fn earliest(slot_timeout_at: Instant, deadline: Option<Instant>) -> Limit {
        match deadline {
            Some(at) if at <= slot_timeout_at => Limit { at, why: Why::Deadline },
            _ => Limit { at: slot_timeout_at, why: Why::SlotTimeout },
        }
    }
}

/// Who is next, and whether it got there by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) ticket: u64,
    /// Somebody who asked for a higher class goes on waiting.
    pub(super) overtook: bool,
}

#[derive(Default)]
pub(super) struct WaitQueue {
    lines: [BTreeMap<u64, Wait>; Priority::COUNT],
}

impl WaitQueue {
    pub(super) fn len(&self) -> usize {
        self.lines.iter().map(BTreeMap::len).sum()
    }

    pub(super) fn push(&mut self, ticket: u64, wait: Wait) {
        let line = &mut self.lines[wait.priority as usize];
        assert!(line.last_key_value().is_none_or(|(last, _)| *last < ticket), "ticket {ticket} is not the newest");
        line.insert(ticket, wait);
    }

    pub(super) fn get_mut(&mut self, ticket: u64) -> Option<&mut Wait> {
        self.lines.iter_mut().find_map(|line| line.get_mut(&ticket))
    }

    pub(super) fn remove(&mut self, ticket: u64) -> Option<Wait> {
        self.lines.iter_mut().find_map(|line| line.remove(&ticket))
    }

    /// Takes everybody out, in order of arrival.
    pub(super) fn drain(&mut self) -> BTreeMap<u64, Wait> {
        mem::take(&mut self.lines).into_iter().flatten().collect()
    }

    /// The highest class after aging wins, then the earlier arrival. The heads of the four lines
    /// are enough: behind each stand only those who came later and have risen no further.
    pub(super) fn next(&self, now: Instant, rise_after: Duration) -> Option<Next> {
        let heads = self.lines.iter().filter_map(BTreeMap::first_key_value);
        let (ticket, wait) = heads.max_by_key(|(ticket, wait)| {
            (wait.priority.class_after(now - wait.since, rise_after), Reverse(**ticket))
        })?;
        let above = &self.lines[wait.priority as usize + 1..];
        Some(Next { ticket: *ticket, overtook: above.iter().any(|line| !line.is_empty()) })
    }
}
