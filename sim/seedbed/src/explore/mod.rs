//! Cancellation, and loss of power, tried everywhere: one run that takes note of every place, then one run for each place and
//! means, all other decisions the same; then two at once, and one together with a fault.
//!
//! The idea of trying each suspension in turn is that of fault injection by enumeration, as in FATE and
//! DESTINI (Gunawi et al., NSDI 2011), with a cancelled task in the place of a failed call.

mod crash;
mod everywhere;
mod exploration;
mod mode;
mod point;
mod reach;
mod survey;
mod trial;

pub use everywhere::Explored;
pub(crate) use everywhere::everywhere;
pub(crate) use mode::Mode;
#[cfg(feature = "cli")]
pub(crate) use {
    everywhere::{bases, probe},
    exploration::{Discovery, Exploration, Probe},
    survey::Survey,
    trial::{Trial, trials},
};
