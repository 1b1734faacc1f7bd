//! `cancel = everywhere`: exploring inside a test.

use super::{
    exploration::{Exploration, Probe},
    survey, trial,
};
use crate::{
    case::{Case, CaseError},
    history::Keep,
    replay,
    run::{self, Program},
    sweep::TAIL,
    thread,
    watchdog::Watchdog,
};

/// Runs of a test that are not one point alone.
const SAMPLES: u64 = 256;

/// Tries every cancellation in a test.
///
/// # Panics
/// If anything is found, or if there was nothing to cancel: then nothing was tested.
pub(crate) fn everywhere(name: &str, program: &Program<'_>) {
    let base = Case { seed: None, ..Case::of_seed(name, 0) };
    let mut exploration = explored(program, &base).expect("a case without seed, parameters or decisions fits");
    assert!(
        exploration.points() > 0 || !exploration.discoveries.is_empty(),
        "{name}: `cancel = everywhere`, and nothing was declared cancellable: call `world.may_cancel`"
    );
    assert!(exploration.discoveries.is_empty(), "{}", report(name, program, &mut exploration));
    println!("{name}: {} points of cancellation, {} runs", exploration.points(), exploration.runs);
    assert!(exploration.is_complete(), "{name}: a point of the base run was not met again:\n{exploration}");
}

fn explored(program: &Program<'_>, base: &Case) -> Result<Exploration, CaseError> {
    let watchdog = Watchdog::start(&base.scenario, replay::test_command);
    watchdog.case_starts(base);
    let mut exploration = Exploration::new(survey::survey(program, base)?);
    if exploration.survey().finding.is_some() {
        return Ok(exploration);
    }
    let trials: Vec<_> = trial::trials(exploration.survey(), SAMPLES).collect();
    for trial in &trials {
        watchdog.case_starts(&trial.case);
        exploration.add(trial, probe(program, &trial.case)?);
    }
    Ok(exploration)
}

/// One trial in this process.
pub(crate) fn probe(program: &Program<'_>, case: &Case) -> Result<Probe, CaseError> {
    let outcome = thread::fresh(|| run::run(program, case, Keep::Nothing, None))
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let finding = match outcome.finding {
        Some(first) => Some(run::explain(program, case, Some(outcome.digest))?.finding.unwrap_or(first)),
        None => None,
    };
    Ok(Probe { finding, was_injected: !outcome.injections.is_empty() })
}

fn report(name: &str, program: &Program<'_>, exploration: &mut Exploration) -> String {
    use std::fmt::Write as _;
    let mut text = format!("{name}: {} points, {} runs\n", exploration.points(), exploration.runs);
    for found in &exploration.discoveries {
        let explained = run::explain(program, &found.case, None).ok().and_then(|outcome| outcome.history);
        let tail = explained.map(|history| history.tail(TAIL)).unwrap_or_default();
        let _ = writeln!(text, "\nlast events:\n{tail}");
        let _ = writeln!(text, "FAILED {}\n  in {} of {} runs", found.finding, found.runs, exploration.runs);
        for deed in &found.deeds {
            let _ = writeln!(text, "  after: {deed}");
        }
        let _ = writeln!(text, "replay: {}", replay::case_command(&found.case));
    }
    text
}
