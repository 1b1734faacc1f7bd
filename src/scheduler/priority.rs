//! How urgent a wait is, and how waiting makes it more so. Pure: takes time as an argument.

use tokio::time::Duration;

/// What a caller asks for. Higher goes first; waiting raises it, so that the lowest is served too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Background work.
    Low,
    /// Ordinary work.
    #[default]
    Normal,
    /// Somebody is looking at the screen.
    High,
    /// The system itself; the highest class there is.
    Critical,
}

impl Priority {
    pub(super) const COUNT: usize = 4;

    /// 0 for `Low` up to 3 for `Critical`: the `class` of the scheduler's log events.
    pub fn class(self) -> u64 {
        self as u64
    }

    /// The class this priority counts as after a wait of `waited`; never above `Critical`.
    ///
    /// With a ceiling, a waiter that has risen to the top is ahead of everybody who came after it:
    /// that is the bound on its wait.
    pub(super) fn class_after(self, waited: Duration, rise_after: Duration) -> u64 {
        let risen = waited.as_nanos() / rise_after.as_nanos();
        let room = Priority::Critical.class() - self.class();
        self.class() + u64::try_from(risen).map_or(room, |risen| risen.min(room))
    }
}
