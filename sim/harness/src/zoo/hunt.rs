//! Looks for the first finding of a scenario by one method, in this very process.

use rustix::time::{ClockId, clock_gettime};
use seedbed::{Case, Finding, FindingKind, Scenario, Threads, case::CaseError};
use serde::{Deserialize, Serialize};

/// How a bug is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// The strategies of a sweep by default.
    Portfolio,
    /// First ready, first run, with dials.
    Fifo,
    /// Random picks, with dials.
    Random,
    /// Probabilistic concurrency testing, with dials.
    Pct,
    /// Uniform random walk, with dials.
    Urw,
    /// `explore cancel`.
    Cancel,
    /// The same scenario on madsim's own executor, with the workload's cancels alone.
    Baseline,
}

impl Method {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 7] =
        [Self::Portfolio, Self::Fifo, Self::Random, Self::Pct, Self::Urw, Self::Cancel, Self::Baseline];

    /// The name in tables and documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Baseline => "baseline",
            other => other.strategy().unwrap_or_default(),
        }
    }

    /// The strategy of its runs; `None` of an exploration.
    fn strategy(self) -> Option<&'static str> {
        match self {
            Self::Portfolio => Some("portfolio"),
            Self::Fifo => Some("fifo"),
            Self::Random => Some("random"),
            Self::Pct => Some("pct"),
            Self::Urw => Some("urw"),
            Self::Cancel => None,
            Self::Baseline => Some("madsim"),
        }
    }
}

/// What a hunt came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hunt {
    /// How.
    pub method: Method,
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
    /// Its kind.
    pub kind: FindingKind,
    /// The check that failed.
    pub check: String,
    /// What was wrong.
    pub message: String,
}

impl From<Finding> for Catch {
    fn from(Finding { kind, check, message, .. }: Finding) -> Self {
        Self { kind, check, message }
    }
}

/// Runs `scenario` by `method`, from `first_seed` on, up to the first finding or `cap` runs.
///
/// # Errors
/// The scenario's defaults do not fit it.
pub fn hunt(scenario: &Scenario, method: Method, first_seed: u64, cap: u64) -> Result<Hunt, CaseError> {
    let started_at = cpu_seconds();
    let (runs, catch) = match method.strategy() {
        Some(strategy) => by_seeds(scenario, strategy, first_seed, cap)?,
        None => {
            let explored = scenario.explore_cancel(first_seed, cap)?;
            (explored.runs, explored.found.map(|(finding, _)| finding.into()))
        }
    };
    Ok(Hunt { method, runs, cpu_s: cpu_seconds() - started_at, catch })
}

fn by_seeds(scenario: &Scenario, strategy: &str, first_seed: u64, cap: u64) -> Result<(u64, Option<Catch>), CaseError> {
    let case = Case { strategy: Some(strategy.to_owned()), ..Case::of_seed(scenario.name, first_seed) };
    let (mut runs, mut catch) = (0, None);
    scenario.run_seeds(&case, &Threads::reused(), first_seed..first_seed + cap, |_, outcome| {
        runs += 1;
        catch = outcome.finding.map(Catch::from);
        catch.is_none()
    })?;
    Ok((runs, catch))
}

/// Processor time of this process, threads that have ended included.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
