//! A test's clock that is paused: time passes only when all wait, so no schedule holds anything back. Std's clock stands
//! still meanwhile, as beside tokio's, where next to nothing passes.

use super::Core;
use std::time::Duration;

impl Core {
    #[inline]
    pub(crate) fn is_paused(&self) -> bool {
        self.is_paused.get()
    }

    pub(crate) fn set_paused(&self, is_paused: bool) {
        self.is_paused.set(is_paused);
    }

    /// Time has passed, for std's clock too unless it is paused.
    pub(super) fn move_std_clock(&self, nanos: u64) {
        if self.is_paused() && !self.rides() {
            self.std_lag.set(self.std_lag.get().saturating_add_unsigned(nanos));
        } else {
            self.libc_clock.advance(Duration::from_nanos(nanos));
        }
    }

    /// Time has passed for std's clock alone.
    pub(super) fn move_only_std_clock(&self, nanos: u64) {
        self.std_lag.set(self.std_lag.get().saturating_sub_unsigned(nanos));
        self.libc_clock.advance(Duration::from_nanos(nanos));
    }

    /// So long has passed since it showed that: what of it has passed while it was paused, it has not seen.
    pub(super) fn std_clock_sees(&self, started: Duration, nanos: u64) {
        let seen = self.libc_clock.elapsed().saturating_sub(started);
        self.move_only_std_clock(nanos.saturating_sub(u64::try_from(seen.as_nanos()).unwrap_or(u64::MAX)));
    }

    /// What std's clock shows now, were it never paused.
    pub(crate) fn unpaused(&self, std: std::time::Instant) -> std::time::Instant {
        let lag = self.std_lag.get();
        let by = Duration::from_nanos(lag.unsigned_abs());
        if lag < 0 { std - by } else { std + by }
    }

    pub(super) fn virtual_time_limit(&self) -> Duration {
        if self.is_paused() { self.limits.virtual_time_paused } else { self.limits.virtual_time }
    }
}
