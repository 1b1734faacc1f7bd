//! A history as Chrome trace events, which ui.perfetto.dev shows: a track per task.

use crate::history::{Event, History, Line, TaskId};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// All tasks are of one world.
const PROCESS: u32 = 1;

pub(super) fn trace(history: &History) -> String {
    let mut births = BTreeMap::new();
    let mut events = Vec::new();
    for line in history.lines() {
        match *line.event() {
            Event::Spawned { task, .. } => {
                births.insert(task, micros(&line));
                events.push(track(history, task));
            }
            Event::Finished(task) | Event::Panicked(task) | Event::Cancelled(task) | Event::Killed(task) => {
                events.extend(births.remove(&task).map(|birth| life(task, birth, &line, &line.what().to_string())));
            }
            Event::Logged(_)
            | Event::Injected { .. }
            | Event::Marked(_)
            | Event::Settled
            | Event::AbortAsked(_)
            | Event::NodeKilled(_)
            | Event::PowerLost(_)
            | Event::WallClockChanged { .. }
            | Event::Called { .. }
            | Event::Net(_) => {
                events.push(instant(&line));
            }
            Event::PollStarted { .. } => events.push(instant(&line)),
            Event::ClockMoved(_)
            | Event::Suspended(_)
            | Event::Woken { .. }
            | Event::TimerSet(_)
            | Event::TimerCancelled
            | Event::Decided { .. } => {}
        }
    }
    if let Some(last) = history.lines().next_back() {
        events.extend(births.into_iter().map(|(task, birth)| life(task, birth, &last, "never ended")));
    }
    json!({ "displayTimeUnit": "ms", "traceEvents": events }).to_string()
}

fn micros(line: &Line<'_>) -> f64 {
    line.at().as_nanos() as f64 / 1e3
}

/// Track 0 means something else to viewers.
const fn track_number(task: TaskId) -> u32 {
    task.number() + 1
}

fn track(history: &History, task: TaskId) -> Value {
    let name = history.task_name(task);
    json!({ "ph": "M", "name": "thread_name", "pid": PROCESS, "tid": track_number(task), "args": { "name": name } })
}

fn life(task: TaskId, birth: f64, end: &Line<'_>, how: &str) -> Value {
    let duration = micros(end) - birth;
    json!({ "ph": "X", "name": how, "pid": PROCESS, "tid": track_number(task), "ts": birth, "dur": duration })
}

fn instant(line: &Line<'_>) -> Value {
    json!({
        "ph": "i", "s": "t", "name": line.what().to_string(),
        "pid": PROCESS, "tid": track_number(line.turn()), "ts": micros(line),
    })
}
