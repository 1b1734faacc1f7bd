//! What a store needs of files and tokio has no name for: reads and writes at a place, advisory locks, and the sync of a
//! directory. On a real file in production, on the machine's simulated disk under `cfg(madsim)`; the claims of
//! `tests/fs.rs` hold on both.

#[cfg(not(madsim))]
mod real;

#[cfg(not(madsim))]
pub use real::{Lock, Positioned, sync_directory};

#[cfg(madsim)]
pub use seedbed::fs::{Lock, Positioned, sync_directory};
