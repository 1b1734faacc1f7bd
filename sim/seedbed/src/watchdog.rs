//! In a test: aborts a run that never returns, and says which it was and how to see it again.
//! Virtual time cannot tell; this is the one place that watches real time.
#![expect(clippy::disallowed_methods, reason = "watches real time from a thread outside every world")]

use crate::{
    case::{Case, Seed},
    replay,
};
use std::{
    env,
    io::{Write as _, stderr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

const LIMIT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Watches one sweep until it is dropped.
#[derive(Debug)]
pub(crate) struct Watchdog {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    runs_started: AtomicU64,
    seed: AtomicU64,
    is_seeded: AtomicBool,
    /// The number of the drawn value, if runs have one.
    value: AtomicU64,
    is_valued: AtomicBool,
    /// The current case, if it is not told by its seed.
    case: Mutex<Option<Case>>,
    /// Nothing runs now.
    rests: AtomicBool,
    over: AtomicBool,
}

impl Watchdog {
    /// Starts watching. `SEEDBED_WATCHDOG=off` leaves it to a debugger, a number sets the seconds.
    pub(crate) fn start(scenario: &str, replay: fn(Option<u64>) -> String) -> Self {
        let shared = Arc::new(Shared::default());
        let limit = match env::var("SEEDBED_WATCHDOG").as_deref() {
            Ok("off") => None,
            Ok(seconds) => seconds.parse().ok().map(Duration::from_secs).or(Some(LIMIT)),
            Err(_) => Some(LIMIT),
        };
        if let Some(limit) = limit {
            let watched = shared.clone();
            // Made here, on the test's own thread: its name is part of them.
            let (scenario, commands) = (scenario.to_owned(), [replay(None), replay(Some(0))]);
            // A watchdog that cannot start leaves the run unwatched, not undone.
            let _ = thread::Builder::new().name("seedbed watchdog".to_owned()).spawn(move || {
                watch(&watched, limit, &scenario, &commands);
            });
        }
        Self { shared }
    }

    /// From here on runs have this drawn value, or a candidate made from it.
    #[cfg(feature = "proptest")]
    pub(crate) fn value_starts(&self, number: u64) {
        self.shared.value.store(number, Relaxed);
        self.shared.is_valued.store(true, Relaxed);
    }

    /// A run of a case that lists decisions starts.
    pub(crate) fn case_starts(&self, case: &Case) {
        *self.shared.case.lock().unwrap_or_else(PoisonError::into_inner) = Some(case.clone());
        self.run_starts(case.seed);
    }

    /// Nothing runs until one starts, or goes on.
    pub(crate) fn rests(&self) {
        self.shared.rests.store(true, Relaxed);
    }

    /// A run of this seed, or of a case without one, starts.
    pub(crate) fn run_starts(&self, seed: Option<Seed>) {
        self.shared.seed.store(seed.map_or(0, |seed| seed.0), Relaxed);
        self.shared.is_seeded.store(seed.is_some(), Relaxed);
        self.shared.rests.store(false, Relaxed);
        self.shared.runs_started.fetch_add(1, Relaxed);
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.over.store(true, Relaxed);
    }
}

fn watch(shared: &Shared, limit: Duration, scenario: &str, commands: &[String; 2]) {
    let (mut seen, mut since) = (0, Instant::now());
    while !shared.over.load(Relaxed) {
        thread::sleep(LOOK_EVERY);
        let started = shared.runs_started.load(Relaxed);
        if started != seen || shared.rests.load(Relaxed) {
            (seen, since) = (started, Instant::now());
        } else if since.elapsed() > limit && started > 0 && !shared.over.load(Relaxed) {
            let (which, command) = shared.name_run(commands);
            // Not by `eprintln!`: that of a test's threads is kept, and shown by a test that fails, which this one never does.
            let _ = writeln!(
                stderr(),
                "FAILED {scenario}: {which} has not returned for {limit:?} of real time\nreplay: {command}"
            );
            std::process::abort();
        }
    }
}

impl Shared {
    /// The current run in words, and the command that replays it.
    fn name_run(&self, [unseeded, of_seed_zero]: &[String; 2]) -> (String, String) {
        let seed = self.is_seeded.load(Relaxed).then(|| Seed(self.seed.load(Relaxed)));
        let value = self.is_valued.load(Relaxed).then(|| self.value.load(Relaxed));
        if let Some(case) = &*self.case.lock().unwrap_or_else(PoisonError::into_inner) {
            let decisions: Vec<_> = case.decisions.keys().cloned().collect();
            return (format!("the case of {}", decisions.join(", ")), replay::of_case(case, unseeded));
        }
        let command = seed.map_or_else(
            || unseeded.clone(),
            |seed| of_seed_zero.replace("SEEDBED_SEED=0x0", &format!("SEEDBED_SEED={seed}")),
        );
        match (value, seed) {
            (None, None) => ("the case without a seed".to_owned(), command),
            (None, Some(seed)) => (format!("seed {seed}"), command),
            (Some(value), _) => {
                let under = seed.map_or_else(|| "without a seed".to_owned(), |seed| format!("under seed {seed}"));
                let command = replay::with_value(value, seed.map(|seed| seed.0), &command);
                (format!("value {value} {under}"), command)
            }
        }
    }
}
