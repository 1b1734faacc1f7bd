//! The check itself: values, their seeds, and what becomes of the first finding.

use super::{
    config::{Config, Plan},
    report::{Found, Report},
    runs::{Failure, Runs},
    shrink::shrink,
    subject::{Body, Subject},
    value::draw,
};
use crate::{
    case::{Case, Seed},
    check,
    finding::{Finding, FindingKind},
    replay, run,
    run::Outcome,
    scenario::{Params, Scenario, ScenarioFuture},
    shrink::{self as decisions, Budget, InProcess, Shrunk},
    sweep::{SHRINK_TIME, TAIL},
    watchdog::Watchdog,
    world::World,
};
use ::proptest::strategy::{Strategy, ValueTree};
use std::future::Future;

/// Draws values from `strategy` and runs `body` with each, under a few seeds in a world of its own each,
/// until there is a finding; its value is shrunk. The [module](super) says how.
///
/// `body` is called for every run, with a clone of the value. The runs are one after the other, each on a
/// thread of its own; a value must be what it says it is, so none with shared state inside.
///
/// # Panics
/// If the strategy gives no value, if one of the environment's variables makes no sense, or inside a
/// world. A panic of `body` is a finding.
pub fn check<S, F, Fut>(name: &str, config: &Config, strategy: S, body: F) -> Report<S::Value>
where
    S: Strategy,
    S::Value: Clone + Sync,
    F: Fn(World, S::Value) -> Fut + Sync,
    Fut: Future<Output = check::Result> + 'static,
{
    let run = |world: World, value: S::Value| -> ScenarioFuture { Box::pin(body(world, value)) };
    check_subject(name, config, &strategy, &Body { name, run: &run })
}

/// [`check()`]s a scenario, its own checks included, under parameters that are drawn: see
/// [`params`](super::params()).
///
/// # Panics
/// As [`check()`], and if drawn parameters do not fit the scenario.
pub fn check_scenario(scenario: &Scenario, config: &Config, strategy: impl Strategy<Value = Params>) -> Report<Params> {
    check_subject(scenario.name, config, &strategy, scenario)
}

fn check_subject<S: Strategy>(
    name: &str,
    config: &Config,
    strategy: &S,
    subject: &impl Subject<S::Value>,
) -> Report<S::Value> {
    let plan = config.steered();
    let watchdog = Watchdog::start(name, replay::test_command);
    let runs = Runs { subject, watchdog: &watchdog };
    let mut report = Report::new(name);
    for number in plan.values.clone() {
        watchdog.value_starts(number);
        let tree = draw(strategy, number);
        report.values += 1;
        if let Some(first) = first_failure(&runs, &plan, number, &tree.current(), &mut report) {
            report.found = Some(pursue(&runs, config, number, tree, first));
            break;
        }
    }
    report
}

/// Runs a value under its seeds until one fails.
fn first_failure<V, S: Subject<V>>(
    runs: &Runs<'_, S>,
    plan: &Plan,
    number: u64,
    value: &V,
    report: &mut Report<V>,
) -> Option<Failure> {
    plan.seeds_of(number).find_map(|seed| {
        let Outcome { finding, digest, marks, .. } = runs.run(value, seed);
        report.add_run(marks);
        finding.map(|finding| Failure { seed, digest, finding })
    })
}

/// From the first failure of a drawn value to what the report says of it.
fn pursue<T: ValueTree, S: Subject<T::Value>>(
    runs: &Runs<'_, S>,
    config: &Config,
    number: u64,
    tree: T,
    first: Failure,
) -> Found<T::Value> {
    let (drawn, drawn_seed) = (tree.current(), first.seed);
    let (wanted, _) = explain(runs.subject, &drawn, &runs.subject.case(&drawn, drawn_seed), &first);
    // Two histories of one case: there is no run that a candidate could be compared with.
    let candidates_max = if wanted.kind == FindingKind::Divergence { 0 } else { config.candidates_max };
    let shrunk = shrink(tree, first, candidates_max, |candidate, last| {
        runs.fails_alike(candidate, &wanted, drawn_seed, seeds_from(last.seed, config.neighbours))
    });
    let case = runs.subject.case(&shrunk.value, shrunk.failure.seed);
    let (finding, tail) = explain(runs.subject, &shrunk.value, &case, &shrunk.failure);
    // The value is final, and its decisions are still all of its seed's.
    let decisions = if candidates_max == 0 { None } else { fewer_decisions(runs, &shrunk.value, &case, drawn_seed) };
    Found {
        number,
        drawn,
        drawn_seed,
        value: shrunk.value,
        seed: shrunk.failure.seed,
        case,
        shrunk: decisions,
        candidates: shrunk.candidates,
        is_cut_short: shrunk.is_cut_short,
        finding,
        tail,
        replay: replay::with_value(number, drawn_seed, &replay::test_command(drawn_seed)),
    }
}

/// The decisions of the least value's run that matter. `drawn_under`: what to replay if a run never returns.
fn fewer_decisions<V, S: Subject<V>>(
    runs: &Runs<'_, S>,
    value: &V,
    case: &Case,
    drawn_under: Option<u64>,
) -> Option<Shrunk> {
    runs.watchdog.run_starts(drawn_under.map(Seed));
    let budget = Budget { time: SHRINK_TIME, ..Budget::BRIEF };
    let shrunk = runs
        .subject
        .with_program(value, |program| decisions::shrink(&mut InProcess::Program(program), case, &[], budget));
    shrunk.ok()?.ok()
}

/// A seed and its neighbours; a run without a seed has none.
fn seeds_from(first: Option<u64>, neighbours: u64) -> impl Iterator<Item = Option<u64>> {
    let neighbours = if first.is_some() { neighbours } else { 0 };
    (0..=neighbours).map(move |further| Some(first?.wrapping_add(further)))
}

/// The second look at a failure: the finding in full, and the last events before it.
fn explain<V, S: Subject<V>>(subject: &S, value: &V, case: &Case, failure: &Failure) -> (Finding, String) {
    let outcome =
        subject.with_program(value, |program| run::explain(program, case, Some((failure.digest, &failure.finding))));
    let outcome = outcome.expect("the case ran a moment ago");
    let tail = outcome.history.map(|history| history.tail(TAIL)).unwrap_or_default();
    (outcome.finding.unwrap_or_else(|| failure.finding.clone()), tail)
}
