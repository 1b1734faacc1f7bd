//! shardwright in its simulated world: the provider it talks to, the scenarios it lives through, the
//! checks that judge it, and the zoo of planted bugs that judges the checks.
//!
//! Change map: a new scenario is its file and a line in [`scenario::ALL`]; a new fault is a row in a
//! preset of [`mock`], a new kind of it an `Effect`; a new check is its file and a line in
//! [`check::of`]; a new planted bug is its patch and a row in [`zoo::MEMBERS`].
#![cfg(madsim)]

pub mod fact;
pub mod mock;
pub mod check;
pub mod scenario;
pub mod zoo;
mod answer;

pub use answer::answers;
pub use scenario::ALL;
