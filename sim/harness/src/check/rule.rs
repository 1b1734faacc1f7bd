//! A rule is a check that reads nothing but [`Told`].

use super::told::Told;
use seedbed::{Check, check::Result, history::Event, time::Instant};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// A fold over what was told.
pub(super) trait Rule {
    /// The rule in a few words; part of a finding's signature.
    fn name(&self) -> &'static str;

    /// Takes in one thing that was told at `now`.
    fn told(&mut self, now: Instant, told: &Told) -> Result;

    /// Faults have stopped and all work has ended.
    fn at_rest(&mut self, now: Instant) -> Result {
        let _ = now;
        Ok(())
    }

    /// For a stall: who holds what others wait for.
    fn holders(&self, now: Instant) -> Vec<String> {
        let _ = now;
        Vec::new()
    }
}

/// A rule at work. All rules of a run share one reader, so that each event is read once.
pub(super) struct Judge {
    rule: Box<dyn Rule>,
    reader: Rc<Reader>,
    events: u64,
}

impl Judge {
    pub(super) fn new(rule: Box<dyn Rule>, reader: Rc<Reader>) -> Self {
        Self { rule, reader, events: 0 }
    }
}

impl Check for Judge {
    fn name(&self) -> &'static str {
        self.rule.name()
    }

    fn on_event(&mut self, now: Instant, event: &Event<'_>) -> Result {
        self.events += 1;
        self.reader.read(self.events, event);
        match &*self.reader.told.borrow() {
            Some(told) => self.rule.told(now, told),
            None => Ok(()),
        }
    }

    fn at_rest(&mut self, now: Instant) -> Result {
        self.rule.at_rest(now)
    }

    fn holders(&self, now: Instant) -> Vec<String> {
        self.rule.holders(now)
    }
}

/// The event that all rules look at, as whoever looked first has read it.
#[derive(Default)]
pub(super) struct Reader {
    events: Cell<u64>,
    told: RefCell<Option<Told>>,
}

impl Reader {
    /// Reads the `nth` event, from 1, unless another rule already has.
    fn read(&self, nth: u64, event: &Event<'_>) {
        if self.events.get() != nth {
            self.events.set(nth);
            self.told.replace(Told::read(event));
        }
    }
}
