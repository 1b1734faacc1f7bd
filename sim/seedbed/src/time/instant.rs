//! A point of virtual time.

use crate::{context, run::Standing};
use std::{
    fmt,
    ops::{Add, AddAssign, Sub, SubAssign},
    time::Duration,
};

/// A point of a world's time. Same API as tokio's.
// In nanoseconds since the world's start, below 0 before it: what is long due is often said as `now - period`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The start of every world.
    pub const START: Self = Self(0);

    /// Now, by the current world's clock. In plain code it is that of the thread's world, which begins with this if there is none
    /// yet, and moves only while somebody blocks on a runtime of the thread.
    #[track_caller]
    #[must_use]
    pub fn now() -> Self {
        Standing::anywhere(|core| core.now())
    }

    pub(crate) const fn from_nanos(nanos: u64) -> Self {
        Self(if nanos > i64::MAX as u64 { i64::MAX } else { nanos as i64 })
    }

    /// Nanoseconds since the world's start; 0 before it.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        if self.0 < 0 { 0 } else { self.0 as u64 }
    }

    /// About 30 years from now, as tokio: who sleeps longer than time can tell, sleeps until then.
    pub(crate) fn far_future() -> Self {
        const YEARS_30: Duration = Duration::from_secs(30 * 365 * 86_400);
        Self::now().checked_add(YEARS_30).unwrap_or(Self(i64::MAX))
    }

    /// Time from `earlier` to here, zero if it is later.
    #[must_use]
    pub fn duration_since(&self, earlier: Self) -> Duration {
        self.checked_duration_since(earlier).unwrap_or_default()
    }

    /// Time from `earlier` to here, or `None` if it is later.
    #[must_use]
    pub fn checked_duration_since(&self, earlier: Self) -> Option<Duration> {
        (*self >= earlier).then(|| Duration::from_nanos(self.0.abs_diff(earlier.0)))
    }

    /// Same as [`duration_since`](Self::duration_since).
    #[must_use]
    pub fn saturating_duration_since(&self, earlier: Self) -> Duration {
        self.duration_since(earlier)
    }

    /// Time from here to now.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Self::now().duration_since(*self)
    }

    /// `self + duration`, or `None` past the end of time (292 years).
    #[must_use]
    pub fn checked_add(&self, duration: Duration) -> Option<Self> {
        self.0.checked_add_unsigned(u64::try_from(duration.as_nanos()).ok()?).map(Self)
    }

    /// `self - duration`, or `None` 292 years before the world's start.
    #[must_use]
    pub fn checked_sub(&self, duration: Duration) -> Option<Self> {
        self.0.checked_sub_unsigned(u64::try_from(duration.as_nanos()).ok()?).map(Self)
    }

    /// The same point as std's clock shows it inside the world, if it is never paused.
    #[must_use]
    pub fn into_std(self) -> std::time::Instant {
        let (here, there) = (Self::now(), std_now());
        if self >= here { there + (self - here) } else { there - (here - self) }
    }

    /// The point that std's clock, read inside the world, shows as `std`, if it is never paused.
    #[must_use]
    pub fn from_std(std: std::time::Instant) -> Self {
        let (here, there) = (Self::now(), std_now());
        if std >= there { here + (std - there) } else { here - (there - std) }
    }
}

/// What std's clock would show here if it had not stood still while the world's was paused.
#[expect(clippy::disallowed_methods, reason = "inside a world this is the world's clock")]
fn std_now() -> std::time::Instant {
    let std = std::time::Instant::now();
    context::try_with(|core| core.unpaused(std)).unwrap_or(std)
}

impl From<std::time::Instant> for Instant {
    fn from(std: std::time::Instant) -> Self {
        Self::from_std(std)
    }
}

impl From<Instant> for std::time::Instant {
    fn from(instant: Instant) -> Self {
        instant.into_std()
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    /// # Panics
    /// Past the end of time (292 years).
    fn add(self, duration: Duration) -> Self {
        self.checked_add(duration).expect("overflow when adding a duration to an instant")
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    /// # Panics
    /// 292 years before the world's start.
    fn sub(self, duration: Duration) -> Self {
        self.checked_sub(duration).expect("overflow when subtracting a duration from an instant")
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.duration_since(earlier)
    }
}

impl SubAssign<Duration> for Instant {
    fn sub_assign(&mut self, duration: Duration) {
        *self = *self - duration;
    }
}

/// Seconds with as many digits as they need, e.g. `2.31s`.
impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = Duration::from_nanos(self.0.unsigned_abs());
        if self.0 < 0 { write!(f, "-{since:?}") } else { since.fmt(f) }
    }
}
