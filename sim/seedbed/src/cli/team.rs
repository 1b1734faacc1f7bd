//! Several worker processes at the trials of one exploration.

use super::{
    errand::Errands,
    problem::Problem,
    protocol::{Answer, Order},
};
use crate::explore::{Probe, Trial};
use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

/// Tells what came of each trial, in their order: what is told does not depend on how many work, nor on which is quicker. None
/// is begun once `goes_on` is false; those that were begun are told.
pub(super) fn probe(
    team: &mut [Errands],
    trials: &[Trial],
    goes_on: impl Fn() -> bool + Sync,
    mut told: impl FnMut(&Trial, Probe),
) -> Result<(), Problem> {
    let next = AtomicUsize::new(0);
    let begin = || {
        let nth = goes_on().then(|| next.fetch_add(1, Ordering::Relaxed))?;
        trials.get(nth).map(|trial| (nth, trial))
    };
    let (sender, probes) = mpsc::channel();
    thread::scope(|scope| {
        for errands in team {
            let (begin, sender) = (&begin, sender.clone());
            scope.spawn(move || {
                while let Some((nth, trial)) = begin() {
                    // After a problem nobody listens any more.
                    if sender.send(of_one(errands, trial).map(|probe| (nth, probe))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut in_order = trials.iter().enumerate();
        let mut due = in_order.next();
        for answer in probes {
            let (nth, probe) = answer?;
            early.insert(nth, probe);
            while let Some((trial, probe)) = due.and_then(|(nth, trial)| Some((trial, early.remove(&nth)?))) {
                told(trial, probe);
                due = in_order.next();
            }
        }
        Ok(())
    })
}

fn of_one(errands: &mut Errands, trial: &Trial) -> Result<Probe, Problem> {
    match errands.ask(&Order::Probe { case: trial.case.clone() })? {
        Ok(Answer::Probed(probe)) => Ok(*probe),
        Ok(other) => unreachable!("a worker that was told to probe answered {other:?}"),
        Err(finding) => Ok(Probe { finding: Some(finding), unmatched: Vec::new() }),
    }
}
