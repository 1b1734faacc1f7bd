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
mod store;

use seedbed::Scenario;

/// All scenarios, calmest first.
pub const ALL: &[Scenario] = &[
    conservative::CONSERVATIVE,
    aggressive::AGGRESSIVE,
    hybrid::HYBRID,
    chaos::CHAOS,
    slot_storm::SLOT_STORM,
    store::TEN_AGENTS_ONE_STORE,
    store::POWER_LOSS,
    store::KILL_A_WRITER,
    store::COMPACTION_DURING_WRITES,
    store::DISK_FULL,
    store::FSYNC_FAILS,
    store::LOCK_CONTENTION,
    store::SOMEBODY_HANGS,
    store::CLAIM_RACE,
    store::CHECKPOINT_AND_RESUME,
    store::CLOCK_STEPS_BACK,
    store::BIT_ROT,
];
