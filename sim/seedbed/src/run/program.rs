//! What is run: a scenario with its parameters, or a test's closure.

use crate::{
    case::{Case, CaseError},
    check::Check,
    scenario::{Scenario, ScenarioFuture},
    world::World,
};

/// A body and its checks, each made anew for every run.
pub(crate) struct Program<'a> {
    pub(crate) body: &'a (dyn Fn(World) -> ScenarioFuture + Sync),
    pub(crate) checks: &'a (dyn Fn() -> Vec<Box<dyn Check>> + Sync),
}

impl Program<'_> {
    /// Calls `use_it` with the program of `scenario` under the parameters of `case`.
    ///
    /// # Errors
    /// The case's parameters do not fit the scenario.
    pub(crate) fn of_scenario<R>(
        scenario: &Scenario,
        case: &Case,
        use_it: impl FnOnce(&Program<'_>) -> R,
    ) -> Result<R, CaseError> {
        let params = case.params_for(scenario)?;
        let body = |world: World| (scenario.run)(world, params.clone());
        let checks = || (scenario.checks)(&params);
        Ok(use_it(&Program { body: &body, checks: &checks }))
    }
}
