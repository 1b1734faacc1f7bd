//! What is run with a value: a test's body, or a scenario whose parameters the value is.

use crate::{
    case::{Case, Seed},
    run::Program,
    scenario::{Params, Scenario, ScenarioFuture},
    world::World,
};

pub(super) trait Subject<V> {
    /// The case of a run of `value`, as far as a case can say it.
    fn case(&self, value: &V, seed: Option<u64>) -> Case;

    /// Calls `use_it` with the program that runs `value`.
    fn with_program<R>(&self, value: &V, use_it: impl FnOnce(&Program<'_>) -> R) -> R;
}

/// A body that takes the value.
pub(super) struct Body<'a, V> {
    pub(super) name: &'a str,
    pub(super) run: &'a (dyn Fn(World, V) -> ScenarioFuture + Sync),
}

impl<V: Clone + Sync> Subject<V> for Body<'_, V> {
    fn case(&self, _: &V, seed: Option<u64>) -> Case {
        case_of(self.name, seed)
    }

    fn with_program<R>(&self, value: &V, use_it: impl FnOnce(&Program<'_>) -> R) -> R {
        let body = |world| (self.run)(world, value.clone());
        use_it(&Program { body: &body, checks: &Vec::new })
    }
}

impl Subject<Params> for Scenario {
    fn case(&self, value: &Params, seed: Option<u64>) -> Case {
        let defaults = self.defaults();
        let differs = |(name, value): &(&str, u64)| defaults.iter().all(|default| default != (*name, *value));
        let params = value.iter().filter(differs).map(|(name, value)| (name.to_owned(), value)).collect();
        Case { params, ..case_of(self.name, seed) }
    }

    fn with_program<R>(&self, value: &Params, use_it: impl FnOnce(&Program<'_>) -> R) -> R {
        Program::of_scenario(self, &self.case(value, None), use_it)
            .unwrap_or_else(|error| panic!("the parameters that were drawn do not fit: {error}"))
    }
}

fn case_of(name: &str, seed: Option<u64>) -> Case {
    Case { seed: seed.map(Seed), ..Case::of_seed(name, 0) }
}
