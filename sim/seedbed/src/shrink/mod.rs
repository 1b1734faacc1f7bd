//! From a finding to the smallest case that still has it: which decisions caused it, and what happened.
//!
//! The decisions of the failing run are written down, and then set back to their defaults, many at once and at
//! last each by itself, for as long as the same finding comes: delta debugging (Zeller and Hildebrandt,
//! "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002). What is left is the explanation.

mod budget;
mod explicit;
mod look;
mod reduce;
mod runs;
mod sentences;
mod shrunk;
mod slug;
mod story;
mod subjects;
mod values;

pub use budget::Budget;
pub(crate) use look::{Judged, Look};
#[cfg(feature = "cli")]
pub(crate) use look::{judge, look};
pub(crate) use reduce::shrink;
pub(crate) use runs::InProcess;
#[cfg(feature = "cli")]
pub(crate) use runs::Runs;
pub use shrunk::{Shrunk, Unshrinkable};
