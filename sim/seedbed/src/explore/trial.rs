//! What is run: each point alone, then samples of two together and of one with a fault.

use super::{point::Listed, survey::Survey};
use crate::{
    case::Case,
    decision::{below, hash_str, mix},
};

/// One run to be made.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// Indices of the survey's points.
    pub(crate) points: Vec<usize>,
    /// Index of one of its faults.
    pub(crate) fault: Option<usize>,
    pub(crate) case: Case,
}

/// Every point alone, in the order of the base run; then `samples` more, half of them two points together,
/// half a point and a fault, or all two points if the survey has no fault.
pub(crate) fn trials(survey: &Survey, samples: u64) -> impl Iterator<Item = Trial> {
    let count = survey.points.len();
    let alone = (0..count).map(|point| trial(survey, vec![point], None));
    let samples = if count < 2 { 0 } else { samples };
    alone.chain((0..samples).map(move |nth| sampled(survey, nth)))
}

/// The `nth` sample: a function of it and the scenario's name alone.
fn sampled(survey: &Survey, nth: u64) -> Trial {
    let bits = mix(hash_str(&survey.base.scenario), nth);
    let index = |salt, limit: usize| usize::try_from(below(mix(bits, salt), limit as u64)).unwrap_or(0);
    let first = index(0, survey.points.len());
    if nth % 2 == 1 && !survey.faults.is_empty() {
        return trial(survey, vec![first], Some(index(1, survey.faults.len())));
    }
    let other = index(2, survey.points.len() - 1);
    trial(survey, vec![first, if other >= first { other + 1 } else { other }], None)
}

fn trial(survey: &Survey, points: Vec<usize>, fault: Option<usize>) -> Trial {
    let mut case = survey.base.clone();
    let mut list = |listed: &Listed| case.decisions.extend(listed.clone());
    points.iter().for_each(|&point| list(&survey.points[point].decisions));
    fault.iter().for_each(|&fault| list(&survey.faults[fault].decisions));
    Trial { points, fault, case }
}
