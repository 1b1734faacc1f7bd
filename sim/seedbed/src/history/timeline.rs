//! A history as lines for a person: made only when somebody reads it.

use super::{Event, History, LogEvent, TaskId, Value, Waking};
use crate::time::Instant;
use std::fmt::{self, Write as _};

/// One line: when, whose turn, what.
pub struct Line<'a> {
    history: &'a History,
    at: Instant,
    turn: TaskId,
    event: Event<'a>,
}

impl History {
    /// One aligned line per event. Equal histories give equal lines.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = Line<'_>> + ExactSizeIterator {
        self.iter().map(|(at, turn, event)| Line { history: self, at, turn, event })
    }

    /// The last `count` lines, oldest first.
    #[must_use]
    pub fn tail(&self, count: usize) -> String {
        let skipped = self.len().saturating_sub(count);
        let mut text = String::new();
        for line in self.lines().skip(skipped) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{line}");
        }
        text
    }
}

impl Line<'_> {
    /// Whether the service or a fault speaks here, rather than the executor.
    #[must_use]
    pub const fn is_story(&self) -> bool {
        matches!(
            self.event,
            Event::Logged(_)
                | Event::Injected { .. }
                | Event::Marked(_)
                | Event::Spawned { .. }
                | Event::Finished(_)
                | Event::Panicked(_)
                | Event::Cancelled(_)
                | Event::AbortAsked(_)
                | Event::NodeKilled(_)
                | Event::Killed(_)
                | Event::PowerLost(_)
                | Event::WallClockChanged { .. }
                | Event::Settled
        )
    }
}

/// When, whose turn, what.
impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.at.as_nanos();
        write!(f, "{:>6}.{:09}  {:<28}  ", nanos / 1_000_000_000, nanos % 1_000_000_000, self.name(self.turn))?;
        self.write_what(f)
    }
}

impl<'a> Line<'a> {
    /// When.
    #[must_use]
    pub const fn at(&self) -> Instant {
        self.at
    }

    /// During which task's turn.
    #[must_use]
    pub const fn turn(&self) -> TaskId {
        self.turn
    }

    /// The event itself.
    #[must_use]
    pub const fn event(&self) -> &Event<'a> {
        &self.event
    }

    /// What happened, without when and whose turn.
    pub fn what(&self) -> impl fmt::Display {
        fmt::from_fn(|f| self.write_what(f))
    }

    fn write_what(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.event {
            Event::ClockMoved(to) => write!(f, "clock at {to:?}"),
            Event::Spawned { task, .. } => write!(f, "spawned {}", self.name(task)),
            Event::PollStarted { poll, .. } => write!(f, "poll {poll}"),
            Event::Suspended(_) => f.write_str("suspended"),
            Event::Finished(_) => f.write_str("finished"),
            Event::Panicked(_) => f.write_str("panicked"),
            Event::Woken { task, by } => match by {
                Waking::Task(by) => write!(f, "{} woken by {}", self.name(task), self.name(by)),
                Waking::Timer => write!(f, "{} woken by a timer", self.name(task)),
                Waking::World => write!(f, "{} woken by the world", self.name(task)),
            },
            Event::AbortAsked(task) => write!(f, "abort of {} asked", self.name(task)),
            Event::Cancelled(task) => write!(f, "{} cancelled", self.name(task)),
            Event::TimerSet(at) => write!(f, "timer set for {at:?}"),
            Event::TimerCancelled => f.write_str("timer dropped"),
            Event::Decided { site, entity, nth, value } => {
                write!(f, "decided {} / {} / {nth} = {value}", site.name(), self.history.entity_name(entity))
            }
            Event::Injected { family, variant } => write!(f, "fault {family}: {variant}"),
            Event::Marked(name) => write!(f, "mark: {name}"),
            Event::Logged(log) => write_log(f, &log),
            Event::NodeKilled(node) => write!(f, "node {node} killed"),
            Event::Killed(task) => write!(f, "{} died with its node", self.name(task)),
            Event::PowerLost(machine) => write!(f, "power of machine {machine} lost"),
            Event::WallClockChanged { machine, change } => write!(f, "clock of machine {machine} {change}"),
            Event::Called { call, error: None } => f.write_str(call),
            Event::Called { call, error: Some(error) } => {
                write!(f, "{call}: {}", std::io::Error::from_raw_os_error(error))
            }
            Event::Net(event) => write!(f, "{event}"),
            Event::Settled => f.write_str("settled: faults have stopped and all work has ended"),
        }
    }

    fn name(&self, task: TaskId) -> &str {
        self.history.task_name(task)
    }
}

fn write_log(f: &mut fmt::Formatter<'_>, log: &LogEvent<'_>) -> fmt::Result {
    write!(f, "{} {}: {log}", log.level(), log.target())
}

/// The message and its fields.
impl fmt::Display for LogEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())?;
        self.fields().try_for_each(|(name, value)| match value {
            Value::U64(value) => write!(f, " {name}={value}"),
            Value::I64(value) => write!(f, " {name}={value}"),
            Value::F64(value) => write!(f, " {name}={value}"),
            Value::Bool(value) => write!(f, " {name}={value}"),
            Value::Text(value) => write!(f, " {name}={value:?}"),
        })
    }
}
