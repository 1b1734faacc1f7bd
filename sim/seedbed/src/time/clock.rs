//! tokio's calls of a test's clock. A world's time is always as tokio's after `pause`: it moves when all tasks wait.

use super::{Duration, sleep};

/// Does nothing: a world's time never flows by itself. tokio panics if it is paused already, or on a runtime of several
/// threads.
pub fn pause() {}

/// Does nothing: a world's time never flows by itself. tokio panics if it is not paused.
pub fn resume() {}

/// Lets `duration` pass. What is due meanwhile happens at its instant; tokio's clock jumps, and all of it happens at the
/// end.
///
/// # Cancel safety
/// Dropped, as much has passed as has.
pub async fn advance(duration: Duration) {
    sleep(duration).await;
}
