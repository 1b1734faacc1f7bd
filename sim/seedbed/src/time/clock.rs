//! tokio's calls of a test's clock. A world's time is always as tokio's after `pause`: it moves when all tasks wait.

use super::{Duration, Instant, sleep_until};

/// Does nothing: a world's time never flows by itself. tokio panics if it is paused already, or on a runtime of several
/// threads.
pub fn pause() {}

/// Does nothing: a world's time never flows by itself. tokio panics if it is not paused.
pub fn resume() {}

/// Lets `duration` pass. What is due meanwhile happens at its instant; tokio's clock jumps, and all of it happens at the
/// end.
///
/// # Panics
/// Past the end of time (584 years).
///
/// # Cancel safety
/// Dropped, as much has passed as has.
pub async fn advance(duration: Duration) {
    sleep_until(Instant::now() + duration).await;
}
