//! The operating system's wall clock.

use std::time::SystemTime;

/// What this machine's wall clock shows: a date for people and for other machines.
///
/// It may be wrong, run fast or slow, and go back at any time, as operators and NTP set it: never use it to order, nor
/// to measure how long something takes. Take `tokio::time::Instant` for that.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place in production that asks for the date")]
pub fn wall() -> SystemTime {
    SystemTime::now()
}
