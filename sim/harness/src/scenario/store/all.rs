//! The scenarios of storage.

use super::{
    claims, life, resume, rot,
    yard::{NEVER, OFTEN, Size, Yard, params},
};
use crate::check;
use seedbed::{Scenario, decision::ratio};
use shardwright::store::Settings;
use std::time::Duration;

/// Ten agents, one store: every acknowledged write is there, in every life.
pub(in super::super) const TEN_AGENTS_ONE_STORE: Scenario = Scenario {
    name: "ten-agents-one-store",
    story: "Ten agents in five processes write one store; somebody reads along.",
    params: &params(10, 20),
    checks: |_| check::store::of(TEN_AGENTS.rules()),
    families: &["disk.short"],
    marks: &["several requests written with one sync", "somebody else had compacted the log meanwhile"],
    run: |world, params| Box::pin(life::play(world, &TEN_AGENTS, Size::of(&params))),
};

// In the line each of the four other processes is ahead of a write three times, with both of its agents: while the one before
// it is written, while the log is compacted, and then. A schedule that keeps the writer from the line costs more.
const TEN_AGENTS: Yard = Yard { processes: 5, parts: ratio(1, 4), ..Yard::CALM };

pub(in super::super) const POWER_LOSS: Scenario = Scenario {
    name: "power-loss",
    story: "Ten agents write one store, which is compacted meanwhile, and the power may fail before any call to the disk.",
    params: &params(10, 10),
    checks: |_| check::store::of(Yard::CALM.rules()),
    families: &["power"],
    marks: &["a torn end was cut off"],
    run: |world, params| Box::pin(life::play(world, &LOSES_POWER, Size::of(&params))),
};

const LOSES_POWER: Yard = Yard { power: OFTEN, ..Yard::CALM };

pub(in super::super) const KILL_A_WRITER: Scenario = Scenario {
    name: "kill-a-writer",
    story: "Ten agents in ten processes write one store, and processes are killed in the midst of it and start anew.",
    params: &params(10, 8),
    checks: |_| check::store::of(Yard::CALM.rules()),
    families: &["process.kill", "disk.short", "power"],
    marks: &["what a dead writer left was made durable"],
    run: |world, params| Box::pin(life::play(world, &KILLS, Size::of(&params))),
};

const KILLS: Yard = Yard { kills: OFTEN, parts: ratio(1, 4), power: ratio(1, 4), ..Yard::CALM };

pub(in super::super) const COMPACTION_DURING_WRITES: Scenario = Scenario {
    name: "compaction-during-writes",
    story: "Agents write one store while somebody compacts it all the time; processes may be killed, the power may fail.",
    params: &params(6, 8),
    checks: |_| check::store::of(Yard::CALM.rules()),
    families: &["process.kill", "power"],
    marks: &["a state outlived a compaction by another handle", "a state was read anew, as the log was another one"],
    run: |world, params| Box::pin(life::play(world, &COMPACTS, Size::of(&params))),
};

const COMPACTS: Yard = Yard { processes: 3, compacts: true, kills: ratio(1, 4), power: ratio(1, 4), ..Yard::CALM };

pub(in super::super) const DISK_FULL: Scenario = Scenario {
    name: "disk-full",
    story: "Agents write one store on a disk that is full at times, opens too few files, moves less than it was asked to and \
            fails to read; processes may be killed.",
    params: &params(6, 8),
    checks: |_| check::store::of(Yard::CALM.rules()),
    families: &["disk.full", "disk.entry", "disk.read", "disk.open", "disk.short", "process.kill", "power"],
    run: |world, params| Box::pin(life::play(world, &FULL, Size::of(&params))),
    ..Scenario::CALM
};

const FULL: Yard = Yard {
    processes: 3,
    kills: ratio(1, 2),
    full: OFTEN,
    names: ratio(1, 2),
    reads: ratio(1, 2),
    opens: ratio(1, 4),
    parts: ratio(1, 4),
    power: ratio(1, 4),
    ..Yard::CALM
};

pub(in super::super) const FSYNC_FAILS: Scenario = Scenario {
    name: "fsync-fails",
    story: "Agents write one store on a disk whose syncs and writes fail at times or take seconds, and the power may fail \
            after that.",
    params: &params(6, 8),
    checks: |_| check::store::of(Yard::CALM.rules()),
    families: &["disk.sync", "disk.write", "disk.stall", "disk.short", "power"],
    marks: &[
        "a handle was poisoned",
        "somebody else had synced what was written",
        "what somebody failed to sync was written again",
        "what was said to be written was lost",
    ],
    run: |world, params| Box::pin(life::play(world, &SYNCS_FAIL, Size::of(&params))),
};

const SYNCS_FAIL: Yard = Yard {
    processes: 3,
    syncs: OFTEN,
    writes: ratio(1, 4),
    stalls: ratio(1, 2),
    parts: ratio(1, 4),
    power: OFTEN,
    body_max: 1_500,
    ..Yard::CALM
};

pub(in super::super) const LOCK_CONTENTION: Scenario = Scenario {
    name: "lock-contention",
    story: "Forty processes stand in line for one store; some die there, and some are woken by a signal.",
    params: &params(40, 3),
    checks: |_| check::store::of(CROWD.rules()),
    families: &["process.kill", "disk.interrupt"],
    marks: &["all seats of the line were taken"],
    run: |world, params| Box::pin(life::play(world, &CROWD, Size::of(&params))),
};

const CROWD: Yard = Yard {
    processes: 40,
    // On a slow disk forty take minutes to look at each other.
    settings: Settings { lock_wait: Duration::from_secs(120), ..Yard::CALM.settings },
    kills: ratio(1, 2),
    signals: ratio(1, 2),
    power: NEVER,
    reads_along: false,
    ..Yard::CALM
};

pub(in super::super) const SOMEBODY_HANGS: Scenario = Scenario {
    name: "somebody-hangs",
    story: "Agents write one store, and a process that is stopped in the midst of it keeps a place in the line for minutes.",
    params: &params(8, 6),
    checks: |_| check::store::of(HANGS.rules()),
    families: &[],
    run: |world, params| Box::pin(life::play(world, &HANGS, Size::of(&params))),
    ..Scenario::CALM
};

const HANGS: Yard = Yard {
    processes: 4,
    settings: Settings { lock_wait: Duration::from_secs(5), ..Yard::CALM.settings },
    hangs: true,
    reads_along: false,
    ..Yard::CALM
};

pub(in super::super) const CLAIM_RACE: Scenario = Scenario {
    name: "claim-race",
    story: "Six agents want three items; some are killed with one in hand. There is an order of claims that explains what \
            each was told.",
    params: &params(6, 6),
    families: &["process.kill", "disk.full", "disk.stall", "power"],
    marks: &["somebody else was quicker to claim"],
    run: |world, params| Box::pin(claims::play(world, &CLAIMS, Size::of(&params))),
    ..Scenario::CALM
};

const CLAIMS: Yard =
    Yard { kills: ratio(1, 2), full: ratio(1, 4), stalls: ratio(1, 4), power: ratio(1, 4), ..Yard::CALM };

pub(in super::super) const CHECKPOINT_AND_RESUME: Scenario = Scenario {
    name: "checkpoint-and-resume",
    story: "A backend's shards save how far they are; the backend is killed, the power fails, and each goes on where its \
            last acknowledged checkpoint is.",
    params: &params(5, 8),
    checks: |_| check::store::of(Yard::CALM.rules()),
    families: &["process.kill", "power"],
    marks: &["a killed backend's shard resumed"],
    run: |world, params| Box::pin(resume::play(world, &RESUMES, Size::of(&params))),
};

const RESUMES: Yard = Yard { kills: OFTEN, power: ratio(1, 2), ..Yard::CALM };

pub(in super::super) const CLOCK_STEPS_BACK: Scenario = Scenario {
    name: "clock-steps-back",
    story: "Agents write one store on a machine whose clock is wrong, drifts and steps back; the order of writes is that of \
            their turns.",
    params: &params(6, 8),
    checks: |_| check::store::of(Yard::CALM.rules()),
    families: &["clock", "process.kill"],
    run: |world, params| Box::pin(life::play(world, &CLOCK, Size::of(&params))),
    ..Scenario::CALM
};

const CLOCK: Yard = Yard { processes: 3, clock: OFTEN, kills: ratio(1, 4), ..Yard::CALM };

pub(in super::super) const BIT_ROT: Scenario = Scenario {
    name: "bit-rot",
    story: "Agents write one store, and bits of it flip while the power is off: whatever is read is right, or a place is said \
            to be damaged.",
    params: &params(4, 5),
    families: &["disk.rot"],
    marks: &["a store said what of it is rotten"],
    run: |world, params| Box::pin(rot::play(world, &ROTS, Size::of(&params))),
    ..Scenario::CALM
};

const ROTS: Yard = Yard { rot: OFTEN, ..Yard::CALM };
