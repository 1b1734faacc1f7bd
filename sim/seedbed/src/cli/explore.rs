//! `explore`: every cancellation, or every loss of power, in one scenario, each in a run of its own.

use super::{
    app::{App, Verdict},
    arguments::{CancelArguments, CrashArguments, Explored, Exploring},
    errand::Errands,
    interrupt,
    output::{self, say},
    problem::Problem,
    process::Recipe,
    progress::Progress,
    protocol::{Answer, Order},
    results::replace,
    selection,
    shrinker::Shrinker,
    summary::counted,
    team,
};
use crate::{
    case::Case,
    explore::{Discovery, Exploration, Mode, Survey, bases, trials},
    shrink::{self, Budget, Shrunk},
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// What is to be done.
struct Plan<'a> {
    mode: Mode,
    exploring: &'a Exploring,
    bases: u64,
    samples: u64,
}

impl<'a> Plan<'a> {
    fn of(explored: &'a Explored) -> Self {
        match explored {
            Explored::Cancel(CancelArguments { exploring, bases, samples }) => {
                Self { mode: Mode::Cancel, exploring, bases: *bases, samples: *samples }
            }
            // Around the calm run: in another the power fails by itself.
            Explored::Crash(CrashArguments { exploring }) => {
                Self { mode: Mode::Crash, exploring, bases: 1, samples: 0 }
            }
        }
    }

    fn nothing(&self) -> Problem {
        let scenario = self.exploring.scenario.clone();
        match self.mode {
            Mode::Cancel => Problem::NothingToCancel(scenario),
            Mode::Crash => Problem::NothingToCrash(scenario),
        }
    }
}

pub(super) fn run(app: &App<'_>, explored: &Explored) -> Result<Verdict, Problem> {
    let plan = Plan::of(explored);
    let exploring = plan.exploring;
    let template = selection::one_template(app, &exploring.scenario, &exploring.variation)?;
    interrupt::ends_process()?;
    let out = Out::create(&exploring.out)?;
    let started = Instant::now();
    let errands = |_| Errands::new(Recipe::same(exploring.limits.memory)?, exploring.limits, true);
    let mut team = (0..exploring.jobs.count()).map(errands).collect::<Result<Vec<_>, _>>()?;
    let mut survey = Survey::default();
    for base in bases(&template, plan.bases) {
        survey.join(surveyed(&mut team[0], &base, plan.mode)?);
    }
    if survey.points.is_empty() && survey.findings.is_empty() {
        return Err(plan.nothing());
    }
    let mut exploration = Exploration::new(survey);
    try_all(&mut exploration, &mut team, &plan, started)?;
    let shrunk = shrunk(app, &exploration, exploring)?;
    let files = keep(&exploration.discoveries, &shrunk, &out, plan.mode.name())?;
    let told = Told {
        app,
        plan: &plan,
        exploration: &exploration,
        shrunk: &shrunk,
        files: &files,
        elapsed: started.elapsed(),
    };
    if exploring.json {
        told.print_document()
    } else {
        told.print()
    }
    Ok(if exploration.discoveries.is_empty() && exploration.is_complete() { Verdict::Clean } else { Verdict::Findings })
}

fn surveyed(errands: &mut Errands, base: &Case, mode: Mode) -> Result<Survey, Problem> {
    match errands.ask(&Order::Survey { case: base.clone(), mode })? {
        Ok(Answer::Surveyed(survey)) => Ok(*survey),
        Ok(other) => unreachable!("a worker that was told to survey answered {other:?}"),
        Err(finding) => Ok(Survey::broken(base.clone(), finding)),
    }
}

fn try_all(
    exploration: &mut Exploration,
    team: &mut [Errands],
    plan: &Plan<'_>,
    started: Instant,
) -> Result<(), Problem> {
    let trials: Vec<_> = trials(exploration.survey(), plan.samples).collect();
    let progress = Progress::start(trials.len() as u64, None);
    let time = plan.exploring.time.map_or(Duration::MAX, |time| time.0);
    team::probe(
        team,
        &trials,
        || started.elapsed() <= time,
        |trial, probe| {
            exploration.add(trial, probe);
            progress.show(exploration.runs, exploration.discoveries.len(), started.elapsed());
        },
    )?;
    progress.end();
    Ok(())
}

/// Smaller cases of the discoveries, with their stories, where there are any.
fn shrunk(app: &App<'_>, exploration: &Exploration, exploring: &Exploring) -> Result<Vec<Option<Shrunk>>, Problem> {
    let params = app.scenario(&exploring.scenario).map_or(&[][..], |scenario| scenario.params);
    let mut shrinker = Shrinker::new(exploring.limits)?;
    let mut shrink = |found: &Discovery| Ok(shrink::shrink(&mut shrinker, &found.case, params, Budget::BRIEF)?.ok());
    exploration.discoveries.iter().map(&mut shrink).collect()
}

/// Where case files go. Made before the work, which would be lost if it could not be made after.
struct Out<'a>(&'a Path);

impl<'a> Out<'a> {
    fn create(directory: &'a Path) -> Result<Self, Problem> {
        let refused = |error| Problem::File { path: directory.to_owned(), error };
        fs::create_dir_all(directory).map_err(refused)?;
        let probe = directory.join(".part");
        fs::write(&probe, "").and_then(|()| fs::remove_file(&probe)).map_err(refused)?;
        Ok(Self(directory))
    }
}

impl Drop for Out<'_> {
    fn drop(&mut self) {
        // One that holds anything stays.
        let _ = fs::remove_dir(self.0);
    }
}

/// A case file for each discovery: it has no seed that could stand for it.
fn keep(
    discoveries: &[Discovery],
    shrunk: &[Option<Shrunk>],
    out: &Out<'_>,
    mode: &str,
) -> Result<Vec<PathBuf>, Problem> {
    let write = |(nth, (found, shrunk)): (usize, (&Discovery, &Option<Shrunk>))| {
        let case = shrunk.as_ref().map_or(&found.case, |shrunk| &shrunk.case);
        let path = out.0.join(format!("{}-{mode}-{}.toml", case.scenario, nth + 1));
        replace(&path, &case.to_toml())?;
        Ok(path)
    };
    discoveries.iter().zip(shrunk).enumerate().map(write).collect()
}

/// An exploration that is over, to be told.
struct Told<'a> {
    app: &'a App<'a>,
    plan: &'a Plan<'a>,
    exploration: &'a Exploration,
    shrunk: &'a [Option<Shrunk>],
    files: &'a [PathBuf],
    elapsed: Duration,
}

impl Told<'_> {
    fn replay(&self, file: &Path) -> String {
        format!("{} replay {}", self.app.command_name(), file.display())
    }

    fn print(&self) {
        let Self { exploration, shrunk, files, elapsed, plan, .. } = self;
        output::text(format_args!("{exploration}"));
        for ((found, shrunk), file) in exploration.discoveries.iter().zip(*shrunk).zip(*files) {
            say!("\nFAILED {}: {}", found.case.scenario, found.finding);
            say!("  in {} of {} runs", found.runs, exploration.runs);
            found.deeds.iter().for_each(|deed| say!("  after: {deed}"));
            if let Some(shrunk) = shrunk {
                say!("  {}:", shrunk.summary());
                shrunk.story.iter().for_each(|sentence| say!("    {sentence}"));
            }
            say!("  replay: {}", self.replay(file));
        }
        let (samples, whole) = exploration.samples();
        let gaps: Vec<_> = exploration.gaps().iter().map(|(what, count)| format!("{what}: {count}")).collect();
        let completeness =
            if gaps.is_empty() { "complete".to_owned() } else { format!("NOT COMPLETE ({})", gaps.join("; ")) };
        let beyond = match (plan.mode, exploration.survey().sampled) {
            (Mode::Cancel, _) => format!("{} with two parts ({whole} with both)", counted(samples, "sample")),
            (Mode::Crash, 0) => "every state at every call".to_owned(),
            (Mode::Crash, calls) => format!("a sample of the states at {}", counted(calls, "call")),
        };
        say!(
            "\n{}: {} around {}, {beyond}, {} in all, {completeness}, {}, {:.1} s",
            plan.exploring.scenario,
            counted(exploration.points() as u64, "point"),
            counted(exploration.survey().bases_run() as u64, "base run"),
            counted(exploration.runs, "run"),
            counted(exploration.discoveries.len() as u64, "finding"),
            elapsed.as_secs_f64()
        );
    }

    fn print_document(&self) {
        let finding = |((found, shrunk), file): ((&Discovery, &Option<Shrunk>), &PathBuf)| {
            json!({
                "story": shrunk.as_ref().map(|shrunk| &shrunk.story),
                "scenario": found.case.scenario,
                "seed": found.case.seed,
                "kind": found.finding.kind,
                "signature": found.finding.signature,
                "message": found.finding.message,
                "after": found.deeds,
                "runs": found.runs,
                "replay": self.replay(file),
                "case": file,
            })
        };
        let exploration = self.exploration;
        let document = json!({
            "scenario": self.plan.exploring.scenario,
            "mode": self.plan.mode.name(),
            "sampled_calls": exploration.survey().sampled,
            "points": exploration.points(),
            "runs": exploration.runs,
            "samples": exploration.samples().0,
            "samples_whole": exploration.samples().1,
            "complete": exploration.is_complete(),
            "gaps": exploration.gaps().into_iter().collect::<BTreeMap<_, _>>(),
            "never_reached": exploration.survey().reach.missed(),
            "untouched_files": exploration.survey().reach.untouched(),
            "places": exploration.places(),
            "findings": exploration.discoveries.iter().zip(self.shrunk).zip(self.files).map(finding).collect::<Vec<_>>(),
            "elapsed_s": self.elapsed.as_secs_f64(),
        });
        say!("{document:#}");
    }
}
