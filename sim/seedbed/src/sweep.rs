//! A sweep inside a test: one body over many seeds, each run on a thread of its own.
#![expect(clippy::disallowed_methods, reason = "a test's environment steers its seeds")]

use crate::{
    case::{Case, Seed},
    check,
    finding::Finding,
    history::Keep,
    replay,
    run::{self, Program},
    scenario::{Scenario, ScenarioFuture},
    shrink::{Budget, InProcess, Shrunk, shrink},
    thread,
    watchdog::Watchdog,
    world::World,
};
use std::{
    collections::BTreeMap,
    env, fmt,
    future::Future,
    ops::Range,
    time::{Duration, Instant},
};

/// How many events of a failing run a test prints.
pub(crate) const TAIL: usize = 30;
/// Real time for smaller cases of all that a test found.
pub(crate) const SHRINK_TIME: Duration = Duration::from_secs(2);

/// Runs `body` once for each seed. `SEEDBED_SEEDS=n` changes how many seeds, `SEEDBED_SEED=0x2f` runs
/// one alone, `SEEDBED_CASE=path` a case file.
///
/// # Panics
/// If one of these variables makes no sense: a test must not go on with a seed that nobody asked for.
pub fn sweep<F, Fut>(name: &str, seeds: Range<u64>, body: F) -> Report
where
    F: Fn(World) -> Fut + Sync,
    Fut: Future<Output = check::Result> + 'static,
{
    let body = |world: World| -> ScenarioFuture { Box::pin(body(world)) };
    run_cases(name, cases(name, seeds), &Program { body: &body, checks: &Vec::new })
}

/// Runs `body` once without a seed: every decision takes its default, tasks run first ready, first run, those
/// that one poll makes ready in the order of their spawning, and timers fire at their nanosecond.
pub fn run_calm<F, Fut>(name: &str, body: F) -> Report
where
    F: Fn(World) -> Fut + Sync,
    Fut: Future<Output = check::Result> + 'static,
{
    run_case(&Case { seed: None, ..Case::of_seed(name, 0) }, body)
}

/// Runs `body` once, as `case` says.
///
/// # Panics
/// If the case names a strategy or a decision that cannot be.
pub fn run_case<F, Fut>(case: &Case, body: F) -> Report
where
    F: Fn(World) -> Fut + Sync,
    Fut: Future<Output = check::Result> + 'static,
{
    let body = |world: World| -> ScenarioFuture { Box::pin(body(world)) };
    run_cases(&case.scenario, vec![case.clone()], &Program { body: &body, checks: &Vec::new })
}

impl Scenario {
    /// Runs the scenario once for each seed, parameters at their defaults; steered as [`sweep`].
    ///
    /// # Panics
    /// As [`sweep`].
    pub fn sweep(&self, seeds: Range<u64>) -> Report {
        let cases = cases(self.name, seeds);
        // All cases of a sweep have one set of parameters: the defaults, or those of SEEDBED_CASE.
        let case = cases.first().cloned().unwrap_or_else(|| Case::of_seed(self.name, 0));
        Program::of_scenario(self, &case, |program| run_cases(self.name, cases, program))
            .unwrap_or_else(|error| panic!("SEEDBED_CASE: {error}"))
    }
}

fn run_cases(name: &str, cases: Vec<Case>, program: &Program<'_>) -> Report {
    let mut report = Report::new(name);
    let watchdog = Watchdog::start(name, replay::test_command);
    for case in cases {
        watchdog.run_starts(case.seed);
        let run = thread::fresh(|| run::run(program, &case, Keep::Nothing, None));
        let outcome = run
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            .unwrap_or_else(|error| panic!("case of `{name}`: {error}"));
        report.runs += 1;
        for mark in outcome.marks {
            *report.marks.entry(mark.to_owned()).or_default() += 1;
        }
        for (what, count) in outcome.counts {
            let sum = report.counts.entry(what.to_owned()).or_default();
            *sum = sum.saturating_add(count);
        }
        if let Some(finding) = outcome.finding {
            report.add(program, &case, finding, outcome.digest);
        }
    }
    if !is_one_case_asked_for() {
        report.shrink(program, &watchdog);
    }
    report
}

/// Whether the environment names one seed or case to run alone.
pub(crate) fn is_one_case_asked_for() -> bool {
    ["SEEDBED_CASE", "SEEDBED_SEED"].iter().any(|name| env::var_os(name).is_some())
}

/// The case of what runs once: seed 0, or what the environment asks for.
pub(crate) fn only_case(name: &str) -> Case {
    cases(name, 0..1).into_iter().next().unwrap_or_else(|| Case::of_seed(name, 0))
}

fn cases(name: &str, seeds: Range<u64>) -> Vec<Case> {
    if let Ok(path) = env::var("SEEDBED_CASE") {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("SEEDBED_CASE={path}: {error}"));
        let case = Case::from_toml(&text).unwrap_or_else(|error| panic!("SEEDBED_CASE={path}: {error}"));
        assert!(case.scenario == name, "SEEDBED_CASE={path} is a case of `{}`, and this is `{name}`", case.scenario);
        return vec![case];
    }
    if let Ok(text) = env::var("SEEDBED_SEED") {
        let seed: Seed = text.parse().unwrap_or_else(|error| panic!("SEEDBED_SEED: {error}"));
        return vec![Case::of_seed(name, seed.0)];
    }
    let seeds = match env::var("SEEDBED_SEEDS") {
        Ok(text) => {
            let count: u64 = text.parse().unwrap_or_else(|_| panic!("SEEDBED_SEEDS: `{text}` is not a number"));
            seeds.start..seeds.start.saturating_add(count)
        }
        Err(_) => seeds,
    };
    seeds.map(|seed| Case::of_seed(name, seed)).collect()
}

/// What a sweep came to.
#[must_use = "a report may hold findings: call `assert_clean`"]
#[derive(Clone, Debug)]
pub struct Report {
    /// What was swept.
    pub scenario: String,
    /// How many runs there were.
    pub runs: u64,
    /// One per signature, the first of each.
    pub findings: Vec<Found>,
    /// How many runs reached each mark.
    pub marks: BTreeMap<String, u64>,
    /// What all runs counted with [`count`](crate::count).
    pub counts: BTreeMap<String, u64>,
}

/// A finding, the first run that had it, and how to see it again.
#[derive(Clone, Debug)]
pub struct Found {
    /// The seed of that run.
    pub seed: u64,
    /// The case of that run.
    pub case: Case,
    /// How many runs had a finding of this signature.
    pub runs: u64,
    /// The finding.
    pub finding: Finding,
    /// The last events of that run.
    pub tail: String,
    /// The command that replays it.
    pub replay: String,
    /// The smallest case of it that was found within two seconds for all findings of the sweep.
    pub shrunk: Option<Shrunk>,
    /// The command that replays that case, from a file beside the test's binary.
    pub replay_shrunk: Option<String>,
}

impl Report {
    fn new(scenario: &str) -> Self {
        Self {
            scenario: scenario.to_owned(),
            runs: 0,
            findings: Vec::new(),
            marks: BTreeMap::new(),
            counts: BTreeMap::new(),
        }
    }

    fn add(&mut self, program: &Program<'_>, case: &Case, first: Finding, digest: crate::history::Digest) {
        // Before the second look a stall's signature lacks what it waits for; others are final.
        if let Some(known) = self.findings.iter_mut().find(|found| found.finding.signature == first.signature) {
            known.runs += 1;
            return;
        }
        let explained = run::explain(program, case, Some((digest, &first))).expect("the case ran a moment ago");
        let finding = explained.finding.unwrap_or(first);
        if let Some(known) = self.findings.iter_mut().find(|found| found.finding.signature == finding.signature) {
            known.runs += 1;
            return;
        }
        let tail = explained.history.map(|history| history.tail(TAIL)).unwrap_or_default();
        let seed = case.seed.map(|seed| seed.0);
        self.findings.push(Found {
            seed: seed.unwrap_or(0),
            case: case.clone(),
            runs: 1,
            finding,
            tail,
            replay: replay::test_command(seed),
            shrunk: None,
            replay_shrunk: None,
        });
    }

    /// Looks for smaller cases. Runs happen in this process: one that a case ends has said the seed before.
    fn shrink(&mut self, program: &Program<'_>, watchdog: &Watchdog) {
        let started = Instant::now();
        let scenario = self.scenario.clone();
        for found in &mut self.findings {
            let time = SHRINK_TIME.saturating_sub(started.elapsed());
            eprintln!("{scenario} failed; looking for a smaller case than that of: {}", found.replay);
            watchdog.run_starts(found.case.seed);
            let budget = Budget { time, ..Budget::BRIEF };
            let shrunk = shrink(&mut InProcess::Program(program), &found.case, &[], budget);
            if let Ok(Ok(shrunk)) = shrunk {
                found.replay_shrunk = Some(replay::case_command(&shrunk.case));
                found.shrunk = Some(shrunk);
            }
        }
    }

    /// The seed of the first run that found something.
    #[must_use]
    pub fn first_seed(&self) -> Option<u64> {
        self.findings.iter().map(|found| found.seed).min()
    }

    /// Fails the test if anything was found, and prints each finding, its last events and its replay.
    ///
    /// # Panics
    /// If there are findings, or if there was no run that could have found anything.
    pub fn assert_clean(&self) {
        assert!(self.runs > 0, "{}: no run, so nothing was tested", self.scenario);
        assert!(self.findings.is_empty(), "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, runs, findings, .. } = self;
        let noun = if findings.len() == 1 { "finding" } else { "findings" };
        writeln!(f, "{scenario}: {runs} runs, {} {noun}", findings.len())?;
        for found in findings {
            writeln!(f, "\nlast events of seed {}:\n{}", Seed(found.seed), found.tail)?;
            writeln!(f, "FAILED {} ({} of {runs} runs)", found.finding, found.runs)?;
            writeln!(f, "replay: {}", found.replay)?;
            if let (Some(shrunk), Some(replay)) = (&found.shrunk, &found.replay_shrunk) {
                writeln!(f, "{}:", shrunk.summary())?;
                shrunk.story.iter().try_for_each(|sentence| writeln!(f, "  {sentence}"))?;
                writeln!(f, "replay of these: {replay}")?;
            }
        }
        Ok(())
    }
}
