//! A slot goes to the highest class, in which each waiter is one class higher for each span it has waited.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use shardwright::scheduler::Priority;
use std::{collections::BTreeMap, time::Duration};

pub(super) struct Class {
    rise_after: Duration,
    classes: BTreeMap<u64, u64>,
    /// By class: its tickets and since when they wait. The first of each has risen the furthest.
    lines: BTreeMap<u64, BTreeMap<u64, Instant>>,
}

impl Class {
    pub(super) fn new(rise_after: Duration) -> Self {
        Self { rise_after, classes: BTreeMap::new(), lines: BTreeMap::new() }
    }

    fn risen(&self, class: u64, waited: Duration) -> u64 {
        let rises = u64::try_from(waited.as_nanos() / self.rise_after.as_nanos()).unwrap_or(u64::MAX);
        class.saturating_add(rises).min(Priority::Critical.class())
    }

    fn leave(&mut self, ticket: u64) -> Option<(u64, Instant)> {
        let class = self.classes.remove(&ticket)?;
        let since = self.lines.get_mut(&class)?.remove(&ticket)?;
        Some((class, since))
    }

    fn judge(&self, now: Instant, ticket: u64, class: u64) -> Result {
        for (asked, line) in &self.lines {
            let Some((other, since)) = line.first_key_value() else { continue };
            let theirs = self.risen(*asked, now - *since);
            ensure!(
                theirs <= class,
                "ticket {ticket} has risen to class {class} and got a slot before ticket {other}, of class {theirs}"
            );
        }
        Ok(())
    }
}

impl Rule for Class {
    fn name(&self) -> &'static str {
        "a higher class goes first"
    }

    fn told(&mut self, now: Instant, told: &Told) -> Result {
        match *told {
            Told::Waiting { ticket, class, .. } => {
                self.classes.insert(ticket, class);
                self.lines.entry(class).or_default().insert(ticket, now);
            }
            Told::Left { ticket, .. } => {
                self.leave(ticket);
            }
            Told::Acquired { ticket, .. } => {
                if let Some((class, since)) = self.leave(ticket) {
                    return self.judge(now, ticket, self.risen(class, now - since));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
