//! What a story is made of: waves of clients, the work of their shards, and what may happen to them.
//! Plain data; plays nothing.

use super::shard::STREAM_ATTEMPTS_MAX;
use crate::{
    check::{Expected, Rules},
    mock::Preset,
};
use seedbed::{
    Param, Params,
    decision::{Ratio, ratio},
};
use shardwright::{llm, scheduler, shard::SpawnOptions};
use std::time::Duration;

/// One story: `Story { waves: &[..], ..Story::CALM }`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Story {
    /// The clients, in the order in which they are put into the world.
    pub(super) waves: &'static [Wave],
    /// Who answers the model calls.
    pub(super) provider: &'static Preset,
    /// In how many runs an operator stops everything while it goes on.
    pub(super) stops_in_runs: Ratio,
    /// In how many runs, and then after how many calls, the work of a shard panics.
    pub(super) panics: (Ratio, Ratio),
    /// Settings of the scheduler but for its slots, which are a parameter.
    pub(super) scheduler: scheduler::Settings,
    /// Settings of the model calls.
    pub(super) llm: llm::Settings,
    /// After this faults stop, and what goes on must come to its end.
    pub(super) faults_last: Duration,
    /// What is expected beyond the rules that always hold.
    pub(super) expected: Expected,
}

/// Some clients that do the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wave {
    /// What the tasks of its clients are called.
    pub(super) name: &'static str,
    /// How many clients.
    pub(super) clients: u64,
    /// When the first one comes ..
    pub(super) starts: Duration,
    /// .. and how long after it each further one.
    pub(super) spacing: Duration,
    /// How many shards each client asks for, one after the other.
    pub(super) shards_each: u64,
    /// How long a shard may run.
    pub(super) execution_timeout: Duration,
    /// When it cancels a shard that has not ended.
    pub(super) gives_up_after: Option<Duration>,
    /// Whether a client itself may be cancelled, and with it the shard that it waits for.
    pub(super) may_go: bool,
    /// What its shards do.
    pub(super) work: Work,
}

/// What a shard does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    /// How many model calls it makes, one after the other.
    pub(super) calls: u64,
    /// The longest it thinks before each call.
    pub(super) think_max: Duration,
    /// How it makes them.
    pub(super) style: Style,
    /// How urgent they are.
    pub(super) priority: scheduler::Priority,
    /// After this an answer is of no use, and the shard goes on without it. Whole answers only.
    pub(super) patience: Option<Duration>,
    /// Whether a call may be dropped at any point; the shard goes on without the answer.
    pub(super) may_drop_calls: bool,
}

/// How model calls are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Whole answers; the client retries.
    Whole,
    /// Streams; the shard retries. In some calls it stops reading half way.
    Stream {
        /// In how many.
        leaves: Ratio,
    },
}

impl Story {
    /// Nobody comes, nothing goes wrong.
    pub(super) const CALM: Self = Self {
        waves: &[],
        provider: &Preset::CALM,
        stops_in_runs: ratio(0, 1),
        panics: (ratio(0, 1), ratio(0, 1)),
        scheduler: scheduler::Settings::BASE,
        // Shorter than the defaults, so that a stalled provider does not take all slots for minutes.
        llm: llm::Settings {
            call_timeout: Duration::from_secs(20),
            stream_timeout: Duration::from_secs(40),
            stream_idle: Duration::from_secs(10),
            stream_buffer_chunks: 4,
            retries_max: 8,
            ..llm::Settings::BASE
        },
        faults_last: Duration::from_secs(600),
        expected: Expected::ALWAYS,
    };

    /// How long there are clients who have not come yet, and a little more.
    pub(super) fn busy(&self) -> Duration {
        let last = |wave: &Wave| wave.starts + wave.spacing * u32::try_from(wave.clients).unwrap_or(u32::MAX);
        self.waves.iter().map(last).max().unwrap_or_default() + Duration::from_secs(15)
    }

    /// What its checks are to hold it to.
    pub(super) fn rules(&self, params: &Params) -> Rules {
        Rules {
            slots: params.get("slots"),
            shards_max: params.get("shards_max"),
            rise_after: self.scheduler.rise_after,
            // A call's limit counts from when its task runs; the schedule may hold that back a few times.
            retries_max: self.llm.retries_max.max(STREAM_ATTEMPTS_MAX).into(),
            hold_max: self.llm.call_timeout.max(self.llm.stream_timeout) + Duration::from_secs(10),
            // Thresholds are for the world as it is told; with other parameters only the rules hold.
            expected: if PARAMS.iter().all(|param| params.get(param.name) == param.default) {
                self.expected
            } else {
                Expected::ALWAYS
            },
        }
    }
}

impl Wave {
    /// One patient client, now, for one shard.
    pub(super) const ONE: Self = Self {
        name: "client",
        clients: 1,
        starts: Duration::ZERO,
        spacing: Duration::ZERO,
        shards_each: 1,
        execution_timeout: SpawnOptions::BASE.execution_timeout,
        gives_up_after: None,
        may_go: false,
        work: Work::CALLS,
    };
}

impl Work {
    /// Three ordinary calls with little thought.
    pub(super) const CALLS: Self = Self {
        calls: 3,
        think_max: Duration::from_millis(500),
        style: Style::Whole,
        priority: scheduler::Priority::Normal,
        patience: None,
        may_drop_calls: false,
    };
}

/// The parameters of every story.
pub(super) const PARAMS: &[Param] = &[
    Param { name: "slots", help: "API slots", default: 5, min: 1, max: 500 },
    Param { name: "shards_max", help: "shards that may live at once", default: 12, min: 1, max: 5_000 },
];
