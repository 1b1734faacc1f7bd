//! One shard, then some one after the other.

use super::{
    stage,
    story::{PARAMS, Story, Wave},
};
use crate::check::{self, Expected};
use seedbed::Scenario;
use std::time::Duration;

/// Nobody ever competes, so nobody ever waits.
pub(super) const CONSERVATIVE: Scenario = Scenario {
    name: "conservative",
    story: "One shard, then five one after the other: nobody waits and everything completes.",
    params: PARAMS,
    checks: |params| check::of(STORY.rules(params)),
    run: |world, params| Box::pin(stage::play(world, &STORY, params)),
    ..Scenario::CALM
};

const STORY: Story = Story {
    waves: &[
        Wave { name: "first", ..Wave::ONE },
        Wave { name: "follower", starts: Duration::from_secs(120), shards_each: 5, ..Wave::ONE },
    ],
    expected: Expected { wait_max: Duration::from_secs(1), waiting_max: 0 },
    ..Story::CALM
};
