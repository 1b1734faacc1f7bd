//! What may differ between two scenarios of storage.

use super::agent;
use crate::check::store::Rules;
use seedbed::{DiskFault, Machine, Param, Params, World, decision::Ratio, decision::ratio};
use shardwright::store::Settings;
use std::{path::Path, time::Duration};

/// A machine, the processes on it, and what befalls them.
#[derive(Clone, Copy)]
pub(super) struct Yard {
    /// Among how many processes the agents are shared out.
    pub(super) processes: u64,
    pub(super) settings: Settings,
    /// In which of the runs the power may fail.
    pub(super) power: Ratio,
    /// In which of the runs each kind of call to the disk may fail.
    pub(super) full: Ratio,
    pub(super) syncs: Ratio,
    pub(super) reads: Ratio,
    pub(super) writes: Ratio,
    pub(super) opens: Ratio,
    pub(super) names: Ratio,
    /// In which of the runs calls to the disk stall, move a part only, are interrupted.
    pub(super) stalls: Ratio,
    pub(super) parts: Ratio,
    pub(super) signals: Ratio,
    /// In which of the runs bits flip while the power is off.
    pub(super) rot: Ratio,
    /// In which of the runs processes are killed alone.
    pub(super) kills: Ratio,
    /// In which of the runs the machine's clock jumps.
    pub(super) clock: Ratio,
    /// How long an item's body is at most, in bytes: some have one.
    pub(super) body_max: u64,
    /// Somebody compacts again and again.
    pub(super) compacts: bool,
    /// Somebody reads again and again.
    pub(super) reads_along: bool,
    /// Somebody who stands in line hangs.
    pub(super) hangs: bool,
}

pub(super) const NEVER: Ratio = ratio(0, 1);
pub(super) const OFTEN: Ratio = ratio(3, 4);

impl Yard {
    /// Nothing goes wrong.
    pub(super) const CALM: Self = Self {
        processes: 10,
        settings: Settings {
            lock_wait: Duration::from_secs(30),
            queue_max: 8,
            commit_requests_max: 4,
            grow_bytes: 1 << 10,
            compact_bytes: 2 << 10,
        },
        power: NEVER,
        full: NEVER,
        syncs: NEVER,
        reads: NEVER,
        writes: NEVER,
        opens: NEVER,
        names: NEVER,
        stalls: NEVER,
        parts: NEVER,
        signals: NEVER,
        rot: NEVER,
        kills: NEVER,
        clock: NEVER,
        body_max: 0,
        compacts: false,
        reads_along: true,
        hangs: false,
    };

    /// Whether nothing keeps the log from being compacted in time.
    pub(super) fn is_measured(&self) -> bool {
        let late = [self.kills, self.power, self.stalls];
        let failing = [self.full, self.syncs, self.reads, self.writes, self.opens, self.names, self.signals];
        late.iter().chain(&failing).all(|odds| *odds == NEVER)
    }

    /// Lets the disk do what it may.
    pub(super) fn trouble_disks(&self, world: World) {
        let faults = [
            (DiskFault::Full, self.full),
            (DiskFault::Sync, self.syncs),
            (DiskFault::Read, self.reads),
            (DiskFault::Write, self.writes),
            (DiskFault::Open, self.opens),
            (DiskFault::Entry, self.names),
            (DiskFault::Stall, self.stalls),
            (DiskFault::Short, self.parts),
            (DiskFault::Interrupt, self.signals),
            (DiskFault::Rot, self.rot),
        ];
        faults.into_iter().for_each(|(fault, odds)| world.disk_may_fail(fault, odds));
    }

    /// What the rules need to know of it. Nobody waits for an answer for longer than for one's turn, and for a disk and a
    /// schedule that take their time.
    pub(super) const fn rules(&self) -> Rules {
        let lock_wait = self.settings.lock_wait;
        let wait_max = if self.hangs { None } else { Some(lock_wait) };
        let took_max = Duration::from_secs(lock_wait.as_secs() + 55);
        Rules { took_max, wait_max }
    }
}

/// Parameters of all scenarios of storage.
pub(super) const fn params(agents: u64, writes: u64) -> [Param; 2] {
    [
        Param { name: "agents", help: "agents that write", default: agents, min: 1, max: 100 },
        Param { name: "writes", help: "writes of each agent", default: writes, min: 1, max: 1_000 },
    ]
}

/// How many agents there are, and how much each writes.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) agents: u64,
    pub(super) writes: u64,
}

impl Size {
    pub(super) fn of(params: &Params) -> Self {
        Self { agents: params.get("agents"), writes: params.get("writes") }
    }
}

/// Of these nobody relies on what a power loss leaves.
pub(super) fn declare_scratch(machine: Machine) {
    for scratch in ["lock", "items.next"] {
        machine.has_scratch(Path::new(agent::STORE).join(scratch));
    }
}
