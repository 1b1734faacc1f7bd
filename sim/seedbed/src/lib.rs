//! Deterministic simulation testing for async Rust.
//!
//! A service written against `tokio` runs in a **world**: virtual time, a controlled scheduler,
//! injected faults. A run is a function of its **case** (scenario, parameters, seed), so a failure is
//! a seed that replays exactly, on any machine.
//!
//! ```
//! use seedbed::{World, ensure};
//! use std::time::Duration;
//!
//! let report = seedbed::sweep("a day passes", 0..20, |world: World| async move {
//!     seedbed::time::sleep(Duration::from_secs(86_400)).await;
//!     ensure!(world.now().as_nanos() >= 86_400_000_000_000, "woken early, at {:?}", world.now());
//!     Ok(())
//! });
//! report.assert_clean();
//! ```
//!
//! seedbed owns the executor, the clock and every decision; madsim below it owns libc's clock and
//! entropy. Races of several threads inside one poll are out of scope: loom and shuttle look for those.

#[cfg(not(any(madsim, real_side)))]
compile_error!(
    "seedbed needs `--cfg madsim`, and it is off. Put `[build] rustflags = [\"--cfg\", \"madsim\"]` into \
     .cargo/config.toml; if it is there already, an exported RUSTFLAGS or CARGO_ENCODED_RUSTFLAGS has \
     replaced it: unset that, or add `--cfg madsim` to it. (A build of the real side says `--cfg real_side`.)"
);
#[cfg(all(madsim, not(any(target_os = "linux", target_os = "macos"))))]
compile_error!("seedbed runs on Linux, and on macOS where madsim does: this target is neither.");

// Modules in reading order. Without the cfg (on the real side) the crate is empty.
#[cfg(madsim)]
mod await_stack;
#[cfg(madsim)]
mod cancellable;
#[cfg(madsim)]
pub mod case;
#[cfg(madsim)]
pub mod check;
#[cfg(all(madsim, feature = "cli"))]
pub mod cli;
#[cfg(madsim)]
pub mod clock;
#[cfg(madsim)]
mod context;
#[cfg(madsim)]
pub mod corpus;
#[cfg(madsim)]
pub mod decision;
#[cfg(madsim)]
mod disk;
#[cfg(madsim)]
mod executor;
#[cfg(madsim)]
mod explore;
#[cfg(madsim)]
pub mod finding;
#[cfg(madsim)]
pub mod fs;
#[cfg(madsim)]
pub mod history;
#[cfg(madsim)]
mod libc_calls;
#[cfg(madsim)]
pub mod linear;
#[cfg(madsim)]
pub mod net;
#[cfg(madsim)]
mod panics;
#[cfg(all(madsim, feature = "proptest"))]
pub mod proptest;
#[cfg(madsim)]
mod real_tokio;
#[cfg(madsim)]
mod replay;
#[cfg(madsim)]
mod run;
#[cfg(madsim)]
pub mod runtime;
#[cfg(madsim)]
pub mod scenario;
#[cfg(madsim)]
mod shrink;
#[cfg(madsim)]
pub mod signal;
#[cfg(madsim)]
pub mod strategy;
#[cfg(madsim)]
mod sweep;
#[cfg(madsim)]
pub mod task;
#[cfg(madsim)]
mod testing;
#[cfg(madsim)]
mod thread;
#[cfg(madsim)]
pub mod time;
#[cfg(madsim)]
mod watchdog;
#[cfg(madsim)]
pub mod world;
#[cfg(madsim)]
mod machines;
#[cfg(madsim)]
mod program;

#[cfg(madsim)]
pub use {
    cancellable::Cancellable,
    case::Case,
    check::{Check, Result, Violation},
    disk::DiskFault,
    explore::Explored,
    finding::{Finding, FindingKind},
    machines::Machines,
    net::fault::NetFault,
    panics::inject_panic,
    program::{NamedNode, Program},
    run::{Outcome, Threads},
    scenario::{Param, Params, Scenario, ScenarioFuture},
    shrink::{Budget, Shrunk, Unshrinkable},
    sweep::{Found, Report, run_calm, run_case, sweep},
    testing::{TestResult, run_test},
    world::{FaultFamily, Machine, Node, World, count, mark},
};

#[cfg(madsim)]
pub use seedbed_macros::test;

/// The first branch of the running task's next `select!`: a keyed decision.
///
/// # Panics
/// Outside a world.
#[cfg(madsim)]
#[doc(hidden)]
#[must_use]
pub fn select_start(branches: u32) -> u32 {
    context::with(|core| core.select_start(branches))
}
