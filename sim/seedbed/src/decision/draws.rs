//! One entity's decisions at one site, drawn in order.

use super::{Distribution, Entity, LogNormal, Ratio, Site, distribution::Span};
use crate::context;
use std::{ops::Range, time::Duration};

/// The decisions of one (site, entity), made by `World::draws`. Keep it with the entity: each call
/// is the next occurrence. Draws of other keys never move these.
#[derive(Clone, Debug)]
pub struct Draws {
    site: Site,
    entity: Entity,
    subkey: u64,
    nth: u64,
}

impl Draws {
    pub(crate) fn new(site: Site, entity: Entity, subkey: u64) -> Self {
        Self { site, entity, subkey, nth: 0 }
    }

    /// From the `nth` occurrence on.
    pub(crate) fn from(mut self, nth: u64) -> Self {
        self.nth = nth;
        self
    }

    /// The key of the next occurrence.
    pub(crate) fn key(&self) -> (Site, Entity, u64) {
        (self.site, self.entity, self.nth)
    }

    /// The next occurrence, as a plain number.
    ///
    /// # Panics
    /// Outside a world.
    pub fn next(&mut self, distribution: &impl Distribution) -> u64 {
        let nth = self.nth;
        self.nth += 1;
        context::with(|core| core.decide_drawn(&self.site, self.entity, self.subkey, nth, distribution))
    }

    /// Whether it happens this time; not by default.
    pub fn chance(&mut self, ratio: Ratio) -> bool {
        self.next(&ratio) != 0
    }

    /// A number of the range; its start by default.
    pub fn range(&mut self, range: Range<u64>) -> u64 {
        self.next(&range)
    }

    /// A duration of the range, to the nanosecond; its start by default.
    pub fn duration(&mut self, range: Range<Duration>) -> Duration {
        Duration::from_nanos(self.next(&Span(nanos(range.start)..nanos(range.end))))
    }

    /// A duration of a log-normal spread; its median by default.
    pub fn log_normal(&mut self, spread: &LogNormal) -> Duration {
        Duration::from_nanos(self.next(spread))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
