//! The date, as this machine's wall clock shows it: the real one in production, the simulated machine's under
//! `cfg(madsim)`; the claims of `tests/clock.rs` hold on both.

#[cfg(not(madsim))]
mod real;

#[cfg(not(madsim))]
pub use real::wall;

#[cfg(madsim)]
pub use seedbed::clock::wall;
