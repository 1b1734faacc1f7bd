//! `cancel = everywhere`: exploring inside a test.

use super::{
    exploration::{Exploration, Probe},
    mode::Mode,
    survey::Survey,
    trial,
};
use crate::{
    case::{Case, CaseError, Seed},
    finding::Finding,
    history::Keep,
    replay,
    run::{self, Program},
    scenario::Scenario,
    shrink::{Budget, InProcess, shrink},
    strategy::CANCEL_ODDS,
    sweep::{SHRINK_TIME, TAIL, is_one_case_asked_for},
    thread,
    watchdog::Watchdog,
};

impl Scenario {
    /// Tries every cancellation of every task that the scenario declares cancellable, each in a run of its
    /// own: around the calm run and those of four seeds. Parameters at their defaults but for these. If the
    /// environment asks for one case, as a replay does, that is run alone.
    ///
    /// # Panics
    /// If anything is found; if nothing was declared cancellable, as then nothing was tested; if the
    /// scenario has no such parameter.
    pub fn cancel_everywhere(&self, params: &[(&str, u64)]) {
        self.try_everywhere(Mode::Cancel, params);
    }

    /// Lets the power fail before every call to the file system of every machine that may lose it, with every state that
    /// this may leave on the disk (of more than 4,096 at one call a sample of so many), each in a run of its own: around
    /// the calm run. Parameters at their defaults but for these. If the environment asks for one case, as a replay does,
    /// that is run alone.
    ///
    /// # Panics
    /// If anything is found; if no machine that may lose its power made a call, as then nothing was tested; if the
    /// scenario has no such parameter.
    pub fn crash_everywhere(&self, params: &[(&str, u64)]) {
        self.try_everywhere(Mode::Crash, params);
    }

    fn try_everywhere(&self, mode: Mode, params: &[(&str, u64)]) {
        let mut case = Case::of_seed(self.name, 0);
        case.params.extend(params.iter().map(|(name, value)| ((*name).to_owned(), *value)));
        if is_one_case_asked_for() {
            return self.sweep(0..1).assert_clean();
        }
        Program::of_scenario(self, &case, |program| everywhere(mode, program, &case))
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
    }
}

/// How far an exploration went.
#[derive(Clone, Debug)]
pub struct Explored {
    /// Runs, the last of which found it.
    pub runs: u64,
    /// What was found first, and the case of it.
    pub found: Option<(Finding, Case)>,
}

impl Scenario {
    /// Explores cancellation up to the first finding that `is_wanted`, or so many runs: around the calm run and those of four
    /// seeds from `first_seed` on, first every point alone, then samples of two. Parameters at their defaults.
    ///
    /// # Errors
    /// None but for a scenario whose defaults are out of their bounds.
    pub fn explore_cancel(
        &self,
        first_seed: u64,
        runs_max: u64,
        is_wanted: impl Fn(&Finding) -> bool,
    ) -> Result<Explored, CaseError> {
        let template = Case::of_seed(self.name, first_seed);
        Program::of_scenario(self, &template, |program| {
            let mut survey = Survey::default();
            for base in bases(&template, Mode::Cancel.bases()) {
                survey.join(Mode::Cancel.survey(program, &base)?);
            }
            let mut runs = survey.runs;
            if let Some((case, finding)) = survey.findings.drain(..).find(|(_, finding)| is_wanted(finding)) {
                return Ok(Explored { runs, found: Some((finding, case)) });
            }
            for trial in trial::trials(&survey, runs_max) {
                if runs >= runs_max {
                    break;
                }
                runs += 1;
                if let Some(finding) = probe(program, &trial.case)?.finding.filter(&is_wanted) {
                    return Ok(Explored { runs, found: Some((finding, trial.case)) });
                }
            }
            Ok(Explored { runs, found: None })
        })?
    }
}

/// Tries it everywhere in a test.
///
/// # Panics
/// If anything is found, or if there was nothing to try: then nothing was tested.
pub(crate) fn everywhere(mode: Mode, program: &Program<'_>, template: &Case) {
    let name = &template.scenario;
    let watchdog = Watchdog::start(&template.scenario, replay::test_command);
    let exploration = explored(mode, program, template, &watchdog).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(exploration.points() > 0 || !exploration.discoveries.is_empty(), "{name}: {}", mode.needs());
    assert!(exploration.discoveries.is_empty(), "{}", report(program, name, &exploration, &watchdog));
    println!("{name}: {} points, {} runs", exploration.points(), exploration.runs);
    assert!(exploration.is_complete(), "{name}: not complete: {:?}\n{exploration}", exploration.gaps());
}

fn explored(mode: Mode, program: &Program<'_>, template: &Case, watchdog: &Watchdog) -> Result<Exploration, CaseError> {
    let mut survey = Survey::default();
    for base in bases(template, mode.bases()) {
        watchdog.case_starts(&base);
        survey.join(mode.survey(program, &base)?);
    }
    let mut exploration = Exploration::new(survey);
    let trials: Vec<_> = trial::trials(exploration.survey(), mode.samples()).collect();
    for trial in &trials {
        watchdog.case_starts(&trial.case);
        exploration.add(trial, probe(program, &trial.case)?);
    }
    Ok(exploration)
}

/// The cases that an exploration is made around: the calm one, and those of the seeds from the template's on,
/// in which the schedule cancels nobody by itself.
pub(crate) fn bases(template: &Case, count: u64) -> impl Iterator<Item = Case> {
    let calm = Case { seed: None, strategy: None, ..template.clone() };
    let mut drawn = template.clone();
    drawn.decisions.insert(format!("{} / main / 0", CANCEL_ODDS.name()), 0);
    let first = template.seed.map_or(0, |seed| seed.0);
    std::iter::once(calm).chain((1..count).map(move |nth| Case { seed: Some(Seed(first + nth - 1)), ..drawn.clone() }))
}

/// One trial in this process.
pub(crate) fn probe(program: &Program<'_>, case: &Case) -> Result<Probe, CaseError> {
    let outcome = thread::fresh(|| run::run(program, case, Keep::Nothing, None))
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let finding = match outcome.finding {
        Some(first) => Some(run::explain(program, case, Some((outcome.digest, &first)))?.finding.unwrap_or(first)),
        None => None,
    };
    Ok(Probe { finding, unmatched: outcome.unmatched })
}

fn report(program: &Program<'_>, name: &str, exploration: &Exploration, watchdog: &Watchdog) -> String {
    use std::fmt::Write as _;
    let mut text = format!("{name}: {} points, {} runs\n", exploration.points(), exploration.runs);
    for found in &exploration.discoveries {
        watchdog.case_starts(&found.case);
        let explained = run::explain(program, &found.case, None).ok().and_then(|outcome| outcome.history);
        let tail = explained.map(|history| history.tail(TAIL)).unwrap_or_default();
        let _ = writeln!(text, "\nlast events:\n{tail}");
        let _ = writeln!(text, "FAILED {}", found.finding);
        for deed in &found.deeds {
            let _ = writeln!(text, "  after: {deed}");
        }
        let _ = writeln!(text, "  in {} of {} runs", found.runs, exploration.runs);
        let _ = writeln!(text, "replay: {}", replay::case_command(&found.case));
        let budget = Budget { time: SHRINK_TIME, ..Budget::BRIEF };
        if let Ok(Ok(shrunk)) = shrink(&mut InProcess::Program(program), &found.case, &[], budget) {
            let _ = writeln!(text, "{}:\n  {}", shrunk.summary(), shrunk.story.join("\n  "));
            let _ = writeln!(text, "replay of these: {}", replay::case_command(&shrunk.case));
        }
    }
    text
}
