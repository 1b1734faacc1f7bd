//! Looks for the first finding of a scenario, in this very process.
#![expect(clippy::disallowed_methods, reason = "reads the thread's processor time, outside every world")]

use super::alone::alone;
use seedbed::{Case, FindingKind, Scenario, Threads, case::CaseError};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What a hunt came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hunt {
    /// How many runs it took.
    pub runs: u64,
    /// Processor seconds of those runs.
    pub cpu_s: f64,
    /// What was found.
    pub catch: Option<Catch>,
}

/// The first finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Catch {
    /// Its seed.
    pub seed: u64,
    /// Its kind.
    pub kind: FindingKind,
    /// The check that failed.
    pub check: String,
    /// What was wrong.
    pub message: String,
}

/// What a hunt is after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The first finding, whatever it is.
    Any,
    /// The first of this kind and check, in runs that nothing else is checked in; others are passed by.
    Only(FindingKind, String),
}

impl Wanted {
    fn is(&self, catch: &Catch) -> bool {
        match self {
            Self::Any => true,
            Self::Only(kind, check) => catch.kind == *kind && catch.check == *check,
        }
    }
}

/// Runs `scenario` under one seed after the other, up to the first finding that is wanted.
///
/// # Errors
/// There is no such strategy.
pub fn hunt(scenario: &Scenario, strategy: &str, seeds: Range<u64>, wanted: &Wanted) -> Result<Hunt, CaseError> {
    let case = Case { strategy: Some(strategy.to_owned()), ..Case::of_seed(scenario.name, seeds.start) };
    let started_at = cpu_seconds();
    let (mut runs, mut catch) = (0, None);
    let scenario = match wanted {
        Wanted::Any => *scenario,
        Wanted::Only(_, check) => alone(scenario, check),
    };
    scenario.run_seeds(&case, &Threads::reused(), seeds, |seed, outcome| {
        runs += 1;
        let found = outcome.finding.map(|finding| Catch {
            seed,
            kind: finding.kind,
            check: finding.check,
            message: finding.message,
        });
        catch = found.filter(|found| wanted.is(found));
        catch.is_none()
    })?;
    Ok(Hunt { runs, cpu_s: cpu_seconds() - started_at, catch })
}

/// Processor time of this thread, which is the one that runs worlds; 0 where the system does not tell.
fn cpu_seconds() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split_whitespace().next().and_then(|nanos| nanos.parse::<u64>().ok()).unwrap_or(0);
    nanos as f64 / 1e9
}
