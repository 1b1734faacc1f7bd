//! What shrinking comes to.

use super::{Budget, InProcess, shrink, slug::slug};
use crate::{
    case::{Case, CaseError},
    finding::{Finding, FindingKind},
    scenario::Scenario,
};
use std::fmt;

/// A finding and the smallest case of it that was found.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The case, its story included.
    pub case: Case,
    /// What it finds: the same signature as before.
    pub finding: Finding,
    /// What happened, a sentence each.
    pub story: Vec<String>,
    /// How many decisions of the run that it was shrunk from differed from their defaults.
    pub decisions_before: usize,
    /// That run, if it is not the given one: the same finding under another seed, or with smaller parameters.
    pub other_run: Option<Case>,
    /// How many runs it took.
    pub runs: u64,
    /// Whether each single decision was dropped in vain; otherwise the budget ended before that.
    pub is_minimal: bool,
}

impl Shrunk {
    /// A name for its file, from what went wrong: `nothing-remains-of-a-wait-that-is-over`.
    #[must_use]
    pub fn slug(&self) -> String {
        slug(&self.finding)
    }

    /// `3 of 1204 decisions of seed 0x5 are left after 80 runs`, and what a reader must know of that.
    #[must_use]
    pub fn summary(&self) -> String {
        let (left, before, runs) = (self.case.decisions.len(), self.decisions_before, self.runs);
        let minimal = if self.is_minimal { "" } else { "; not minimal: the budget ended before" };
        let entropy = if self.case.entropy.is_some() { "; it depends on the code's own randomness" } else { "" };
        let of = self.other_run.as_ref().map(|run| format!(" of {}", of_run(run))).unwrap_or_default();
        format!("{left} of {before} decisions{of} are left after {runs} runs{minimal}{entropy}")
    }
}

fn of_run(case: &Case) -> String {
    let seed = case.seed.map_or_else(|| "the run without a seed".to_owned(), |seed| format!("seed {seed}"));
    let params: Vec<_> = case.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if params.is_empty() { seed } else { format!("{seed} with {}", params.join(", ")) }
}

/// Why there is nothing to shrink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unshrinkable {
    /// The case finds nothing.
    Clean,
    /// The case ends its process or does not return, and takes its history along.
    Died,
    /// One case with two histories has no story.
    Diverges,
    /// The run, written down decision by decision, does not fail in this way.
    Unwritable,
}

impl fmt::Display for Unshrinkable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clean => "the case finds nothing",
            Self::Died => "the case ends its process or does not return, so there is no history to shrink",
            Self::Diverges => "one case gave two histories: `verify` shows where they part",
            Self::Unwritable => "the run fails only under its seed: `verify` tells whether it is deterministic",
        })
    }
}

impl Unshrinkable {
    pub(super) fn of(finding: Option<&Finding>) -> Option<Self> {
        match finding.map(|finding| finding.kind) {
            None => Some(Self::Clean),
            Some(FindingKind::Divergence) => Some(Self::Diverges),
            Some(FindingKind::Abort) => Some(Self::Died),
            Some(FindingKind::Violation | FindingKind::Stall | FindingKind::Panic) => None,
        }
    }
}

impl Scenario {
    /// The smallest case with the same finding as `case` that `budget` allows to find. Runs happen in this
    /// process, each on a fresh thread.
    ///
    /// # Errors
    /// The case does not fit the scenario.
    pub fn shrink(&self, case: &Case, budget: Budget) -> Result<Result<Shrunk, Unshrinkable>, CaseError> {
        shrink(&mut InProcess::Scenario(self), case, self.params, budget)
    }
}
