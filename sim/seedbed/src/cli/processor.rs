//! What a process costs.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Processor time of this process so far, that of threads which have ended included. Takes no account of what else the
/// machine does, but for how fast it is.
#[must_use]
pub fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}
