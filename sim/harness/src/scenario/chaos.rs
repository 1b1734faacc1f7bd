//! Clients that go away, a hostile provider, more shards than slots.

use super::{
    stage,
    story::{PARAMS, Story, Style, Wave, Work},
};
use crate::{
    check::{self, Expected},
    mock::Preset,
};
use seedbed::{Scenario, decision::ratio};
use shardwright::scheduler::Priority;
use std::time::Duration;

/// Whatever is given up leaves nothing behind, and whoever stays is served.
pub(super) const CHAOS: Scenario = Scenario {
    name: "chaos",
    story: "Clients give up after 10 s, 3 s or less, or are cancelled at any point, readers go, the provider stalls and \
            panics, an operator may stop it all; twelve shards share five slots.",
    params: PARAMS,
    checks: |params| check::of(STORY.rules(params)),
    marks: &[
        "shard cancelled before its first poll",
        "slot granted to a waiter that was cancelled before it ran",
        "all slots taken by twice as many shards",
        "consumer gone while the provider stalls",
        "stream cut by its idle limit",
        "stopped with waiters",
    ],
    families: &["llm.error", "llm.stream-cut", "llm.stall", "llm.refusal", "llm.panic", "work.panic", "cancel"],
    run: |world, params| Box::pin(stage::play(world, &STORY, params)),
};

const STORY: Story = Story {
    waves: &[
        Wave { name: "ten-seconds", clients: 3, gives_up_after: Some(Duration::from_secs(10)), ..Wave::ONE },
        Wave { name: "cycle", shards_each: 10, gives_up_after: Some(Duration::from_secs(3)), ..Wave::ONE },
        Wave { name: "hurried", clients: 2, execution_timeout: Duration::from_secs(5), ..Wave::ONE },
        Wave {
            name: "twelve",
            clients: 8,
            starts: Duration::from_secs(20),
            spacing: Duration::from_millis(200),
            may_go: true,
            work: Work { may_drop_calls: true, ..Work::CALLS },
            ..Wave::ONE
        },
        Wave {
            name: "hasty-reader",
            clients: 3,
            starts: Duration::from_secs(20),
            spacing: Duration::from_millis(300),
            shards_each: 2,
            gives_up_after: Some(Duration::from_millis(800)),
            work: Work { style: Style::Stream { leaves: ratio(0, 1) }, ..Work::CALLS },
            ..Wave::ONE
        },
        Wave {
            name: "reader",
            clients: 4,
            starts: Duration::from_millis(21_600),
            spacing: Duration::from_millis(200),
            may_go: true,
            work: Work {
                style: Style::Stream { leaves: ratio(1, 4) },
                priority: Priority::High,
                may_drop_calls: true,
                ..Work::CALLS
            },
            ..Wave::ONE
        },
    ],
    provider: &Preset::HOSTILE,
    stops_in_runs: ratio(1, 4),
    panics: (ratio(1, 4), ratio(1, 16)),
    expected: Expected { wait_max: Duration::from_secs(60), ..Expected::ALWAYS },
    ..Story::CALM
};
