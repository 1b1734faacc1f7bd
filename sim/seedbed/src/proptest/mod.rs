//! Values from proptest's strategies, run in worlds and shrunk with the finding (feature `proptest`).
//!
//! [`check()`] draws values, runs each under a few seeds, and stops at the first finding. Then proptest
//! proposes simpler values, and a candidate is kept if it fails **with the same signature**
//! ([`Finding::signature`](crate::Finding)): so shrinking cannot slip from one bug to another. At last
//! the decisions of the least value's run are made fewer. What is left is printed with its seed, its
//! story and all that any failing test prints.
//!
//! ```
//! use ::proptest::prelude::*;
//! use seedbed::{World, ensure, proptest::{Config, check}};
//! use std::time::Duration;
//!
//! // Naps of a second and more are forgotten.
//! async fn naps(world: World, naps_ms: Vec<u64>) -> seedbed::Result {
//!     let asked: u64 = naps_ms.iter().sum();
//!     for nap_ms in naps_ms.into_iter().filter(|nap_ms| *nap_ms < 1_000) {
//!         seedbed::time::sleep(Duration::from_millis(nap_ms)).await;
//!     }
//!     let slept_ms = world.now().as_nanos() / 1_000_000;
//!     ensure!(slept_ms >= asked, "slept {slept_ms} ms of {asked} ms");
//!     Ok(())
//! }
//!
//! let naps_ms = ::proptest::collection::vec(0..5_000_u64, 0..8);
//! let report = check("naps", &Config::BASE, naps_ms, naps);
//! // A test says `report.assert_clean()`, which fails and prints the least value:
//! assert_eq!(report.found.expect("long naps are forgotten").value, [1_000]);
//! ```
//!
//! # Which values, which seeds
//! Values have numbers. Value `n` is a function of the strategy, proptest's version and `n`, on every
//! machine, whatever was drawn before it; nothing is random and nothing is kept in files. `SEEDBED_VALUES=n` draws so many
//! values, `SEEDBED_VALUE=37` one alone, `SEEDBED_SEEDS` and `SEEDBED_SEED` do the same for the seeds of
//! each value. A failure names value and seed; with both, the value is shrunk again the same way.
//!
//! # What a candidate is judged by
//! A candidate runs under the seed of the value it would replace. Decisions have keys, so most of them
//! stay what they were; but a value with a task less asks other questions. If the candidate does not
//! fail alike there, it is tried under the [`neighbours`](Config::neighbours), the next seeds; the first
//! that fails alike becomes the seed that later candidates start from.
//!
//! Signatures know kinds and checks, and of a body's own [`ensure!`](crate::ensure)s and panics the words
//! without the arguments. A stall's is the set of who waits for what, so one that needs fewer
//! sorts of tasks is another stall, and is not taken.

mod config;
mod value;
mod subject;
mod runs;
mod shrink;
mod check;
mod report;
mod params;

pub use check::{check, check_scenario};
pub use config::Config;
pub use params::{declared, params};
pub use report::{Found, Report};
