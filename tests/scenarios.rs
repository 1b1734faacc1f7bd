//! Every scenario is clean. `SEEDBED_SEEDS=5000` sweeps more seeds, `SEEDBED_SEED=0x2f` one alone.
#![cfg(not(real_side))]

const _: () = assert!(
    cfg!(madsim),
    "build with `--cfg madsim`: .cargo/config.toml sets it, and an exported RUSTFLAGS replaces that"
);

use seedbed::Scenario;
use shardwright_sim::ALL;

fn check(name: &str, seeds: u64) {
    named(name).sweep(0..seeds).assert_clean();
}

fn named(name: &str) -> &'static Scenario {
    ALL.iter().find(|scenario| scenario.name == name).expect("the scenario is listed in ALL")
}

#[test]
fn one_shard_after_the_other_never_waits() {
    check("conservative", 2_000);
}

#[test]
fn seven_shards_on_five_slots_wait_briefly() {
    check("aggressive", 2_000);
}

#[test]
fn different_kinds_of_work_share_the_slots() {
    check("hybrid", 2_000);
}

#[test]
fn whatever_is_given_up_leaves_nothing_behind() {
    check("chaos", 2_000);
}

#[test]
fn sixty_callers_storm_twelve_slots() {
    check("slot-storm", 1_000);
}

#[test]
fn ten_agents_write_one_store() {
    check("ten-agents-one-store", 100);
}

#[test]
fn what_was_acknowledged_survives_power_losses() {
    check("power-loss", 100);
}

#[test]
fn killed_writers_lose_nothing() {
    check("kill-a-writer", 100);
}

#[test]
fn a_compaction_loses_no_late_writer() {
    check("compaction-during-writes", 300);
}

#[test]
fn a_full_disk_leaves_nothing_that_failed() {
    check("disk-full", 300);
}

#[test]
fn a_sync_that_fails_acknowledges_nothing() {
    check("fsync-fails", 300);
}

#[test]
fn forty_processes_stand_in_line() {
    check("lock-contention", 30);
}

#[test]
fn nobody_waits_longer_for_one_who_hangs() {
    check("somebody-hangs", 300);
}

#[test]
fn an_item_has_one_owner_at_a_time() {
    check("claim-race", 500);
}

#[test]
fn a_killed_backend_goes_on_where_it_was() {
    check("checkpoint-and-resume", 500);
}

#[test]
fn no_clock_decides_the_order_of_writes() {
    check("clock-steps-back", 300);
}

#[test]
fn what_is_rotten_is_said_to_be_and_nothing_is_missing_unsaid() {
    check("bit-rot", 500);
}

#[test]
fn no_state_that_a_power_loss_leaves_loses_what_was_acknowledged() {
    named("power-loss").crash_everywhere(&[("agents", 3), ("writes", 2)]);
}

#[test]
fn whoever_is_given_up_may_be_given_up_anywhere() {
    named("chaos").cancel_everywhere(&[]);
}

#[test]
fn a_caller_may_be_cancelled_at_every_suspension() {
    named("slot-storm").cancel_everywhere(&[("shards", 12), ("slots", 5), ("cancel_percent", 100)]);
}

#[test]
fn no_scenario_is_forgotten_here() {
    let here = include_str!("scenarios.rs");
    for scenario in ALL {
        assert!(here.contains(&format!("check(\"{}\"", scenario.name)), "{} is not swept", scenario.name);
    }
}
