//! Within one class the earlier wait goes first.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Order {
    classes: BTreeMap<u64, u64>,
    lines: BTreeMap<u64, BTreeSet<u64>>,
}

impl Order {
    /// Takes a ticket out of its line and says who is first in it then.
    fn leave(&mut self, ticket: u64) -> Option<u64> {
        let line = self.lines.get_mut(&self.classes.remove(&ticket)?)?;
        line.remove(&ticket);
        line.first().copied()
    }
}

impl Rule for Order {
    fn name(&self) -> &'static str {
        "nobody is overtaken within a class"
    }

    fn told(&mut self, _: Instant, told: &Told) -> Result {
        match *told {
            Told::Waiting { ticket, class, .. } => {
                self.classes.insert(ticket, class);
                self.lines.entry(class).or_default().insert(ticket);
            }
            Told::Left { ticket, .. } => {
                self.leave(ticket);
            }
            Told::Acquired { ticket, .. } => {
                let first = self.leave(ticket).unwrap_or(ticket);
                ensure!(first >= ticket, "ticket {ticket} overtook ticket {first}, which asked for the same class");
            }
            _ => {}
        }
        Ok(())
    }
}
