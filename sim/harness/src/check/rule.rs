//! A rule is a check that reads nothing but what was told.

use super::told::Told;
use seedbed::{Check, check::Result, history::Event, time::Instant};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// What events tell.
pub(crate) trait Tells: Sized {
    /// What an event tells; `None` if it is of no concern to the rules.
    fn read(event: &Event<'_>) -> Option<Self>;
}

/// A fold over what was told.
pub(super) trait Rule<T = Told> {
    /// The rule in a few words; part of a finding's signature.
    fn name(&self) -> &'static str;

    /// Takes in one thing that was told at `now`.
    fn told(&mut self, now: Instant, told: &T) -> Result;

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
pub(super) struct Judge<T> {
    rule: Box<dyn Rule<T>>,
    reader: Rc<Reader<T>>,
    events: u64,
}

impl<T: Tells> Judge<T> {
    pub(super) fn new(rule: Box<dyn Rule<T>>, reader: Rc<Reader<T>>) -> Self {
        Self { rule, reader, events: 0 }
    }
}

impl<T: Tells> Check for Judge<T> {
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
pub(super) struct Reader<T> {
    events: Cell<u64>,
    told: RefCell<Option<T>>,
}

impl<T> Default for Reader<T> {
    fn default() -> Self {
        Self { events: Cell::new(0), told: RefCell::new(None) }
    }
}

impl<T: Tells> Reader<T> {
    /// Reads the `nth` event, from 1, unless another rule already has.
    fn read(&self, nth: u64, event: &Event<'_>) {
        if self.events.get() != nth {
            self.events.set(nth);
            self.told.replace(T::read(event));
        }
    }
}
