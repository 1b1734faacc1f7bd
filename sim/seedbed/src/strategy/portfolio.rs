//! One schedule per seed: a strategy and its dials, drawn like any other decision.

use super::{Dials, Strategy, StrategyName, fifo::Fifo, pct::Pct, random::Random, urw::Urw};
use crate::decision::{Decisions, Entity, Site, mix, ratio};
use std::time::Duration;

const SITE: Site = Site::new("schedule");
/// How often a cancellable task is cancelled: once in so many times, 0 never. For the whole run, so that an
/// exploration can leave all cancelling to itself.
pub(crate) const CANCEL_ODDS: Site = Site::new("cancel.odds");

/// How one run picks and delays.
#[derive(Debug)]
pub(crate) struct Schedule {
    pub(crate) name: StrategyName,
    pub(crate) strategy: Box<dyn Strategy>,
    pub(crate) dials: Dials,
}

/// The one dial that is a decision itself: it is turned for a whole run, and no other decision shows it.
pub(crate) const GRAIN: Site = Site::new("grain");

/// The schedule of a case. Without a seed: fifo, all dials off. A named strategy keeps the seed's dials.
pub(crate) fn draw(asked: StrategyName, decisions: &Decisions) -> Schedule {
    let drawn = drawn(asked, decisions);
    let grain_ns = decisions.value(&GRAIN, Entity::ROOT, 0, 0, || drawn.dials.grain_ns);
    Schedule { dials: Dials { grain_ns, ..drawn.dials }, ..drawn }
}

fn drawn(asked: StrategyName, decisions: &Decisions) -> Schedule {
    if !decisions.is_seeded() {
        return Schedule { name: StrategyName::Fifo, strategy: Box::new(Fifo), dials: Dials::default() };
    }
    if asked == StrategyName::Madsim {
        return Schedule { name: asked, strategy: Box::new(Fifo), dials: Dials::default() };
    }
    let subkey = decisions.subkey(&SITE, Entity::ROOT);
    let keys = std::array::from_fn(|nth| mix(subkey, nth as u64));
    let name = if asked == StrategyName::Portfolio { pick(keys[0]) } else { asked };
    Schedule { name, strategy: strategy(name, keys[1]), dials: dials(&keys, decisions) }
}

fn pick(bits: u64) -> StrategyName {
    match bits % 8 {
        0 => StrategyName::Fifo,
        1..=3 => StrategyName::Random,
        4..=5 => StrategyName::Pct,
        _ => StrategyName::Urw,
    }
}

fn strategy(name: StrategyName, bits: u64) -> Box<dyn Strategy> {
    match name {
        StrategyName::Portfolio | StrategyName::Fifo | StrategyName::Madsim => Box::new(Fifo),
        StrategyName::Random => Box::new(Random),
        StrategyName::Pct => Box::new(Pct { change: ratio(1, 4 << (2 * (mix(bits, 0) % 4))) }),
        StrategyName::Urw => Box::new(Urw),
    }
}

fn dials(keys: &[u64; 8], decisions: &Decisions) -> Dials {
    let cancel_odds = decisions.value(&CANCEL_ODDS, Entity::ROOT, 0, 0, || match keys[5] % 4 {
        0 => 32,
        1 => 256,
        _ => 0,
    });
    Dials {
        delay: match keys[2] % 8 {
            0 => Some((ratio(1, 4), Duration::from_millis(1))),
            1 => Some((ratio(1, 16), Duration::from_millis(100))),
            2 => Some((ratio(1, 64), Duration::from_secs(2))),
            _ => None,
        },
        grain_ns: match keys[3] % 8 {
            0 => 1_000_000,
            1 => 10_000_000,
            2 => 100_000_000,
            _ => 0,
        },
        extra_yield: match keys[4] % 8 {
            0 => Some(ratio(1, 3)),
            1 => Some(ratio(1, 24)),
            _ => None,
        },
        cancel: u32::try_from(cancel_odds).ok().filter(|&odds| odds > 0).map(|odds| ratio(1, odds)),
    }
}
