//! What `#[seedbed::test]` expands to.

use crate::{
    check::{self, Violation},
    sweep,
    world::World,
};
use std::{fmt::Display, future::Future};

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

impl<E: Display> TestResult for Result<(), E> {
    fn into_result(self) -> check::Result {
        self.map_err(|error| Violation::new(error.to_string()))
    }
}

/// Sweeps `body` over `seeds` seeds from 0 and fails the test if anything is found.
///
/// # Panics
/// If there are findings.
pub fn run_test<F, Fut>(module: &str, name: &str, seeds: u64, body: F)
where
    F: Fn(World) -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: TestResult,
{
    let body = |world| {
        let test = body(world);
        async move { test.await.into_result() }
    };
    sweep(&format!("{module}::{name}"), 0..seeds, body).assert_clean();
}
