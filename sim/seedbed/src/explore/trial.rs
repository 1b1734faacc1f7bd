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

/// Every point alone, in the order of the base runs; then `samples` more, half of them two points of one base
/// together, half a point and a fault. What cannot be paired is left out: a task that is gone is not cancelled again.
pub(crate) fn trials(survey: &Survey, samples: u64) -> impl Iterator<Item = Trial> {
    let alone = (0..survey.points.len()).map(|point| trial(survey, vec![point], None));
    let samples = if survey.points.is_empty() { 0 } else { samples };
    alone.chain((0..samples).filter_map(move |nth| sampled(survey, nth)))
}

/// The `nth` sample: a function of it and the survey alone.
fn sampled(survey: &Survey, nth: u64) -> Option<Trial> {
    let bits = mix(hash_str(&survey.bases.first()?.scenario), nth);
    let index = |salt, limit: usize| usize::try_from(below(mix(bits, salt), limit as u64)).unwrap_or(0);
    let first = index(0, survey.points.len());
    let base = survey.points[first].base;
    let faults: Vec<_> = (0..survey.faults.len()).filter(|&fault| survey.faults[fault].base == base).collect();
    if nth % 2 == 1 && !faults.is_empty() {
        return Some(trial(survey, vec![first], Some(faults[index(1, faults.len())])));
    }
    let others: Vec<_> = (0..survey.points.len()).filter(|&other| may_follow(survey, first, other)).collect();
    let other = *others.get(index(2, others.len()))?;
    Some(trial(survey, vec![first, other], None))
}

/// Whether both can happen in one run, in whichever order they come there: points are in the order of the run.
fn may_follow(survey: &Survey, first: usize, other: usize) -> bool {
    let [earlier, later] = [first.min(other), first.max(other)].map(|index| &survey.points[index]);
    first != other && earlier.base == later.base && (earlier.task != later.task || !earlier.ends_task)
}

fn trial(survey: &Survey, points: Vec<usize>, fault: Option<usize>) -> Trial {
    let mut case = survey.bases[survey.points[points[0]].base].clone();
    let mut list = |listed: &Listed| case.decisions.extend(listed.clone());
    points.iter().for_each(|&point| list(&survey.points[point].decisions));
    fault.iter().for_each(|&fault| list(&survey.faults[fault].decisions));
    Trial { points, fault, case }
}
