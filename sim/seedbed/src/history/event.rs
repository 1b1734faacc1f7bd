//! The events of a run.

use super::LogEvent;
use crate::{
    clock::Change,
    decision::{Entity, Site},
    net::event::NetEvent,
    time::Instant,
};
use std::fmt;

/// A task of one run, numbered in the order of spawning; 0 is the scenario's own future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub(crate) u32);

impl TaskId {
    /// The scenario's own future.
    pub const ROOT: Self = Self(0);

    /// No task: what happens between turns.
    pub const WORLD: Self = Self(u32::MAX);

    /// The number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t{}", self.0)
    }
}

/// Who woke a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waking {
    /// A task, during its poll or its drop.
    Task(TaskId),
    /// A timer that was due.
    Timer,
    /// The world itself: a spawn, the settling, or a thread outside it.
    World,
}

/// One thing that happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The clock moved on; always to an instant at which something is due.
    ClockMoved(Instant),
    /// A task came to be.
    Spawned {
        /// The new task.
        task: TaskId,
        /// Who spawned it; `None` for the scenario's own future.
        by: Option<TaskId>,
    },
    /// A task is about to be polled.
    PollStarted {
        /// The task.
        task: TaskId,
        /// Which of its polls this is, from 0.
        poll: u32,
    },
    /// The poll ended and the task waits.
    Suspended(TaskId),
    /// The poll ended and the task is done.
    Finished(TaskId),
    /// The poll panicked and the task is gone.
    Panicked(TaskId),
    /// A task that waited can run again.
    Woken {
        /// The task.
        task: TaskId,
        /// Who woke it.
        by: Waking,
    },
    /// A task was asked to stop; it is dropped at its next turn.
    AbortAsked(TaskId),
    /// A task was dropped before it was done.
    Cancelled(TaskId),
    /// A timer was set for this instant by the running task.
    TimerSet(Instant),
    /// A timer was dropped before it was due.
    TimerCancelled,
    /// A decision that differs from its default.
    Decided {
        /// What was decided.
        site: Site,
        /// About whom.
        entity: Entity,
        /// Which occurrence, from 0.
        nth: u64,
        /// The value.
        value: u64,
    },
    /// A fault was injected.
    Injected {
        /// The fault's family.
        family: &'static str,
        /// What exactly.
        variant: &'static str,
    },
    /// A `sometimes!` mark was reached.
    Marked(&'static str),
    /// The service logged something.
    Logged(LogEvent<'a>),
    /// A node was killed.
    NodeKilled(u32),
    /// A task went with its node; no destructor ran.
    Killed(TaskId),
    /// A machine lost its power, and what was not on its disk.
    PowerLost(u32),
    /// A machine's wall clock was put wrong, or right.
    WallClockChanged {
        /// The machine's number; 0 is the scenario's own.
        machine: u32,
        /// In which way.
        change: Change,
    },
    /// A call to a machine's file system happened.
    Called {
        /// Which.
        call: &'static str,
        /// The system's number of the error that it ended in.
        error: Option<i32>,
    },
    /// Something happened on the network.
    Net(NetEvent),
    /// Faults stopped and all work has ended.
    Settled,
}
