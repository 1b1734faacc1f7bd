//! Where the shrinker's runs happen.

use super::{
    Judged, Look,
    look::{judge, look},
};
use crate::{
    case::{Case, CaseError},
    run::Program,
    scenario::Scenario,
};

/// Runs cases for the shrinker: in this process, or in one that may die of them.
pub(crate) trait Runs {
    type Error;

    /// Whether the case fails with this signature; it does not if it cannot be run to its end.
    fn judge(&mut self, case: &Case, signature: &str) -> Result<Judged, Self::Error>;

    /// Everything about the case; `None` if it cannot be run to its end.
    fn look(&mut self, case: &Case) -> Result<Option<Look>, Self::Error>;
}

/// Runs in this process, on fresh threads.
pub(crate) enum InProcess<'a> {
    /// Under the parameters of each case.
    Scenario(&'a Scenario),
    /// A test's closure, which has none.
    Program(&'a Program<'a>),
}

impl InProcess<'_> {
    fn with<R>(&self, case: &Case, run: impl FnOnce(&Program<'_>) -> Result<R, CaseError>) -> Result<R, CaseError> {
        match self {
            Self::Scenario(scenario) => Program::of_scenario(scenario, case, run)?,
            Self::Program(program) => run(program),
        }
    }
}

impl Runs for InProcess<'_> {
    type Error = CaseError;

    fn judge(&mut self, case: &Case, signature: &str) -> Result<Judged, CaseError> {
        self.with(case, |program| judge(program, case, signature))
    }

    fn look(&mut self, case: &Case) -> Result<Option<Look>, CaseError> {
        self.with(case, |program| look(program, case)).map(Some)
    }
}
