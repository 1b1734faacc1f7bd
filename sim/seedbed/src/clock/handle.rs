//! Reading a wall clock, and putting it wrong.

use super::{Change, Shift};
use crate::{context, disk::MachineId};
use std::time::{Duration, SystemTime};

/// The date at which every world begins, from the Unix epoch: 2026-01-01 00:00 UTC.
pub const START: Duration = Duration::from_secs(1_767_225_600);

/// What the wall clock of the running task's machine shows: a date for people and for other machines. To the
/// nanosecond; the true time, unless the scenario or a fault put it wrong.
///
/// It may be wrong, run fast or slow, and go back at any time, as operators and NTP set it: never use it to order, nor
/// to measure how long something takes. Take `tokio::time::Instant` for that.
///
/// # Panics
/// Outside a world.
#[must_use]
pub fn wall() -> SystemTime {
    context::with(|core| core.wall())
}

/// The wall clock of a machine. Neither a process's death nor a loss of power changes it. Copy it anywhere; it works
/// only inside its run.
#[derive(Clone, Copy, Debug)]
pub struct Clock(MachineId);

impl Clock {
    pub(crate) const fn of(machine: MachineId) -> Self {
        Self(machine)
    }

    /// It is so far from the true time now, wherever it was before. A drift goes on from there.
    ///
    /// # Panics
    /// Outside its world.
    pub fn skew(&self, shift: Shift) {
        self.change(Change::Skew(shift));
    }

    /// From now on it gains `ppm` microseconds a second, or loses them if that is negative. What it has gained stays.
    ///
    /// # Panics
    /// Outside its world.
    pub fn drift(&self, ppm: i32) {
        self.change(Change::Drift { ppm });
    }

    /// It jumps from where it is now.
    ///
    /// # Panics
    /// Outside its world.
    pub fn step(&self, shift: Shift) {
        self.change(Change::Step(shift));
    }

    fn change(self, change: Change) {
        context::with(|core| core.change_clock(self.0, change));
    }
}
