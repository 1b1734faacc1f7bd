//! A scenario with one of its checks alone. A whole design breaks several rules, and the first that is broken
//! ends a run: what another one would have found later in it is seen only without the first.

use seedbed::{Check, Params, Scenario};
use std::sync::{Mutex, MutexGuard, PoisonError};

type Checks = fn(&Params) -> Vec<Box<dyn Check>>;

/// A scenario's checks are a plain function, which can carry nothing with it; so there is one at a time.
static ALONE: Mutex<Option<(Checks, String)>> = Mutex::new(None);

/// `scenario` with no check but the one of that name; with none if it has no such check. Until the next call.
pub(super) fn alone(scenario: &Scenario, check: &str) -> Scenario {
    *lock() = Some((scenario.checks, check.to_owned()));
    Scenario { checks: the_one, ..*scenario }
}

fn the_one(params: &Params) -> Vec<Box<dyn Check>> {
    let alone = lock().clone();
    let (of, name) = alone.expect("only a scenario that was made by `alone` has these checks");
    of(params).into_iter().filter(|check| check.name() == name).collect()
}

fn lock() -> MutexGuard<'static, Option<(Checks, String)>> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
