//! Different kinds of work that share the slots.

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

/// Every kind of work gets its turns, and a pause between two attempts holds no slot.
pub(super) const HYBRID: Scenario = Scenario {
    name: "hybrid",
    story: "A long campaign, urgent reviews and a loop of tests with retries share the slots; all get their turns.",
    params: PARAMS,
    checks: |params| check::of(STORY.rules(params)),
    families: &["llm.error", "llm.stream-cut"],
    run: |world, params| Box::pin(stage::play(world, &STORY, params)),
    ..Scenario::CALM
};

const STORY: Story = Story {
    waves: &[
        Wave {
            name: "campaign",
            clients: 2,
            work: Work { calls: 6, think_max: Duration::from_millis(200), ..Work::CALLS },
            ..Wave::ONE
        },
        Wave {
            name: "review",
            clients: 4,
            starts: Duration::from_secs(2),
            spacing: Duration::from_secs(3),
            work: Work {
                calls: 2,
                style: Style::Stream { leaves: ratio(0, 1) },
                priority: Priority::High,
                ..Work::CALLS
            },
            ..Wave::ONE
        },
        Wave {
            name: "test-loop",
            clients: 2,
            starts: Duration::from_secs(1),
            shards_each: 2,
            work: Work { calls: 4, think_max: Duration::from_secs(3), ..Work::CALLS },
            ..Wave::ONE
        },
        Wave { name: "background", work: Work { calls: 2, priority: Priority::Low, ..Work::CALLS }, ..Wave::ONE },
    ],
    provider: &Preset::FLAKY,
    expected: Expected { wait_max: Duration::from_secs(30), ..Expected::ALWAYS },
    ..Story::CALM
};
