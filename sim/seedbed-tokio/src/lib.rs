//! A drop-in for tokio. Depend on it as `tokio = { package = "seedbed-tokio", .. }`: without
//! `cfg(madsim)` it is plain tokio, under it the same names live in seedbed's simulated world.

#[cfg(not(madsim))]
pub use real_tokio::*;
