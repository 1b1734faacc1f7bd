//! Providers as data: how fast they are and what goes wrong with them.

use super::hazard::{Effect, Family, Hazard};
use seedbed::decision::{LogNormal, ratio};
use std::{ops::Range, time::Duration};

/// One provider: `Preset { hazards: &[..], ..Preset::CALM }`.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// From the request to the whole answer.
    pub latency: LogNormal,
    /// From the request to the first chunk of a stream.
    pub first_chunk: LogNormal,
    /// From one chunk of a stream to the next; one draw per stream.
    pub chunk_gap: LogNormal,
    /// How many chunks a stream has; at least 1.
    pub chunks: (u64, u64),
    /// What may go wrong, in the order in which it is tried.
    pub hazards: &'static [Hazard],
}

const fn spread(median_ms: u64, sigma_percent: u32) -> LogNormal {
    LogNormal { median: Duration::from_millis(median_ms), sigma_percent }
}

impl Preset {
    /// Nothing goes wrong; answers take about 2 s, never more than 12.
    pub const CALM: Self = Self {
        latency: spread(2_000, 60),
        first_chunk: spread(600, 60),
        chunk_gap: spread(120, 60),
        chunks: (3, 9),
        hazards: &[],
    };

    /// Only what a retry heals.
    pub const FLAKY: Self = Self { hazards: TRANSIENT, ..Self::CALM };

    /// All of it.
    pub const HOSTILE: Self = Self { hazards: ALL, ..Self::CALM };

    /// The fault families of its hazards.
    #[must_use]
    pub const fn families(&self) -> &'static [Hazard] {
        self.hazards
    }

    pub(super) const fn chunk_range(&self) -> Range<u64> {
        self.chunks.0..self.chunks.1
    }
}

const THROTTLED: Hazard =
    Hazard { family: Family::ERROR, variant: "429", in_calls: ratio(1, 40), effect: Effect::Throttle };
const THROTTLED_POLITELY: Hazard =
    Hazard { variant: "429 with Retry-After", effect: Effect::ThrottleFor { secs_max: 10 }, ..THROTTLED };
const OVERLOADED: Hazard = Hazard { variant: "overloaded", effect: Effect::Overload, ..THROTTLED };
const DISCONNECTED: Hazard = Hazard { variant: "disconnected", effect: Effect::Disconnect, ..THROTTLED };
const EMPTY: Hazard = Hazard { variant: "empty answer", effect: Effect::Empty, ..THROTTLED };
const CUT: Hazard =
    Hazard { family: Family::CUT, variant: "no terminator", in_calls: ratio(1, 8), effect: Effect::Cut };
const STALLED: Hazard =
    Hazard { family: Family::STALL, variant: "silence", in_calls: ratio(1, 16), effect: Effect::Stall };
const REFUSED: Hazard =
    Hazard { family: Family::REFUSAL, variant: "refused", in_calls: ratio(1, 32), effect: Effect::Refuse };
const PANICKED: Hazard =
    Hazard { family: Family::PANIC, variant: "in the client", in_calls: ratio(1, 32), effect: Effect::Panic };

const TRANSIENT: &[Hazard] = &[THROTTLED, THROTTLED_POLITELY, OVERLOADED, DISCONNECTED, EMPTY, CUT];
const ALL: &[Hazard] =
    &[THROTTLED, THROTTLED_POLITELY, OVERLOADED, DISCONNECTED, EMPTY, CUT, STALLED, REFUSED, PANICKED];
