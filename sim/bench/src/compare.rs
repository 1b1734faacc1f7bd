//! All variants against madsim's own runner, in interleaved rounds: machines are noisy, ratios of one
//! session less so.

use crate::{
    measure::{Variant, measure},
    workload::Size,
};
use std::{hint::black_box, time::Duration};

const SIZES: [Size; 3] =
    [Size { shards: 12, slots: 5 }, Size { shards: 120, slots: 50 }, Size { shards: 1_200, slots: 500 }];
const ROUNDS: usize = 7;
const SPAN: Duration = Duration::from_millis(600);
const MEMORY_SEEDS: u64 = 100_000;

/// Prints the table, then what one decision costs, then what 100,000 seeds leave in memory.
pub(crate) fn all() {
    println!("workload W, processor time per seed, median of {ROUNDS} interleaved rounds");
    println!("{:>9}  {:<14} {:>10} {:>9}  per seed finished / aborted", "size", "variant", "us", "x madsim");
    for size in SIZES {
        compare(size);
    }
    decision_cost();
    memory();
}

fn compare(size: Size) {
    let mut costs = Variant::ALL.map(|variant| (variant, Vec::new(), String::new()));
    for _ in 0..ROUNDS {
        for (variant, rounds, tally) in &mut costs {
            let cost = measure(*variant, size, SPAN);
            let per_seed = |count: u64| count as f64 / cost.seeds as f64;
            *tally = format!("{:.1} / {:.1}", per_seed(cost.tally.finished), per_seed(cost.tally.aborted));
            rounds.push(cost.cpu_us_per_seed());
        }
    }
    let medians = costs.each_mut().map(|(_, rounds, _)| median(rounds));
    for ((variant, _, tally), us) in costs.iter().zip(medians) {
        let size = format!("{}:{}", size.shards, size.slots);
        println!("{size:>9}  {:<14} {us:>10.2} {:>9.2}  {tally}", variant.name(), medians[0] / us);
    }
}

fn median(rounds: &mut [f64]) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

/// Draws of one key in a row, inside a world; the history's record of each included.
fn decision_cost() {
    const DRAWS: u64 = 2_000_000;
    const SITE: seedbed::decision::Site = seedbed::decision::Site::new("bench");
    for (name, range) in [("drawn, at its default", 0..1), ("drawn and recorded", 0..1_000_000)] {
        let report = seedbed::sweep("decisions", 0..1, |world| {
            let range = range.clone();
            async move {
                let mut draws = world.draws(SITE, "bench");
                let started = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
                for _ in 0..DRAWS {
                    black_box(draws.range(range.clone()));
                }
                let ended = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
                let nanos = (ended.tv_sec - started.tv_sec) * 1_000_000_000 + (ended.tv_nsec - started.tv_nsec);
                println!("a keyed decision, {name}: {:.1} ns", nanos as f64 / DRAWS as f64);
                Ok(())
            }
        });
        report.assert_clean();
    }
}

fn memory() {
    let size = SIZES[0];
    let mut seeds = 0;
    let mut after_warm_up = 0;
    crate::on_seedbed::run_seeds(size, &seedbed::Threads::Fresh, || {
        seeds += 1;
        if seeds == MEMORY_SEEDS / 100 {
            after_warm_up = resident_kib();
        }
        seeds < MEMORY_SEEDS
    });
    let grown = resident_kib().saturating_sub(after_warm_up);
    println!("resident memory: {:.2} MiB more after {MEMORY_SEEDS} seeds", grown as f64 / 1024.0);
}

/// From /proc; 0 where there is none.
#[expect(clippy::disallowed_methods, reason = "the process's own size stands in a file")]
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
