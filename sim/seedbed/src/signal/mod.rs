//! Signals to a process, with tokio's API. `Node::signal` sends one.

pub mod unix;

use std::io;
use unix::{SignalKind, signal};

/// Waits for the next interrupt of the task's process. From its first poll on the process does not die of one any more.
///
/// # Errors
/// None.
///
/// # Cancel safety
/// Dropped, an interrupt that has come is lost; the process goes on listening.
pub async fn ctrl_c() -> io::Result<()> {
    signal(SignalKind::interrupt())?.recv().await;
    Ok(())
}
