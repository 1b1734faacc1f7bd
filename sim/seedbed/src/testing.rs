//! What `#[seedbed::test]` expands to.

use crate::{
    case::Case,
    check::{self, Violation},
    explore::{self, Mode},
    run::Program,
    scenario::ScenarioFuture,
    sweep::{is_one_case_asked_for, sweep},
    world::World,
};
use std::{any::Any, fmt::Display, future::Future};

/// What a test may return.
pub trait TestResult {
    /// As a scenario's result.
    ///
    /// # Errors
    /// What the test returned as its error.
    fn into_result(self) -> check::Result;
}

impl TestResult for () {
    fn into_result(self) -> check::Result {
        Ok(())
    }
}

impl<E: Display + 'static> TestResult for Result<(), E> {
    fn into_result(self) -> check::Result {
        // A violation stays what it is: its text does not have its signature.
        let violation = |error: E| match (&error as &dyn Any).downcast_ref::<Violation>() {
            Some(violation) => violation.clone(),
            None => Violation::new(error.to_string()),
        };
        self.map_err(violation)
    }
}

/// Sweeps `body` over `seeds` seeds from 0 and fails the test if anything is found. Before that every cancellation, and
/// every crash, is tried in it, as far as `everywhere` says, unless the environment asks for one case alone.
///
/// # Panics
/// If there are findings; or if there was nothing to try.
pub fn run_test<F, Fut>(module: &str, name: &str, seeds: u64, everywhere: [bool; 2], body: F)
where
    F: Fn(World) -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: TestResult,
{
    let name = format!("{module}::{name}");
    let body = |world| {
        let test = body(world);
        async move { test.await.into_result() }
    };
    let tried = [Mode::Cancel, Mode::Crash].into_iter().zip(everywhere).filter(|(_, is_asked)| *is_asked);
    for (mode, _) in tried.filter(|_| !is_one_case_asked_for()) {
        let boxed = |world: World| -> ScenarioFuture { Box::pin(body(world)) };
        explore::everywhere(mode, &Program { body: &boxed, checks: &Vec::new }, &Case::of_seed(&name, 0));
    }
    sweep(&name, 0..seeds, body).assert_clean();
}
