//! The scenarios: worlds as data. Knows the service's front doors and the mock provider; judges nothing
//! but what the service says of itself at rest.

mod story;
mod stage;
mod shard;
mod conservative;
mod aggressive;
mod chaos;
mod hybrid;
mod slot_storm;

use seedbed::Scenario;

/// All scenarios, calmest first.
pub const ALL: &[Scenario] =
    &[conservative::CONSERVATIVE, aggressive::AGGRESSIVE, hybrid::HYBRID, chaos::CHAOS, slot_storm::SLOT_STORM];
