//! Links between machines: how long they take, when they are cut, and how much they carry.

use super::fault::NetFault;
use crate::{
    decision::{Distribution, Draws, Entity, LogNormal, Site, below, ratio},
    executor::Core,
    world::FaultFamily,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Within a machine, and between two of one site.
const NEAR: LogNormal = LogNormal { median: Duration::from_micros(25), sigma_percent: 60 };
const FAR: LogNormal = LogNormal { median: Duration::from_micros(250), sigma_percent: 60 };

/// By machines, from where to where.
pub(super) type Way = (usize, usize);

#[derive(Debug, Default)]
pub(super) struct Links {
    cut_by_hand: BTreeSet<Way>,
    /// Of pairs, the smaller number first.
    partitions: BTreeMap<Way, Partitions>,
    speeds: BTreeMap<Way, Speed>,
}

/// How long what is sent from one machine to the other takes, typically.
pub(super) const fn latency((from, to): Way) -> LogNormal {
    if from == to { NEAR } else { FAR }
}

impl Links {
    pub(super) fn cut(&mut self, way: Way) {
        self.cut_by_hand.insert(way);
    }

    pub(super) fn mend(&mut self, way: Way) {
        self.cut_by_hand.remove(&way);
    }

    /// From now on the two may be cut off from each other, if that family is on.
    pub(super) fn may_partition(&mut self, core: &Core, (a, b): Way, family: FaultFamily) {
        if family.is_on() {
            let pair = (a.min(b), a.max(b));
            self.partitions.insert(pair, Partitions::new(core, pair, family));
        }
    }

    /// Whether what is sent this way now is lost.
    pub(super) fn is_cut(&mut self, core: &Core, (from, to): Way) -> bool {
        if self.cut_by_hand.contains(&(from, to)) {
            return true;
        }
        let partitions = self.partitions.get_mut(&(from.min(to), from.max(to)));
        partitions.is_some_and(|partitions| partitions.cut_now(core, from < to))
    }

    /// When so many bytes that are sent now are through, before the latency.
    pub(super) fn through_at(&mut self, core: &Core, way: Way, bytes: u32, slow: Option<FaultFamily>) -> u64 {
        let now = core.now().as_nanos();
        match slow {
            Some(family) => {
                self.speeds.entry(way).or_insert_with(|| Speed::new(core, way, family)).through_at(now, bytes)
            }
            None => now,
        }
    }
}

fn name(machine: usize) -> String {
    format!("machine-{machine}")
}

/// Whom the decisions of a link are about.
fn entity_of(core: &Core, between: &str, (one, other): Way) -> Entity {
    let name = format!("{} {between} {}", name(one), name(other));
    let entity = Entity::of(&name);
    core.recorder.borrow_mut().name_entity(entity, &name);
    entity
}

fn draws(core: &Core, site: Site, entity: Entity, nth: u64) -> Draws {
    Draws::new(site, entity, core.subkey(&site, entity)).from(nth)
}

/// When two machines are cut off from each other: known as far as somebody has sent anything. No timer: what nobody
/// meets has not happened.
#[derive(Debug)]
struct Partitions {
    family: FaultFamily,
    entity: Entity,
    gaps: LogNormal,
    /// How many chances there were.
    chances: u64,
    begins: u64,
    heals: u64,
    /// Upwards, downwards: by the numbers of the machines.
    cut: [bool; 2],
    was_met: bool,
}

/// So often in a run: those who never have peace are never done.
const CHANCES_MAX: u64 = 20;
/// Between one and the next chance of a partition: for short runs and for long ones.
const GAPS: [Duration; 3] = [Duration::from_millis(20), Duration::from_secs(1), Duration::from_secs(60)];
const GAPS_ARE: Site = Site::new("net.partitions-are-rare");
const GAP: Site = Site::new("net.partition-after");
const HAPPENS: Site = Site::new("net.partition");
const LASTS: Site = Site::new("net.partition-lasts");
const SPANS: LogNormal = LogNormal { median: Duration::from_secs(1), sigma_percent: 150 };
/// Both ways by default, or only one.
const WAY: Site = Site::new("net.partition-is-one-way");

impl Partitions {
    fn new(core: &Core, pair: Way, family: FaultFamily) -> Self {
        let entity = entity_of(core, "and", pair);
        let rare = draws(core, GAPS_ARE, entity, 0).range(0..GAPS.len() as u64);
        let median = usize::try_from(rare).map_or(GAPS[0], |rare| GAPS[rare]);
        let now = core.now().as_nanos();
        let gaps = LogNormal { median, sigma_percent: 100 };
        Self { family, entity, gaps, chances: 0, begins: now, heals: now, cut: [false; 2], was_met: false }
    }

    fn cut_now(&mut self, core: &Core, is_upwards: bool) -> bool {
        if core.is_healing() {
            return false;
        }
        let now = core.now().as_nanos();
        while now >= self.heals && self.chances < CHANCES_MAX {
            self.next(core);
        }
        let is_cut = (self.begins..self.heals).contains(&now) && self.cut[usize::from(is_upwards)];
        if is_cut && !std::mem::replace(&mut self.was_met, true) {
            let is_one_way = self.cut != [true; 2];
            self.family.shows(if is_one_way { "nothing comes through one way" } else { "nothing comes through" });
        }
        is_cut
    }

    fn next(&mut self, core: &Core) {
        let nth = self.chances;
        self.chances += 1;
        let after = draws(core, GAP, self.entity, nth).log_normal(&self.gaps);
        self.begins = self.heals.saturating_add(nanos(after));
        self.heals = self.begins;
        self.was_met = false;
        if draws(core, HAPPENS, self.entity, nth).chance(ratio(1, 2)) {
            self.heals = self.begins.saturating_add(nanos(draws(core, LASTS, self.entity, nth).log_normal(&SPANS)));
            self.cut = match draws(core, WAY, self.entity, nth).range(0..4) {
                1 => [true, false],
                2 => [false, true],
                _ => [true; 2],
            };
        }
    }
}

/// How fast a link is, and until when it is busy.
#[derive(Debug)]
struct Speed {
    family: FaultFamily,
    /// `None`: as fast as can be.
    bytes_per_second: Option<u64>,
    busy_until: u64,
}

const BYTES_PER_SECOND: Site = Site::new("net.slow-to");

impl Speed {
    fn new(core: &Core, way: Way, family: FaultFamily) -> Self {
        let entity = entity_of(core, "to", way);
        let fault = NetFault::Slow;
        let is_slow = family.strikes(&mut draws(core, fault.site(), entity, 0), fault.odds(), fault.variant());
        let bytes_per_second = is_slow.then(|| draws(core, BYTES_PER_SECOND, entity, 0).next(&Speeds));
        Self { family, bytes_per_second, busy_until: 0 }
    }

    fn through_at(&mut self, now: u64, bytes: u32) -> u64 {
        let Some(speed) = self.bytes_per_second.filter(|_| self.family.is_striking()) else { return now };
        let takes = u64::from(bytes).saturating_mul(1_000_000_000) / speed;
        self.busy_until = self.busy_until.max(now).saturating_add(takes);
        self.busy_until
    }
}

/// From an old modem line's to a fast one's, evenly over the powers of two.
struct Speeds;

const SPEED_MIN: u64 = 8 << 10;

impl Distribution for Speeds {
    fn default_value(&self) -> u64 {
        128 << 10
    }

    fn sample(&self, bits: u64) -> u64 {
        let octave = SPEED_MIN << below(bits, 10);
        octave + below(bits << 32, octave)
    }

    fn admits(&self, value: u64) -> bool {
        (SPEED_MIN..SPEED_MIN << 10).contains(&value)
    }
}

pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
