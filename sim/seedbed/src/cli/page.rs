//! A history as one page for a browser, with nothing to load from elsewhere: what was found, a lane per task
//! over virtual time, and all lines to search in. `page.html` is its frame; here is only what goes into it.

use crate::{
    case::Case,
    history::{Event, History, Line, TaskId},
    run::Outcome,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const FRAME: &str = include_str!("page.html");
/// A browser grows slow beyond; the last lines are those that explain an end.
const LINES_MAX: usize = 200_000;

pub(super) fn of(case: &Case, outcome: &Outcome, history: &History) -> String {
    let left_out = history.len().saturating_sub(LINES_MAX);
    let data = json!({
        "scenario": case.scenario,
        "seed": case.seed.map(|seed| seed.to_string()),
        "case": case.to_toml(),
        "strategy": outcome.strategy.to_string(),
        "digest": outcome.digest,
        "finding": outcome.finding.as_ref().map(ToString::to_string),
        "end": outcome.virtual_time.as_secs_f64(),
        "polls": outcome.polls,
        "left_out": left_out,
        "tasks": tasks(history),
        "lines": history.lines().skip(left_out).map(|line| row(&line)).collect::<Vec<_>>(),
    });
    // Inside a script element only this sequence would end it.
    FRAME.replace("\"DATA\"", &data.to_string().replace("</", "<\\/"))
}

/// Name, birth, end and manner of it, by task number.
fn tasks(history: &History) -> Vec<Value> {
    let mut ends = BTreeMap::new();
    let mut births = BTreeMap::new();
    for line in history.lines() {
        let (task, how) = match *line.event() {
            Event::Spawned { task, .. } => {
                births.insert(task, seconds(&line));
                continue;
            }
            Event::Finished(task) => (task, "finished"),
            Event::Panicked(task) => (task, "panicked"),
            Event::Cancelled(task) => (task, "cancelled"),
            _ => continue,
        };
        ends.insert(task, (seconds(&line), how));
    }
    let task = |(task, birth): (TaskId, f64)| {
        let end = ends.get(&task);
        let (end, how) = (end.map(|end| end.0), end.map_or("never ended", |end| end.1));
        json!({ "id": task.number(), "name": history.task_name(task), "birth": birth, "end": end, "how": how })
    };
    births.into_iter().map(task).collect()
}

/// Time, task, kind, words.
fn row(line: &Line<'_>) -> Value {
    json!([seconds(line), line.turn().number(), kind(line.event()), line.what().to_string()])
}

fn seconds(line: &Line<'_>) -> f64 {
    line.at().as_nanos() as f64 / 1e9
}

/// How the page shows it.
const fn kind(event: &Event<'_>) -> &'static str {
    match event {
        Event::Logged(_) => "log",
        Event::Injected { .. }
        | Event::AbortAsked(_)
        | Event::NodeKilled(_)
        | Event::PowerLost(_)
        | Event::WallClockChanged { .. } => "fault",
        Event::Marked(_) => "mark",
        Event::Spawned { .. } | Event::Finished(_) | Event::Cancelled(_) | Event::Killed(_) | Event::Settled => "life",
        Event::Panicked(_) => "panic",
        Event::PollStarted { .. } => "poll",
        Event::ClockMoved(_)
        | Event::Suspended(_)
        | Event::Woken { .. }
        | Event::TimerSet(_)
        | Event::TimerCancelled
        | Event::Called { .. }
        | Event::Net(_)
        | Event::Decided { .. } => "inner",
    }
}
