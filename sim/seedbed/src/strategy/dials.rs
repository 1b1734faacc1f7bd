//! What a schedule does to time and turns, beside picking: delays, grain, extra yields, cancellation.

use crate::decision::Ratio;
use std::time::Duration;

/// The dials of one run. All off is the default of every decision.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dials {
    /// How often a ready task is held back, and for how long at most.
    pub(crate) delay: Option<(Ratio, Duration)>,
    /// Deadlines are rounded up to multiples of this, in nanoseconds, so that wake-ups coincide; 0 is off.
    pub(crate) grain_ns: u64,
    /// How often a poll is made to suspend at one of its first awaits that would not have.
    pub(crate) extra_yield: Option<Ratio>,
    /// How often a task declared cancellable is aborted when it becomes ready.
    pub(crate) cancel: Option<Ratio>,
}
