//! What may happen to a wall clock by itself: in which names it is decided, and how often and how far it goes.

use super::{Change, Shift};
use crate::decision::{Distribution, Draws, LogNormal, Ratio, Site, below, ratio};
use std::time::Duration;

/// One of the family `clock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The clock is wrong from its first reading on.
    Skew,
    /// It drifts from there on.
    Drift,
    /// It is stepped just before a reading: when between two readings, nobody can tell.
    Step,
}

impl Fault {
    /// Whether it strikes.
    pub(crate) const fn site(self) -> Site {
        const SITES: [Site; 3] = [Site::new("clock.is-wrong"), Site::new("clock.drifts"), Site::new("clock.steps")];
        SITES[self as usize]
    }

    /// Whether it goes to a later date; an earlier one by default, which is what services do not expect.
    pub(crate) const fn forward_site(self) -> Site {
        const SITES: [Site; 3] =
            [Site::new("clock.is-ahead"), Site::new("clock.gains"), Site::new("clock.steps-forward")];
        SITES[self as usize]
    }

    /// How far.
    pub(crate) const fn by_site(self) -> Site {
        const SITES: [Site; 3] =
            [Site::new("clock.is-wrong-by"), Site::new("clock.drifts-by"), Site::new("clock.steps-by")];
        SITES[self as usize]
    }

    /// Of how many clocks, or readings, in a run in which the family is on.
    pub(crate) const fn odds(self) -> Ratio {
        match self {
            Self::Skew | Self::Drift => ratio(1, 2),
            Self::Step => ratio(1, 30),
        }
    }

    pub(crate) const fn variant(self) -> &'static str {
        match self {
            Self::Skew => "the clock is wrong",
            Self::Drift => "the clock drifts",
            Self::Step => "the clock is stepped",
        }
    }

    /// What it does to the clock, as is decided.
    pub(crate) fn change(self, mut forward: Draws, mut by: Draws) -> Change {
        let is_forward = forward.chance(ratio(1, 2));
        match self {
            Self::Skew => Change::Skew(shift(is_forward, &mut by)),
            Self::Step => Change::Step(shift(is_forward, &mut by)),
            Self::Drift => {
                let ppm = i32::try_from(by.next(&Rates)).unwrap_or(i32::MAX);
                Change::Drift { ppm: if is_forward { ppm } else { -ppm } }
            }
        }
    }
}

/// A second by default, at times under a millisecond, at times an hour.
fn shift(is_forward: bool, by: &mut Draws) -> Shift {
    const SPREAD: LogNormal = LogNormal { median: Duration::from_secs(1), sigma_percent: 300 };
    let by = by.log_normal(&SPREAD);
    if is_forward { Shift::Forward(by) } else { Shift::Back(by) }
}

/// Parts per million: what quartz has by default, and up to what NTP takes for broken.
struct Rates;

const RATE_MAX: u64 = 500;

impl Distribution for Rates {
    fn default_value(&self) -> u64 {
        100
    }

    fn sample(&self, bits: u64) -> u64 {
        1 + below(bits, RATE_MAX)
    }

    fn admits(&self, value: u64) -> bool {
        (1..=RATE_MAX).contains(&value)
    }
}
