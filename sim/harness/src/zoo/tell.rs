//! The smallest case of what a hunt caught, and its story.

use super::{alone::alone, hunt::Wanted};
use seedbed::{Budget, Case, Scenario, case::CaseError};
use serde::{Deserialize, Serialize};

/// The smallest case of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// How many decisions are left ..
    pub decisions: usize,
    /// .. of how many.
    pub decisions_before: usize,
    /// How many runs it took.
    pub runs: u64,
    /// Whether the finding needs each of them.
    pub is_minimal: bool,
    /// What happened, a sentence each.
    pub story: Vec<String>,
}

/// Shrinks the finding of `scenario` under `seed` and tells of it; `None` if there is nothing to shrink.
///
/// # Errors
/// The scenario's defaults do not fit it.
pub fn tell(scenario: &Scenario, seed: u64, wanted: &Wanted) -> Result<Option<Told>, CaseError> {
    let scenario = match wanted {
        Wanted::Any | Wanted::This(..) => *scenario,
        Wanted::Alone(_, check) => alone(scenario, check),
    };
    let shrunk = scenario.shrink(&Case::of_seed(scenario.name, seed), Budget::BASE)?;
    Ok(shrunk.ok().map(|shrunk| Told {
        decisions: shrunk.case.decisions.len(),
        decisions_before: shrunk.decisions_before,
        runs: shrunk.runs,
        is_minimal: shrunk.is_minimal,
        story: shrunk.story,
    }))
}
