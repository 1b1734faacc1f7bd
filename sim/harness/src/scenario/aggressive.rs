//! As many shards as slots, then more.

use super::{
    stage,
    story::{PARAMS, Story, Style, Wave, Work},
};
use crate::{
    check::{self, Expected},
    mock::Preset,
};
use seedbed::{Scenario, decision::ratio};
use std::time::Duration;

/// Short waits, and everything completes.
pub(super) const AGGRESSIVE: Scenario = Scenario {
    name: "aggressive",
    story: "Five shards at once on five slots, then seven; the provider fails now and then, and retries heal it.",
    params: PARAMS,
    checks: |params| check::of(STORY.rules(params)),
    families: &["llm.error", "llm.stream-cut"],
    run: |world, params| Box::pin(stage::play(world, &STORY, params)),
    ..Scenario::CALM
};

const STORY: Story = Story {
    waves: &[
        Wave { name: "five", clients: 5, ..Wave::ONE },
        Wave { name: "whole", clients: 4, starts: Duration::from_secs(120), ..Wave::ONE },
        Wave {
            name: "pressed",
            clients: 3,
            starts: Duration::from_secs(240),
            work: Work { calls: 6, patience: Some(Duration::from_secs(6)), ..Work::CALLS },
            ..Wave::ONE
        },
        Wave {
            name: "streamed",
            clients: 3,
            starts: Duration::from_secs(120),
            work: Work { style: Style::Stream { leaves: ratio(1, 8) }, ..Work::CALLS },
            ..Wave::ONE
        },
    ],
    provider: &Preset::FLAKY,
    expected: Expected { wait_max: Duration::from_secs(30), ..Expected::ALWAYS },
    ..Story::CALM
};
