//! A test's clock that is paused: time passes only when all wait, so no schedule holds anything back.

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

    pub(super) fn virtual_time_limit(&self) -> Duration {
        if self.is_paused() { self.limits.virtual_time_paused } else { self.limits.virtual_time }
    }
}
