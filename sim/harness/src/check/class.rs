//! Nobody gets a slot before a waiter of a higher class, unless it has risen to that class: by one for each span
//! that it has waited. Whether those who wait do rise is for the bound on waits to say.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use shardwright::scheduler::Priority;
use std::{collections::BTreeMap, time::Duration};

pub(super) struct Class {
    rise_after: Duration,
    classes: BTreeMap<u64, u64>,
    /// By class: its tickets and since when they wait.
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

    fn judge(&self, ticket: u64, class: u64) -> Result {
        let highest = self.lines.iter().rev().find_map(|(class, line)| Some((class, line.keys().next()?)));
        let Some((asked, other)) = highest else { return Ok(()) };
        ensure!(
            *asked <= class,
            "ticket {ticket}, in class {class} by now, got a slot before ticket {other}, which asked in the higher class {asked}"
        );
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
                    return self.judge(ticket, self.risen(class, now - since));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
