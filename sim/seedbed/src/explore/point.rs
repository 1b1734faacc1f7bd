//! One place and means of a cancellation, as decisions that a case can list.

use crate::{
    executor::{Offer, Offered},
    history::{History, TaskId},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Decisions by name, as a case lists them.
pub(crate) type Listed = BTreeMap<String, u64>;

/// How late the event comes that an arm of a `select!` waits for: as long as the schedule's own delays.
const LATE_NS: u64 = 2_000_000_000;

/// A place in the base run where a task can be cancelled, and by what means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Point {
    /// Which of the survey's bases it is of.
    pub(crate) base: usize,
    /// The task's path.
    pub(crate) task: String,
    /// What happens to it, e.g. `dropped while it waits`.
    pub(crate) means: String,
    /// Where it waits, by source line, outermost first.
    pub(crate) awaits: Vec<String>,
    /// Whether the task is gone after it.
    pub(crate) ends_task: bool,
    /// Whether the task may come to an end before it happens: it begins with a delay.
    pub(crate) may_be_gone: bool,
    /// What makes it happen.
    pub(crate) decisions: Listed,
}

/// A fault that could strike in the base run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fault {
    pub(crate) base: usize,
    pub(crate) family: String,
    pub(crate) variant: String,
    pub(crate) decisions: Listed,
}

/// The poll whose suspension an offer is about, if it is about one.
pub(super) fn suspension(offer: &Offer) -> Option<(TaskId, u32)> {
    Some((offer.task, offer.polls.checked_sub(1)?))
}

fn name(offer: &Offer, nth: u64, history: &History) -> String {
    format!("{} / {} / {nth}", offer.site.name(), history.entity_name(offer.entity))
}

/// The points that an offer stands for; `awaits` of the suspension it is about. `is_drawn`: the run has a seed.
pub(super) fn points(offer: &Offer, history: &History, awaits: &[String], is_drawn: bool) -> Vec<Point> {
    let task = history.task_name(offer.task).to_owned();
    let awaits = match awaits {
        [] if offer.polls == 0 => vec!["(not polled yet)".to_owned()],
        // Most have woken themselves.
        [] => vec!["(took no waker: it gave way)".to_owned()],
        awaits => awaits.to_vec(),
    };
    let point = |means, decisions| Point {
        base: 0,
        task: task.clone(),
        means,
        awaits: awaits.clone(),
        ends_task: matches!(offer.what, Offered::Cancel(_)),
        may_be_gone: matches!(offer.what, Offered::Select { .. }),
        decisions,
    };
    match offer.what {
        Offered::Cancel(means) | Offered::Lose(means) => {
            vec![point(means.to_owned(), Listed::from([(name(offer, offer.nth, history), 1)]))]
        }
        // The next time this `select!` is polled is later than its events, and begins with the chosen branch:
        // of two that are ready by then, the other loses.
        Offered::Select { branches } => (0..branches)
            .map(|branch| {
                let mut listed = Listed::from([(format!("delay / {task} / {}", offer.polls), LATE_NS)]);
                // Without a seed the first branch is first anyway.
                if is_drawn || branch > 0 {
                    listed.insert(name(offer, offer.nth + 1, history), u64::from(branch));
                }
                point(format!("late, and branch {branch} of its select! is polled first"), listed)
            })
            .collect(),
        Offered::Fault { .. } | Offered::Family(_) => Vec::new(),
    }
}

pub(super) fn fault(offer: &Offer, history: &History) -> Option<Fault> {
    match offer.what {
        Offered::Fault { family, variant } => Some(Fault {
            base: 0,
            family: family.to_owned(),
            variant: variant.to_owned(),
            decisions: Listed::from([(name(offer, offer.nth, history), 1)]),
        }),
        _ => None,
    }
}
