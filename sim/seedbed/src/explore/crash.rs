//! The base run of crashes: every call before which the power could fail, and every state that this could leave.

use super::{
    point::{Listed, Point},
    survey::{self, Survey},
};
use crate::{
    case::{Case, CaseError},
    executor::{CrashPoint, LOSES, Noting, PARTS, entity_of, site_of},
    history::History,
    run::Program,
};

/// Each call of a machine that may lose its power, with each state that this may leave.
pub(super) fn survey_crashes(program: &Program<'_>, case: &Case) -> Result<Survey, CaseError> {
    survey::of_base(program, case, Noting::CrashPoints, |_, base, outcome| {
        let history = outcome.history.as_ref().expect("the run kept its history");
        Ok(Survey {
            points: outcome.crash_points.iter().flat_map(|point| points(point, history)).collect(),
            sampled: outcome.crash_points.iter().filter(|point| !point.images.is_all).count() as u64,
            runs: 2,
            bases: vec![base],
            ..Survey::default()
        })
    })
}

/// One for each state that is left.
fn points<'a>(crash: &'a CrashPoint, history: &'a History) -> impl Iterator<Item = Point> + 'a {
    let (site, entity, nth) = crash.fails;
    let fails = format!("{} / {} / {nth}", site.name(), history.entity_name(entity));
    let loses = format!("{} / {} / 0", LOSES.name(), crash.loss);
    crash.images.choices.iter().map(move |choices| {
        let mut decisions = Listed::from([(fails.clone(), 1)]);
        let lost = choices.iter().filter(|(_, lost)| *lost > 0).count();
        if lost > 0 {
            decisions.insert(loses.clone(), PARTS);
        }
        for (part, value) in choices.iter().filter(|(_, value)| *value > 0) {
            let name = format!("{} / {} / {}", site_of(part.what).name(), entity_of(part, &crash.loss), part.nth);
            decisions.insert(name, *value as u64);
        }
        Point {
            base: 0,
            task: history.task_name(crash.task).to_owned(),
            means: format!("power lost, with {}", parts(lost, choices.len())),
            awaits: vec![format!("before {}", crash.call)],
            ends_task: true,
            may_be_gone: false,
            decisions,
        }
    })
}

fn parts(lost: usize, of: usize) -> String {
    match (lost, of) {
        (_, 0) => "all synced".to_owned(),
        (0, _) => "nothing of what was not synced lost".to_owned(),
        (lost, of) if lost == of => "all of what was not synced lost".to_owned(),
        _ => "parts of what was not synced lost".to_owned(),
    }
}
