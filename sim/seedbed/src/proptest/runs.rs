//! Runs of values, and whether two of them fail alike.

use super::subject::Subject;
use crate::{
    case::{Case, Seed},
    finding::{Finding, FindingKind},
    history::{Digest, Keep},
    run::{self, Outcome, Program},
    thread,
    watchdog::Watchdog,
};

/// Where a value fails.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) seed: Option<u64>,
    /// Of its run.
    pub(super) digest: Digest,
    /// Of a stall: not yet with what each task waits for.
    pub(super) finding: Finding,
}

/// Runs values of one subject, watched.
pub(super) struct Runs<'a, S> {
    pub(super) subject: &'a S,
    pub(super) watchdog: &'a Watchdog,
}

impl<S> Runs<'_, S> {
    /// One run of a drawn value.
    pub(super) fn run<V>(&self, value: &V, seed: Option<u64>) -> Outcome
    where
        S: Subject<V>,
    {
        self.watchdog.run_starts(seed.map(Seed));
        let case = self.subject.case(value, seed);
        self.subject.with_program(value, |program| once(program, &case))
    }

    /// The first of `seeds` under which a candidate fails with this finding's signature. `drawn_under` is the seed
    /// that shrinking started from, which is the one to replay if the candidate never returns.
    pub(super) fn fails_alike<V>(
        &self,
        value: &V,
        wanted: &Finding,
        drawn_under: Option<u64>,
        seeds: impl IntoIterator<Item = Option<u64>>,
    ) -> Option<Failure>
    where
        S: Subject<V>,
    {
        self.subject.with_program(value, |program| {
            seeds.into_iter().find_map(|seed| {
                self.watchdog.run_starts(drawn_under.map(Seed));
                let case = self.subject.case(value, seed);
                failure_like(wanted, program, &case).map(|(digest, finding)| Failure { seed, digest, finding })
            })
        })
    }
}

fn failure_like(wanted: &Finding, program: &Program<'_>, case: &Case) -> Option<(Digest, Finding)> {
    let Outcome { finding, digest, .. } = once(program, case);
    let mut finding = finding?;
    if (finding.kind, &finding.check) != (wanted.kind, &wanted.check) {
        return None;
    }
    if finding.kind == FindingKind::Stall {
        // Only the second look says what a stuck task waits for, and that is part of the signature.
        finding = run::explain(program, case, Some((digest, &finding))).ok()?.finding?;
    }
    (finding.signature == wanted.signature).then_some((digest, finding))
}

fn once(program: &Program<'_>, case: &Case) -> Outcome {
    thread::fresh(|| run::run(program, case, Keep::Nothing, None))
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        .unwrap_or_else(|error| panic!("case of `{}`: {error}", case.scenario))
}
