//! One wall clock: how far it is from the true time. Takes that as an argument.

use super::{Change, START};
use crate::time::Instant;
use std::time::{Duration, SystemTime};

/// The clock of one machine.
#[derive(Debug, Default)]
pub(crate) struct WallClock {
    /// How far ahead it was at `since`, in nanoseconds.
    ahead_ns: i64,
    since_ns: u64,
    drift_ppm: i32,
    /// Whether it has been decided how wrong faults make it.
    faults_met: bool,
}

impl WallClock {
    pub(crate) fn shows(&self, now: Instant) -> SystemTime {
        let true_time = SystemTime::UNIX_EPOCH + START + Duration::from_nanos(now.as_nanos());
        let ahead = self.ahead(now);
        let by = Duration::from_nanos(ahead.unsigned_abs());
        if ahead >= 0 { true_time + by } else { true_time - by }
    }

    pub(crate) fn change(&mut self, change: Change, now: Instant) {
        self.ahead_ns = self.ahead(now);
        self.since_ns = now.as_nanos();
        match change {
            Change::Skew(shift) => self.ahead_ns = shift.nanos(),
            Change::Drift { ppm } => self.drift_ppm = ppm,
            Change::Step(shift) => self.ahead_ns = self.ahead_ns.saturating_add(shift.nanos()),
        }
    }

    /// Whether faults meet it for the first time.
    pub(crate) fn meets_faults(&mut self) -> bool {
        !std::mem::replace(&mut self.faults_met, true)
    }

    fn ahead(&self, now: Instant) -> i64 {
        let elapsed_ns = i128::from(now.as_nanos().saturating_sub(self.since_ns));
        let gained = (elapsed_ns * i128::from(self.drift_ppm)).div_euclid(1_000_000);
        let ahead = i128::from(self.ahead_ns) + gained;
        i64::try_from(ahead).unwrap_or(if ahead < 0 { i64::MIN } else { i64::MAX })
    }
}
