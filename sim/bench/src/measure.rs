//! One measurement: as many seeds as fit into a span of real time, and their processor time.

use crate::{
    on_madsim, on_seedbed,
    workload::{Size, Tally},
};
use rustix::time::{ClockId, clock_gettime};
use seedbed::Threads;
use std::time::{Duration, Instant};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// `madsim::runtime::Builder::run`: the base. A fresh thread per seed.
    Madsim,
    /// madsim's runtime on one thread.
    MadsimReused,
    /// seedbed as `sweep` runs it by default: a fresh thread per seed.
    Seedbed,
    /// seedbed with `--reuse-threads`.
    SeedbedReused,
}

impl Variant {
    pub(crate) const ALL: [Self; 4] = [Self::Madsim, Self::MadsimReused, Self::Seedbed, Self::SeedbedReused];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Madsim => "madsim",
            Self::MadsimReused => "madsim-reuse",
            Self::Seedbed => "seedbed",
            Self::SeedbedReused => "seedbed-reuse",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variant| variant.name() == name)
    }
}

/// What a measurement came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) seeds: u64,
    pub(crate) cpu: Duration,
    pub(crate) tally: Tally,
}

impl Cost {
    pub(crate) fn cpu_us_per_seed(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.seeds as f64
    }
}

/// Runs seeds from 0 on for `span` of real time; at least one.
pub(crate) fn measure(variant: Variant, size: Size, span: Duration) -> Cost {
    let (started, cpu_before) = (Instant::now(), processor_time());
    let mut seeds = 0;
    let go_on = || {
        seeds += 1;
        started.elapsed() < span
    };
    let tally = match variant {
        Variant::Madsim => run_each(go_on, |seed| on_madsim::on_fresh_threads(seed, size)),
        Variant::MadsimReused => run_each(go_on, |seed| on_madsim::on_one_thread(seed, size)),
        Variant::Seedbed => on_seedbed::run_seeds(size, &Threads::Fresh, go_on),
        Variant::SeedbedReused => on_seedbed::run_seeds(size, &Threads::reused(), go_on),
    };
    Cost { seeds, cpu: processor_time() - cpu_before, tally }
}

fn run_each(mut go_on: impl FnMut() -> bool, run: impl Fn(u64) -> Tally) -> Tally {
    let mut total = Tally::default();
    for seed in 0.. {
        let tally = run(seed);
        total.finished += tally.finished;
        total.aborted += tally.aborted;
        if !go_on() {
            break;
        }
    }
    total
}

/// User and system time of the whole process, ended threads included.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}
