//! The rules that every scenario is held to: one small fold over the log in each file, and the one list
//! of them.
//!
//! They read what the service and the harness told the log ([`Told`](told::Told)) and keep books of
//! their own: who waits and holds, ticket by ticket. No rule asks the service how it is doing.

mod told;
mod rule;
mod ticket;
mod slots;
mod wire;
mod nested;
mod gone;
mod stop;
mod order;
mod idle;
mod bound;
mod hold;
mod threshold;
mod completion;
mod counters;
mod rest;

use rule::judge;
use seedbed::Check;
use std::time::Duration;
pub(crate) use told::Told;

/// What the rules need to know of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How many slots there are.
    pub slots: u64,
    /// How long a waiter waits for each class that it rises.
    pub rise_after: Duration,
    /// The longest that anybody may hold a slot.
    pub hold_max: Duration,
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
    vec![
        judge(ticket::Tickets::default()),
        judge(slots::Slots::new(rules.slots)),
        judge(wire::Wire::new(rules.slots)),
        judge(nested::Nested::default()),
        judge(gone::Gone::default()),
        judge(stop::Stop::default()),
        judge(order::Order::default()),
        judge(idle::Idle::new(rules.slots)),
        judge(bound::Bound::new(rules.slots, rules.rise_after)),
        judge(hold::Hold::new(rules.hold_max)),
        judge(threshold::Threshold::new(rules.expected)),
        judge(completion::Completion::default()),
        judge(counters::Counters::default()),
        judge(rest::Rest::default()),
    ]
}
