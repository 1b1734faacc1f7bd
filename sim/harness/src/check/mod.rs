//! The rules that every scenario is held to: one small fold over the log in each file, and the one list
//! of them.
//!
//! They read what the service and the harness told the log (`Told`) and keep books of
//! their own: who waits and holds, ticket by ticket. No rule asks the service how it is doing.

mod told;
mod rule;
mod ticket;
mod slots;
mod wire;
mod gone;
mod nested;
mod stop;
mod order;
mod class;
mod idle;
mod bound;
mod hold;
mod attempts;
mod phase;
mod lifetime;
mod unwanted;
mod drain;
mod threshold;
mod completion;
mod counters;
mod living;
mod places;
mod rest;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub(crate) use rule::Tells;
use rule::{Judge, Reader, Rule};
use seedbed::Check;
use std::{rc::Rc, time::Duration};
pub(crate) use told::Told;

/// What the rules need to know of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How many slots there are.
    pub slots: u64,
    /// How many shards may live at once.
    pub shards_max: u64,
    /// How long a waiter waits for each class that it rises.
    pub rise_after: Duration,
    /// The longest that anybody may hold a slot.
    pub hold_max: Duration,
    /// How many times a failed call may be tried again.
    pub retries_max: u64,
    /// What is expected beyond the rules that always hold.
    pub expected: Expected,
}

/// A scenario's own thresholds.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// The longest wait for a slot.
    pub wait_max: Duration,
    /// The longest queue at the end of any instant.
    pub waiting_max: u64,
}

impl Expected {
    /// Nothing beyond the rules that always hold.
    pub const ALWAYS: Self = Self { wait_max: Duration::MAX, waiting_max: u64::MAX };
}

/// All checks, in the order in which they are asked about one event.
#[must_use]
pub fn of(rules: Rules) -> Vec<Box<dyn Check>> {
    let reader = Rc::new(Reader::default());
    all(rules).into_iter().map(|rule| -> Box<dyn Check> { Box::new(Judge::new(rule, reader.clone())) }).collect()
}

fn all(rules: Rules) -> Vec<Box<dyn Rule>> {
    let Rules { slots, shards_max, rise_after, hold_max, retries_max, expected } = rules;
    vec![
        Box::new(ticket::Tickets::default()),
        Box::new(slots::Slots::new(slots)),
        Box::new(wire::Wire::new(slots)),
        Box::new(gone::Gone::default()),
        Box::new(nested::Nested::default()),
        Box::new(stop::Stop::new(hold_max)),
        Box::new(order::Order::default()),
        Box::new(class::Class::new(rise_after)),
        Box::new(idle::Idle::new(slots)),
        Box::new(bound::Bound::new(slots, rise_after)),
        Box::new(hold::Hold::new(hold_max)),
        Box::new(attempts::Attempts::new(retries_max)),
        Box::new(phase::Phase::default()),
        Box::new(lifetime::Lifetime::default()),
        Box::new(unwanted::Unwanted::default()),
        Box::new(drain::Drain::default()),
        Box::new(threshold::Threshold::new(expected)),
        Box::new(completion::Completion::default()),
        Box::new(living::Living::new(shards_max)),
        Box::new(places::Places::new(shards_max)),
        Box::new(counters::Counters::default()),
        Box::new(rest::Rest::default()),
    ]
}
