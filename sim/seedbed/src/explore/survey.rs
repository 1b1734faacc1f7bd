//! The base run: which places there are.

use super::{
    point::{self, Fault, Listed, Point},
    reach::Reach,
};
use crate::{
    case::{Case, CaseError},
    executor::{AwaitStack, Chance, Moment, Noting, Offer, Offered, StackRequest, Traced},
    finding::Finding,
    history::{Keep, TaskId},
    run::{self, Outcome, Program},
    thread,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the base runs show.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Survey {
    /// The cases that all others differ from by what they list.
    pub(crate) bases: Vec<Case>,
    /// What the base runs themselves find.
    pub(crate) findings: Vec<(Case, Finding)>,
    pub(crate) points: Vec<Point>,
    pub(crate) faults: Vec<Fault>,
    /// Runs that it took.
    pub(crate) runs: u64,
    /// Where tasks in scope waited.
    pub(crate) reach: Reach,
    /// Calls at which a power loss leaves more states than are tried.
    pub(crate) sampled: u64,
}

impl Survey {
    /// Of a base run that fails, which took two and a second look: nothing else is tried there.
    pub(crate) fn broken(base: Case, finding: Finding) -> Self {
        Self { findings: vec![(base, finding)], runs: 3, ..Self::default() }
    }

    /// How many base runs there were, those that found something included.
    #[cfg(feature = "cli")]
    pub(crate) fn bases_run(&self) -> usize {
        self.bases.len() + self.findings.len()
    }

    /// Adds the survey of another base.
    pub(crate) fn join(&mut self, other: Self) {
        let bases = self.bases.len();
        self.bases.extend(other.bases);
        self.findings.extend(other.findings);
        self.points.extend(other.points.into_iter().map(|point| Point { base: point.base + bases, ..point }));
        self.faults.extend(other.faults.into_iter().map(|fault| Fault { base: fault.base + bases, ..fault }));
        self.runs += other.runs;
        self.reach.join(other.reach);
        self.sampled += other.sampled;
    }
}

/// Every place where a task declared cancellable can be cancelled.
pub(super) fn survey_cancels(program: &Program<'_>, case: &Case) -> Result<Survey, CaseError> {
    of_base(program, case, Noting::Offers, of_cancels)
}

/// What `told` makes of the run of `case` with all fault families on, unless that fails.
pub(super) fn of_base(
    program: &Program<'_>,
    case: &Case,
    noting: Noting,
    told: impl FnOnce(&Program<'_>, Case, Outcome) -> Result<Survey, CaseError>,
) -> Result<Survey, CaseError> {
    let mut base = case.clone();
    base.decisions.extend(families(&noted(program, case, Noting::Offers, None)?));
    let mut outcome = noted(program, &base, noting, None)?;
    if let Some(first) = outcome.finding.take() {
        let finding = run::explain(program, &base, Some((outcome.digest, &first)))?.finding.unwrap_or(first);
        return Ok(Survey::broken(base, finding));
    }
    told(program, base, outcome)
}

fn of_cancels(program: &Program<'_>, base: Case, mut outcome: Outcome) -> Result<Survey, CaseError> {
    let offers = of_suspensions(std::mem::take(&mut outcome.offers));
    let history = outcome.history.as_ref().expect("the run kept its history");
    let traced =
        noted(program, &base, Noting::Offers, Some(StackRequest::new(offers.iter().filter_map(point::suspension))))?;
    let Traced { polls, inside, .. } = traced.traced;
    let stacks: BTreeMap<(TaskId, u32), [Vec<String>; 2]> = polls
        .iter()
        .map(|(task, poll, seen)| ((*task, *poll), [seen.suspended(), seen.woken()].map(|stack| stack.describe().1)))
        .collect();
    let inside_stacks: BTreeMap<Chance, Vec<String>> =
        inside.iter().map(|(chance, _, stack)| (*chance, stack.describe().1)).collect();
    let awaits = |offer: &Offer| {
        let inside = || inside_stacks.get(&(offer.task, offer.site.name(), offer.nth));
        let stack = match offer.what {
            Offered::Lose(_) => inside(),
            _ => {
                let stack = point::suspension(offer).and_then(|at| stacks.get(&at));
                stack.map(|[suspended, woken]| if offer.site.name().ends_with(".woken") { woken } else { suspended })
            }
        };
        stack.map_or(&[][..], Vec::as_slice)
    };
    let whole = offers.iter().filter(|offer| matches!(offer.what, Offered::Cancel(_)));
    let in_scope: BTreeSet<_> = whole.filter_map(point::suspension).collect();
    let is_waiting = |(_, moment, _): &(Chance, Moment, AwaitStack)| matches!(moment, Moment::Waiting { .. });
    Ok(Survey {
        points: offers
            .iter()
            .flat_map(|offer| point::points(offer, history, awaits(offer), base.seed.is_some()))
            .collect(),
        faults: offers.iter().filter_map(|offer| point::fault(offer, history)).collect(),
        reach: polls
            .iter()
            .filter(|(task, poll, _)| in_scope.contains(&(*task, *poll)))
            .flat_map(|(.., seen)| [seen.suspended(), seen.woken()])
            .chain(inside.into_iter().filter(is_waiting).map(|(.., stack)| stack))
            .flat_map(|stack| stack.own_places())
            .collect(),
        bases: vec![base],
        runs: 3,
        ..Survey::default()
    })
}

fn noted(
    program: &Program<'_>,
    case: &Case,
    noting: Noting,
    stacks: Option<StackRequest>,
) -> Result<Outcome, CaseError> {
    thread::fresh(|| run::run_noting(program, case, Keep::All, stacks, noting))
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
