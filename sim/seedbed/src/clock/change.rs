//! What may be done to a wall clock, and the words for it.

use crate::time::span;
use std::{fmt, time::Duration};

/// How far, and which way. Up to 292 years; more is as much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// To a later date.
    Forward(Duration),
    /// To an earlier date.
    Back(Duration),
}

impl Shift {
    pub(super) fn nanos(self) -> i64 {
        let nanos = |by: Duration| i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
        match self {
            Self::Forward(by) => nanos(by),
            Self::Back(by) => -nanos(by),
        }
    }
}

/// What was done to a wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is so far from the true time, wherever it was before.
    Skew(Shift),
    /// It gains so many microseconds a second from here on, or loses them.
    Drift {
        /// Parts per million.
        ppm: i32,
    },
    /// It jumped.
    Step(Shift),
}

impl Change {
    /// The same for equal changes.
    pub(crate) fn words(self) -> [u64; 2] {
        match self {
            Self::Skew(shift) => [0, shift.nanos().cast_unsigned()],
            Self::Drift { ppm } => [1, i64::from(ppm).cast_unsigned()],
            Self::Step(shift) => [2, shift.nanos().cast_unsigned()],
        }
    }
}

/// Of a clock: it `is set back by 3 s`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |by: Duration| span(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX));
        let a_second = |ppm: i32| span(1_000 * u64::from(ppm.unsigned_abs()));
        match *self {
            Self::Skew(Shift::Forward(by)) => write!(f, "is {} ahead", told(by)),
            Self::Skew(Shift::Back(by)) => write!(f, "is {} behind", told(by)),
            Self::Drift { ppm: ppm @ 0.. } => write!(f, "gains {} a second", a_second(ppm)),
            Self::Drift { ppm } => write!(f, "loses {} a second", a_second(ppm)),
            Self::Step(Shift::Forward(by)) => write!(f, "is set forward by {}", told(by)),
            Self::Step(Shift::Back(by)) => write!(f, "is set back by {}", told(by)),
        }
    }
}
