//! Many runs of one scenario: what sweeps are made of.

use super::{Outcome, Program, explain, run};
use crate::{
    case::{Case, CaseError, Seed},
    history::Keep,
    scenario::Scenario,
    thread::{HashKeys, fresh, tokio_random},
};
use std::thread::panicking;
use tokio::runtime::Handle;

/// On which thread a run happens. std draws a thread's hash keys once, so a run that follows another on
/// one thread would see other keys.
#[derive(Debug, Default)]
pub enum Threads {
    /// A fresh one for each run: the default.
    #[default]
    Fresh,
    /// The caller's, with its hash keys set before each run. Other thread-locals stay as they are.
    Reused(ReusedThread),
}

/// The caller's thread, if its hash keys can be set. Neither `Send` nor `Sync`.
#[derive(Debug)]
pub struct ReusedThread(HashKeys);

impl Threads {
    /// The caller's thread for all runs where that is possible (x86-64 Linux with glibc), else fresh ones.
    #[must_use]
    pub fn reused() -> Self {
        tokio_random::seed();
        HashKeys::locate().map_or(Self::Fresh, |keys| Self::Reused(ReusedThread(keys)))
    }

    pub(crate) fn run(&self, program: &Program<'_>, case: &Case, keep: Keep) -> Result<Outcome, CaseError> {
        match self {
            // A thread that a run has left in a runtime of the real tokio, or in a panic, is used no more.
            Self::Reused(ReusedThread(keys)) if Handle::try_current().is_err() && !panicking() => {
                // What madsim gives a fresh thread; so both ways have one history.
                let seed = case.entropy_seed();
                keys.set(seed, seed);
                run(program, case, keep, None)
            }
            Self::Fresh | Self::Reused(_) => {
                fresh(|| run(program, case, keep, None)).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }
        }
    }
}

impl Scenario {
    /// Runs one case on a fresh thread and keeps its whole history. A stall says where each task waits.
    ///
    /// # Errors
    /// The case does not fit the scenario.
    pub fn replay(&self, case: &Case) -> Result<Outcome, CaseError> {
        Program::of_scenario(self, case, |program| explain(program, case, None))?
    }

    /// Calls `each` with the outcome of every seed until it says no. Parameters and strategy are those
    /// of `case`.
    ///
    /// # Errors
    /// The case does not fit the scenario.
    pub fn run_seeds(
        &self,
        case: &Case,
        threads: &Threads,
        seeds: impl IntoIterator<Item = u64>,
        mut each: impl FnMut(u64, Outcome) -> bool,
    ) -> Result<(), CaseError> {
        let mut case = case.clone();
        Program::of_scenario(self, &case.clone(), |program| {
            for seed in seeds {
                case.seed = Some(Seed(seed));
                if !each(seed, threads.run(program, &case, Keep::Nothing)?) {
                    break;
                }
            }
            Ok(())
        })?
    }
}
