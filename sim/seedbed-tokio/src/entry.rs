//! What `#[tokio::test]` and `#[tokio::main]` expand to.

use std::{fmt::Debug, future::Future, process::ExitCode};

/// What such a function may return.
pub trait Ending {
    /// # Errors
    /// What the function returned as its error.
    fn into_result(self) -> Result<(), String>;
}

impl Ending for () {
    fn into_result(self) -> Result<(), String> {
        Ok(())
    }
}

impl Ending for ExitCode {
    fn into_result(self) -> Result<(), String> {
        if self == Self::SUCCESS { Ok(()) } else { Err(format!("{self:?}")) }
    }
}

impl<T: Ending, E: Debug> Ending for Result<T, E> {
    fn into_result(self) -> Result<(), String> {
        self.map_err(|error| format!("{error:?}")).and_then(Ending::into_result)
    }
}

/// A test over seeds; `begin` says in each world of which runtime it is.
pub fn run_test<F, Fut>(module: &str, name: &str, seeds: u64, begin: fn(), body: F)
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: Ending,
{
    seedbed::run_test(module, name, seeds, [false, false], |_| {
        begin();
        ended(body())
    });
}

/// A program by one seed.
pub fn run_main<F, Fut>(module: &str, begin: fn(), body: F) -> ExitCode
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: Ending,
{
    run_test(module, "main", 1, begin, body);
    ExitCode::SUCCESS
}

async fn ended<Fut>(body: Fut) -> Result<(), String>
where
    Fut: Future,
    Fut::Output: Ending,
{
    body.await.into_result()
}
