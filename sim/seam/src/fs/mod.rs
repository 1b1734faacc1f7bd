//! What a store needs of files and tokio has no name for: reads and writes at a place, advisory locks, the sync of a
//! directory, a task that may block, and which life of the machine this is. On a real file in production, on the machine's simulated disk under `cfg(madsim)`; the claims of
//! `tests/fs.rs` hold on both.

#[cfg(not(madsim))]
mod real;

#[cfg(not(madsim))]
pub use real::{Lock, Positioned, boot_id, run, spawn, sync_directory};

#[cfg(madsim)]
pub use seedbed::fs::{Lock, Positioned, boot_id, run, spawn, sync_directory};
