//! Decides what becomes of each call. Owns the shards' draws; takes no time and does no I/O.

use super::{
    hazard::{Effect, Hazard},
    preset::Preset,
};
use seedbed::{
    FaultFamily, World,
    decision::{Draws, Site},
};
use shardwright::{ShardId, llm::CallError};
use std::{collections::BTreeMap, time::Duration};

const LATENCY: Site = Site::new("llm.latency");
const CHUNKS: Site = Site::new("llm.chunks");
const CHUNK_GAP: Site = Site::new("llm.chunk-gap");
const HALF_WAY: Site = Site::new("llm.half-way");
const RETRY_AFTER: Site = Site::new("llm.retry-after");

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Answer,
    Empty,
    Fail(CallError),
    Stall,
    Cut,
    Panic,
}

/// A call without streaming.
pub(super) struct CallPlan {
    pub(super) latency: Duration,
    pub(super) fate: Fate,
}

/// A call with streaming: `chunks` pieces, of which the fate lets `whole` pass before it strikes.
pub(super) struct StreamPlan {
    pub(super) first_chunk: Duration,
    pub(super) chunk_gap: Duration,
    pub(super) chunks: u64,
    pub(super) whole: u64,
    pub(super) fate: Fate,
}

/// All shards' future calls.
pub(super) struct Planner {
    world: World,
    preset: &'static Preset,
    hazards: Vec<(Hazard, FaultFamily)>,
    names: BTreeMap<ShardId, String>,
    shards: BTreeMap<ShardId, ShardDraws>,
}

struct ShardDraws {
    latency: Draws,
    chunks: Draws,
    chunk_gap: Draws,
    half_way: Draws,
    retry_after: Draws,
    /// One per hazard; hazards of one family draw in turn from one site.
    hazards: BTreeMap<&'static str, Draws>,
}

impl ShardDraws {
    fn new(world: &World, entity: &str, hazards: &[(Hazard, FaultFamily)]) -> Self {
        let draws = |site| world.draws(site, entity);
        Self {
            latency: draws(LATENCY),
            chunks: draws(CHUNKS),
            chunk_gap: draws(CHUNK_GAP),
            half_way: draws(HALF_WAY),
            retry_after: draws(RETRY_AFTER),
            hazards: hazards.iter().map(|(hazard, _)| (hazard.family.name, draws(hazard.family.site))).collect(),
        }
    }
}

impl Planner {
    pub(super) fn new(world: World, preset: &'static Preset) -> Self {
        let with_family = |hazard: &Hazard| (*hazard, world.fault_family(hazard.family.name, hazard.family.in_runs));
        let hazards = preset.hazards.iter().map(with_family).collect();
        Self { world, preset, hazards, names: BTreeMap::new(), shards: BTreeMap::new() }
    }

    /// What `shard` is called in its decisions, instead of by its number.
    pub(super) fn name(&mut self, shard: ShardId, name: String) {
        self.names.insert(shard, name);
    }

    pub(super) fn call(&mut self, shard: ShardId) -> CallPlan {
        let preset = self.preset;
        let (draws, hazards) = self.of(shard);
        let fate = match fate(draws, hazards) {
            Fate::Cut => Fate::Answer,
            fate => fate,
        };
        CallPlan { latency: draws.latency.log_normal(&preset.latency), fate }
    }

    pub(super) fn stream(&mut self, shard: ShardId) -> StreamPlan {
        let preset = self.preset;
        let (draws, hazards) = self.of(shard);
        let fate = fate(draws, hazards);
        let chunks = draws.chunks.range(preset.chunk_range());
        let whole = if fate == Fate::Answer { chunks } else { draws.half_way.range(0..chunks) };
        StreamPlan {
            first_chunk: draws.latency.log_normal(&preset.first_chunk),
            chunk_gap: draws.chunk_gap.log_normal(&preset.chunk_gap),
            chunks,
            whole,
            fate,
        }
    }

    fn of(&mut self, shard: ShardId) -> (&mut ShardDraws, &[(Hazard, FaultFamily)]) {
        let (world, hazards, names) = (self.world, &self.hazards, &self.names);
        let new = || {
            let name = names.get(&shard).cloned().unwrap_or_else(|| shard.to_string());
            ShardDraws::new(&world, &name, hazards)
        };
        (self.shards.entry(shard).or_insert_with(new), hazards)
    }
}

/// The first hazard that strikes decides.
fn fate(draws: &mut ShardDraws, hazards: &[(Hazard, FaultFamily)]) -> Fate {
    let striking = hazards.iter().find(|(hazard, family)| {
        let own = draws.hazards.get_mut(hazard.family.name).expect("every hazard's family has its draws");
        family.strikes(own, hazard.in_calls, hazard.variant)
    });
    let Some((hazard, _)) = striking else { return Fate::Answer };
    match hazard.effect {
        Effect::Throttle => Fate::Fail(CallError::Throttled { retry_after: None }),
        Effect::ThrottleFor { secs_max } => {
            let retry_after = Duration::from_secs(1 + draws.retry_after.range(0..secs_max));
            Fate::Fail(CallError::Throttled { retry_after: Some(retry_after) })
        }
        Effect::Overload => Fate::Fail(CallError::Overloaded),
        Effect::Disconnect => Fate::Fail(CallError::Disconnected),
        Effect::Empty => Fate::Empty,
        Effect::Refuse => Fate::Fail(CallError::Refused),
        Effect::Stall => Fate::Stall,
        Effect::Cut => Fate::Cut,
        Effect::Panic => Fate::Panic,
    }
}
