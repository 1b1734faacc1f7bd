//! The base run: which places there are.

use super::{
    point::{self, Fault, Listed, Point},
    reach,
};
use crate::{
    case::{Case, CaseError},
    executor::{Offer, Offered, StackRequest},
    finding::Finding,
    history::{Keep, TaskId},
    run::{self, Outcome, Program},
    thread,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the base run shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Survey {
    /// The case that all others differ from by what they list.
    pub(crate) base: Case,
    /// What the base run itself finds: then there is nothing to explore.
    pub(crate) finding: Option<Finding>,
    pub(crate) points: Vec<Point>,
    pub(crate) faults: Vec<Fault>,
    /// Awaits, by source line, of the files that are in scope, at which no task in scope ever waited.
    pub(crate) never_reached: Vec<String>,
}

/// Runs `case` and takes note of every place where a task declared cancellable can be cancelled. All fault
/// families are on, though no fault strikes by itself in a case without a seed.
///
/// # Errors
/// The case does not fit the program.
pub(crate) fn survey(program: &Program<'_>, case: &Case) -> Result<Survey, CaseError> {
    let mut base = case.clone();
    base.decisions.extend(families(&noted(program, case, None)?));
    let mut outcome = noted(program, &base, None)?;
    if outcome.finding.is_some() {
        let finding = run::explain(program, &base, Some(outcome.digest))?.finding;
        return Ok(Survey { base, finding, points: Vec::new(), faults: Vec::new(), never_reached: Vec::new() });
    }
    let offers = of_suspensions(std::mem::take(&mut outcome.offers));
    let history = outcome.history.as_ref().expect("the run kept its history");
    let traced = noted(program, &base, Some(StackRequest::new(offers.iter().filter_map(point::suspension))))?;
    let stacks: BTreeMap<(TaskId, u32), Vec<String>> =
        traced.stacks.iter().map(|(task, poll, stack)| ((*task, *poll), stack.describe().1)).collect();
    let awaits = |offer: &Offer| point::suspension(offer).and_then(|at| stacks.get(&at)).map_or(&[][..], Vec::as_slice);
    Ok(Survey {
        points: offers.iter().flat_map(|offer| point::points(offer, history, awaits(offer))).collect(),
        faults: offers.iter().filter_map(|offer| point::fault(offer, history)).collect(),
        never_reached: reach::never_reached(traced.stacks.iter().map(|(.., stack)| stack)),
        finding: None,
        base,
    })
}

fn noted(program: &Program<'_>, case: &Case, stacks: Option<StackRequest>) -> Result<Outcome, CaseError> {
    thread::fresh(|| run::run_noting(program, case, Keep::All, stacks, true))
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The decisions that switch on every fault family that the run asked about.
fn families(outcome: &Outcome) -> Listed {
    let family = |offer: &Offer| match offer.what {
        Offered::Family(name) => Some((format!("{} / {name} / {}", offer.site.name(), offer.nth), 1)),
        _ => None,
    };
    outcome.offers.iter().filter_map(family).collect()
}

/// Without the polls of a `select!` that did not end in a suspension: nothing was lost there.
fn of_suspensions(offers: Vec<Offer>) -> Vec<Offer> {
    let suspended: BTreeSet<(TaskId, u32)> = offers
        .iter()
        .filter(|offer| matches!(offer.what, Offered::Cancel(_)))
        .map(|offer| (offer.task, offer.polls))
        .collect();
    let is_kept =
        |offer: &Offer| !matches!(offer.what, Offered::Select { .. }) || suspended.contains(&(offer.task, offer.polls));
    offers.into_iter().filter(is_kept).collect()
}
