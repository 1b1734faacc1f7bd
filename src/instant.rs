//! Adds spans to instants, whatever the spans are. Reads no clock.

use tokio::time::{Duration, Instant};

/// Longer than anything here lives, and short enough to be added on every platform.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// `span` after `start`; spans over thirty years count as thirty years.
pub(crate) fn after(start: Instant, span: Duration) -> Instant {
    start + span.min(FAR)
}
