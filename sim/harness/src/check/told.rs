//! The log's words as one type: what the service says of itself, and the harness's own facts.

use super::rule::Tells;
use crate::fact;
use seedbed::history::{Event, LogEvent};
use shardwright::{
    scheduler::{self, events::Why},
    shard,
};
use std::time::Duration;

/// One thing that was told. `shard` is a shard's number, `ticket` that of one wait and of the slot it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    // By the scheduler.
    Registered { shard: u64 },
    Unregistered { shard: u64 },
    Waiting { shard: u64, ticket: u64, class: u64 },
    Acquired { shard: u64, ticket: u64 },
    Released { shard: u64, ticket: u64 },
    Left { shard: u64, ticket: u64, why: Why },
    Stopped,
    // By the fleet.
    Spawned { shard: u64 },
    Ended { shard: u64, timed_out: bool },
    // By the harness.
    AskedFor { shard: u64 },
    GivenUp { shard: u64 },
    Excused { shard: u64 },
    Result { shard: u64, how: How },
    TimeLimited { shard: u64, limit: Duration },
    Lanes { shard: u64, lanes: u64 },
    Attempted { shard: u64, call: u64, attempt: u64 },
    Refused { shard: u64, call: u64 },
    CallerGone { shard: u64 },
    ReaderGone { shard: u64 },
    ExchangeOpened { shard: u64 },
    ExchangeClosed { shard: u64 },
    WaitsLimited { limit: Duration },
    StopAsked,
    SchedulerStopped,
    SchedulerIdle,
    FleetStops { grace: Duration },
    FleetStopped,
    Phases(Phases),
    Counters(Counted),
}

/// How a shard ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Finished,
    Otherwise,
}

/// How many shards are in which phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Phases {
    pub(crate) initializing: u64,
    pub(crate) waiting: u64,
    pub(crate) executing: u64,
    pub(crate) processing: u64,
}

/// The scheduler's own numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) slots: u64,
    pub(crate) active: u64,
    pub(crate) waiting: u64,
    pub(crate) api_calls: u64,
    pub(crate) grants: u64,
    pub(crate) grants_unused: u64,
    pub(crate) wait_ns: u64,
    pub(crate) registered: u64,
}

impl Tells for Told {
    /// # Panics
    /// At a message of these targets that is not known: its rules would be blind.
    fn read(event: &Event<'_>) -> Option<Self> {
        let Event::Logged(log) = event else { return None };
        match log.target() {
            scheduler::events::TARGET => Some(Self::by_scheduler(log)),
            fact::TARGET => Some(Self::by_harness(log)),
            shard::events::TARGET => Some(Self::by_fleet(log)),
            _ => None,
        }
    }
}

impl Told {
    fn by_scheduler(log: &LogEvent<'_>) -> Self {
        let shard = || number(log, "shard");
        let ticket = || number(log, "ticket");
        match log.message() {
            "waiting for slot" => Self::Waiting { shard: shard(), ticket: ticket(), class: number(log, "class") },
            "acquired slot" => Self::Acquired { shard: shard(), ticket: ticket() },
            "released slot" => Self::Released { shard: shard(), ticket: ticket() },
            "left the queue" => Self::Left { shard: shard(), ticket: ticket(), why: why(log) },
            "registered" => Self::Registered { shard: shard() },
            "unregistered" => Self::Unregistered { shard: shard() },
            "stopped" => Self::Stopped,
            other => unknown(log, other),
        }
    }

    fn by_fleet(log: &LogEvent<'_>) -> Self {
        let shard = number(log, "shard");
        match log.message() {
            "spawned" => Self::Spawned { shard },
            "finished" | "failed" | "panicked" | "cancelled" => Self::Ended { shard, timed_out: false },
            "timed out" => Self::Ended { shard, timed_out: true },
            other => unknown(log, other),
        }
    }

    fn by_harness(log: &LogEvent<'_>) -> Self {
        let shard = || number(log, "shard");
        match log.message() {
            "exchange opened" => Self::ExchangeOpened { shard: shard() },
            "exchange closed" => Self::ExchangeClosed { shard: shard() },
            "shard asked for" => Self::AskedFor { shard: shard() },
            "shard given up" => Self::GivenUp { shard: shard() },
            "shard excused" => Self::Excused { shard: shard() },
            "shard ended" => Self::Result { shard: shard(), how: how(log) },
            "time limited" => Self::TimeLimited { shard: shard(), limit: nanos(log, "limit_ns") },
            "works in lanes" => Self::Lanes { shard: shard(), lanes: number(log, "lanes") },
            "attempted" => {
                Self::Attempted { shard: shard(), call: number(log, "call"), attempt: number(log, "attempt") }
            }
            "refused" => Self::Refused { shard: shard(), call: number(log, "call") },
            "caller gone" => Self::CallerGone { shard: shard() },
            "reader gone" => Self::ReaderGone { shard: shard() },
            "waits limited" => Self::WaitsLimited { limit: nanos(log, "limit_ns") },
            "stop asked" => Self::StopAsked,
            "scheduler stopped" => Self::SchedulerStopped,
            "scheduler idle" => Self::SchedulerIdle,
            "fleet stops" => Self::FleetStops { grace: nanos(log, "grace_ns") },
            "fleet stopped" => Self::FleetStopped,
            "phases" => Self::Phases(Phases {
                initializing: number(log, "initializing"),
                waiting: number(log, "waiting"),
                executing: number(log, "executing"),
                processing: number(log, "processing"),
            }),
            "counters" => Self::Counters(Counted {
                slots: number(log, "slots"),
                active: number(log, "active"),
                waiting: number(log, "waiting"),
                api_calls: number(log, "api_calls"),
                grants: number(log, "grants"),
                grants_unused: number(log, "grants_unused"),
                wait_ns: number(log, "wait_ns"),
                registered: number(log, "registered"),
            }),
            other => unknown(log, other),
        }
    }
}

pub(super) fn number(log: &LogEvent<'_>, field: &str) -> u64 {
    log.u64(field).unwrap_or_else(|| panic!("`{}` of {} has no number `{field}`", log.message(), log.target()))
}

pub(super) fn nanos(log: &LogEvent<'_>, field: &str) -> Duration {
    Duration::from_nanos(number(log, field))
}

fn word<'a>(log: &LogEvent<'a>, field: &str) -> &'a str {
    log.text(field).unwrap_or_else(|| panic!("`{}` of {} has no word `{field}`", log.message(), log.target()))
}

fn why(log: &LogEvent<'_>) -> Why {
    let word = word(log, "why");
    let all = [Why::Cancelled, Why::SlotTimeout, Why::Deadline, Why::Stopped];
    all.into_iter().find(|why| why.as_str() == word).unwrap_or_else(|| unknown(log, word))
}

fn how(log: &LogEvent<'_>) -> How {
    match word(log, "how") {
        "finished" => How::Finished,
        "failed" | "panicked" | "cancelled" | "timed out" => How::Otherwise,
        other => unknown(log, other),
    }
}

pub(super) fn unknown(log: &LogEvent<'_>, message: &str) -> ! {
    panic!("the checks have never heard of `{message}` of {}", log.target())
}
