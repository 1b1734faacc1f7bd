//! A ticket waits once, and then either leaves or holds a slot once.

use super::{rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Holding,
}

/// Tickets that are out. One that has ended is forgotten; numbers only grow, so it cannot come again.
#[derive(Default)]
pub(super) struct Tickets {
    newest: u64,
    out: BTreeMap<u64, Stage>,
}

impl Tickets {
    fn change(&mut self, ticket: u64, from: Stage, to: Option<Stage>) -> Result {
        let stage = self.out.get(&ticket).copied();
        ensure!(stage == Some(from), "ticket {ticket} should be {from:?} and is {stage:?}, before it becomes {to:?}");
        match to {
            Some(to) => self.out.insert(ticket, to),
            None => self.out.remove(&ticket),
        };
        Ok(())
    }
}

impl Rule for Tickets {
    fn name(&self) -> &'static str {
        "each ticket waits once and holds once"
    }

    fn told(&mut self, _: Instant, told: &Told) -> Result {
        match *told {
            Told::Waiting { ticket, .. } => {
                ensure!(ticket > self.newest, "ticket {ticket} came after ticket {}", self.newest);
                self.newest = ticket;
                self.out.insert(ticket, Stage::Waiting);
                Ok(())
            }
            Told::Acquired { ticket, .. } => self.change(ticket, Stage::Waiting, Some(Stage::Holding)),
            Told::Left { ticket, .. } => self.change(ticket, Stage::Waiting, None),
            Told::Released { ticket, .. } => self.change(ticket, Stage::Holding, None),
            _ => Ok(()),
        }
    }
}
