//! What an operator asks about a run, answered from the log alone.

use crate::check::{Tells, Told};
use seedbed::{history::History, time::Instant};
use std::{collections::BTreeMap, time::Duration};

/// Questions and answers, in a fixed order.
#[must_use]
pub fn answers(history: &History) -> Vec<(String, String)> {
    let mut tally = Tally::default();
    for (now, _, event) in history.iter() {
        if let Some(told) = Told::read(&event) {
            tally.take_in(now, &told);
        }
    }
    tally.answers()
}

#[derive(Default)]
struct Tally {
    /// By ticket.
    waits: BTreeMap<u64, Instant>,
    /// By ticket: whose.
    holds: BTreeMap<u64, u64>,
    holds_max: usize,
    waits_begun: u64,
    left: BTreeMap<&'static str, u64>,
    grants: u64,
    wait_total: Duration,
    wait_longest: Option<(Duration, u64)>,
    /// By shard.
    wait_of: BTreeMap<u64, Duration>,
}

impl Tally {
    fn take_in(&mut self, now: Instant, told: &Told) {
        match *told {
            Told::Waiting { ticket, .. } => {
                self.waits_begun += 1;
                self.waits.insert(ticket, now);
            }
            Told::Left { ticket, shard, why } => {
                let waited = self.end_wait(now, ticket);
                *self.left.entry(why.as_str()).or_default() += 1;
                *self.wait_of.entry(shard).or_default() += waited;
            }
            Told::Acquired { ticket, shard } => self.granted(now, ticket, shard),
            Told::Released { ticket, .. } => {
                self.holds.remove(&ticket);
            }
            _ => {}
        }
    }

    fn granted(&mut self, now: Instant, ticket: u64, shard: u64) {
        let waited = self.end_wait(now, ticket);
        self.grants += 1;
        self.wait_total += waited;
        *self.wait_of.entry(shard).or_default() += waited;
        if self.wait_longest.is_none_or(|(longest, _)| waited > longest) {
            self.wait_longest = Some((waited, shard));
        }
        self.holds.insert(ticket, shard);
        self.holds_max = self.holds_max.max(self.holds.len());
    }

    fn end_wait(&mut self, now: Instant, ticket: u64) -> Duration {
        self.waits.remove(&ticket).map_or(Duration::ZERO, |since| now - since)
    }

    fn answers(&self) -> Vec<(String, String)> {
        let mean = u32::try_from(self.grants).ok().and_then(|grants| self.wait_total.checked_div(grants));
        let left = self.left.iter().map(|(why, count)| format!("{why}: {count}"));
        let orphans = self.holds.iter().map(|(ticket, shard)| format!("ticket {ticket} of shard-{shard}"));
        let longest = self.wait_longest.map(|(wait, shard)| format!("{wait:?} (shard-{shard})"));
        let of_shards = self.wait_of.iter().map(|(shard, wait)| format!("shard-{shard}: {wait:?}"));
        let answers = [
            ("acquisitions", self.grants.to_string()),
            ("waits", self.waits_begun.to_string()),
            ("waits without a slot", list(left)),
            ("mean wait", mean.map_or_else(none, |mean| format!("{mean:?}"))),
            ("longest wait", longest.unwrap_or_else(none)),
            ("maximum concurrency", self.holds_max.to_string()),
            ("grants without release", list(orphans)),
            ("wait per shard", list(of_shards)),
        ];
        answers.into_iter().map(|(question, answer)| (question.to_owned(), answer)).collect()
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    if items.is_empty() { none() } else { items.join(", ") }
}

fn none() -> String {
    "none".to_owned()
}
