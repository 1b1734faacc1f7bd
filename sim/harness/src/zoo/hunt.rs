//! Looks for the first finding of a scenario by one method, in this very process.

use super::alone::alone;
use seedbed::{Case, Finding, FindingKind, Scenario, Threads, case::CaseError, cli::processor_time};
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

    /// The method of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
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
    /// How it ended.
    pub end: End,
}

impl Hunt {
    /// What was found, if anything was.
    #[must_use]
    pub fn catch(&self) -> Option<&Catch> {
        match &self.end {
            End::Caught(catch) => Some(catch),
            End::Nothing | End::Cut | End::Died => None,
        }
    }
}

/// How a hunt ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// With this.
    Caught(Catch),
    /// All its runs found nothing of what was wanted.
    Nothing,
    /// A run did not return, as a loop inside one poll does not where nobody counts polls.
    Cut,
    /// A run ended the process, as a panic during unwinding does.
    Died,
}

/// The first finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Catch {
    /// The seed of its run; an exploration's has none.
    pub seed: Option<u64>,
    /// Its kind.
    pub kind: FindingKind,
    /// The check that failed.
    pub check: String,
    /// What was wrong.
    pub message: String,
}

impl Catch {
    fn of(seed: Option<u64>, Finding { kind, check, message, .. }: Finding) -> Self {
        Self { seed, kind, check, message }
    }
}

/// What a hunt is after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The first finding, whatever it is.
    Any,
    /// The first of this kind and one of these checks; others are passed by.
    This(FindingKind, Vec<String>),
    /// The same, in runs that nothing else is checked in.
    Alone(FindingKind, String),
}

impl Wanted {
    fn is(&self, finding: &Finding) -> bool {
        match self {
            Self::Any => true,
            Self::This(kind, checks) => finding.kind == *kind && checks.contains(&finding.check),
            Self::Alone(kind, check) => finding.kind == *kind && finding.check == *check,
        }
    }
}

/// Where a hunt looks, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Ground {
    /// The seed it begins at.
    pub first_seed: u64,
    /// Runs of a hunt that finds nothing.
    pub cap: u64,
}

/// Runs `scenario` by `method` up to the first finding that is wanted, or the ground's end.
///
/// # Errors
/// The scenario's defaults do not fit it.
pub fn hunt(scenario: &Scenario, method: Method, ground: Ground, wanted: &Wanted) -> Result<Hunt, CaseError> {
    let scenario = match wanted {
        Wanted::Any | Wanted::This(..) => *scenario,
        Wanted::Alone(_, check) => alone(scenario, check),
    };
    let used = processor_time();
    let (runs, found) = match method.strategy() {
        Some(strategy) => by_seeds(&scenario, strategy, ground, wanted)?,
        None => {
            let explored = scenario.explore_cancel(ground.first_seed, ground.cap, |finding| wanted.is(finding))?;
            (explored.runs, explored.found.map(|(finding, _)| Catch::of(None, finding)))
        }
    };
    let end = found.map_or(End::Nothing, End::Caught);
    Ok(Hunt { method, runs, cpu_s: processor_time().saturating_sub(used).as_secs_f64(), end })
}

fn by_seeds(
    scenario: &Scenario,
    strategy: &str,
    Ground { first_seed, cap }: Ground,
    wanted: &Wanted,
) -> Result<(u64, Option<Catch>), CaseError> {
    let case = Case { strategy: Some(strategy.to_owned()), ..Case::of_seed(scenario.name, first_seed) };
    let (mut runs, mut found) = (0, None);
    scenario.run_seeds(&case, &Threads::reused(), first_seed..first_seed + cap, |seed, outcome| {
        runs += 1;
        found = outcome.finding.filter(|finding| wanted.is(finding)).map(|finding| Catch::of(Some(seed), finding));
        found.is_none()
    })?;
    Ok((runs, found))
}
