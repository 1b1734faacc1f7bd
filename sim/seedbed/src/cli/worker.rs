//! A worker process: takes orders on stdin, announces each case before it runs it, answers on stdout.
//! Ends when its stdin does, also in the middle of a case that never returns.

use super::{
    announcement::Announcer,
    app::{App, Verdict},
    page, perfetto,
    problem::Problem,
    processor::processor_time,
    protocol::{Answer, Order, Replayed, Setup, ThreadUse, Views},
    seeds::Span,
    tally::{Found, Tally},
};
use crate::{
    case::{Case, CaseError, Seed},
    explore,
    history::{History, Keep},
    run::{self, Outcome, Program, Threads},
    shrink, thread,
};
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::de::DeserializeOwned;
use std::{
    fs::{self, File},
    io::{self, BufRead as _, Write as _},
    path::PathBuf,
    process,
    sync::{
        Arc, OnceLock,
        mpsc::{self, Receiver},
    },
    time::{Duration, Instant},
};

pub(super) fn run(app: &App<'_>) -> Result<Verdict, Problem> {
    let mut answers = take_stdout().map_err(|error| Problem::System { what: "a worker's stdout", error })?;
    let place = Arc::new(OnceLock::new());
    let lines = read_lines(place.clone());
    let Some(setup) = lines.recv().ok().map(|line| parsed::<Setup>(&line)) else { return Ok(Verdict::Clean) };
    let _ = place.set(setup.announcement.clone());
    limit_resources(setup.memory_mib).map_err(|error| Problem::System { what: "a worker's limits", error })?;
    let announcer = Announcer::open(&setup.announcement);
    let mut announcer = announcer.map_err(|error| Problem::File { path: setup.announcement, error })?;
    // On a thread whose stack is as large as that of a fresh one: reused or not, a case overflows it alike.
    thread::fresh(move || serve(app, &mut announcer, &lines, &mut answers))
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    Ok(Verdict::Clean)
}

/// What a service prints must not look like an answer: stdout becomes a second stderr.
fn take_stdout() -> io::Result<File> {
    let stdout = rustix::io::dup(io::stdout())?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(File::from(stdout))
}

/// Reads ahead on a thread of its own, so that the end of stdin is seen at any time.
/// A parent that was killed left the announcement behind.
fn read_lines(announcement: Arc<OnceLock<PathBuf>>) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
        if let Some(path) = announcement.get() {
            let _ = fs::remove_file(path);
            let _ = path.parent().map(fs::remove_dir);
        }
        process::exit(0);
    });
    receiver
}

fn limit_resources(memory_mib: u64) -> io::Result<()> {
    let limit = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    setrlimit(Resource::As, limit(memory_mib << 20))?;
    // A dead case is reported by its seed; an image of its memory would only take time and disk.
    setrlimit(Resource::Core, limit(0))?;
    Ok(())
}

fn parsed<T: DeserializeOwned>(line: &str) -> T {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("a parent of this very program said `{line}`: {error}"))
}

fn serve(
    app: &App<'_>,
    announcer: &mut Announcer,
    lines: &Receiver<String>,
    answers: &mut File,
) -> Result<(), Problem> {
    while let Ok(line) = lines.recv() {
        let answer = obey(app, announcer, parsed(&line))?;
        announcer.rest();
        let mut text = serde_json::to_string(&answer).expect("answers are plain data");
        text.push('\n');
        // If the parent is gone, so will be this process, by the end of its stdin.
        let _ = answers.write_all(text.as_bytes());
    }
    Ok(())
}

fn obey(app: &App<'_>, announcer: &mut Announcer, order: Order) -> Result<Answer, CaseError> {
    match order {
        Order::Sweep { template, span, threads } => {
            with_program(app, &template, |program| sweep(program, announcer, &template, span, &on(threads)))
                .map(Answer::Swept)
        }
        Order::Digest { case, threads, kept } => {
            let keep = if kept { Keep::All } else { Keep::Nothing };
            Ok(Answer::Digest(run_one(app, announcer, &case, threads, keep)?.digest))
        }
        Order::Lines { case, threads } => {
            let outcome = run_one(app, announcer, &case, threads, Keep::All)?;
            let lines = history(&outcome).lines().map(|line| line.to_string()).collect();
            Ok(Answer::Lines { digest: outcome.digest, lines })
        }
        Order::Replay { case, views } => {
            announcer.run_starts(seed_of(&case));
            let outcome = with_program(app, &case, |program| run::explain(program, &case, None))?;
            Ok(Answer::Replayed(Box::new(replayed(&case, outcome, views))))
        }
        Order::Judge { case, signature } => {
            announcer.run_starts(seed_of(&case));
            with_program(app, &case, |program| shrink::judge(program, &case, &signature)).map(Answer::Judged)
        }
        Order::Look { case } => {
            announcer.run_starts(seed_of(&case));
            let look = with_program(app, &case, |program| shrink::look(program, &case))?;
            Ok(Answer::Seen(Box::new(look)))
        }
        Order::Survey { case, mode } => {
            announcer.run_starts(seed_of(&case));
            let survey = with_program(app, &case, |program| mode.survey(program, &case))?;
            Ok(Answer::Surveyed(Box::new(survey)))
        }
        Order::Probe { case } => {
            announcer.run_starts(seed_of(&case));
            let probe = with_program(app, &case, |program| explore::probe(program, &case))?;
            Ok(Answer::Probed(Box::new(probe)))
        }
        Order::Query { case } => {
            let outcome = run_one(app, announcer, &case, ThreadUse::Fresh, Keep::All)?;
            let query = app.query.expect("the parent, the same program, refuses where there is no query");
            Ok(Answer::Answers(query(history(&outcome))))
        }
    }
}

fn with_program<R>(
    app: &App<'_>,
    case: &Case,
    use_it: impl FnOnce(&Program<'_>) -> Result<R, CaseError>,
) -> Result<R, CaseError> {
    let known = || app.scenarios.iter().map(|scenario| scenario.name.to_owned()).collect();
    let scenario = app
        .scenario(&case.scenario)
        .ok_or_else(|| CaseError::Scenario { name: case.scenario.clone(), known: known() })?;
    Program::of_scenario(scenario, case, use_it)?
}

fn sweep(
    program: &Program<'_>,
    announcer: &mut Announcer,
    template: &Case,
    span: Span,
    threads: &Threads,
) -> Result<Tally, CaseError> {
    let (mut case, mut tally) = (template.clone(), Tally::default());
    let (started, mut used) = (Instant::now(), processor_time());
    for seed in span.seeds() {
        case.seed = Some(Seed(seed));
        announcer.run_starts(seed);
        let mut outcome = threads.run(program, &case, Keep::Nothing)?;
        tally.add_run(seed, &outcome);
        let Some(first) = outcome.finding.take() else { continue };
        if !tally.count_known(seed, &first) {
            // Once more: the second look has the whole real-time limit for itself.
            announcer.run_starts(seed);
            let before = processor_time();
            let finding = run::explain(program, &case, Some((outcome.digest, &first)))?.finding.unwrap_or(first);
            tally.add_found(Found { seed, runs: 1, finding });
            used += processor_time().saturating_sub(before);
        }
    }
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    tally.busy_us = micros(started.elapsed());
    tally.processor_us = micros(processor_time().saturating_sub(used));
    Ok(tally)
}

fn run_one(
    app: &App<'_>,
    announcer: &mut Announcer,
    case: &Case,
    threads: ThreadUse,
    keep: Keep,
) -> Result<Outcome, CaseError> {
    announcer.run_starts(seed_of(case));
    with_program(app, case, |program| on(threads).run(program, case, keep))
}

fn on(threads: ThreadUse) -> Threads {
    match threads {
        ThreadUse::Fresh => Threads::Fresh,
        ThreadUse::Reused => Threads::reused(),
    }
}

fn seed_of(case: &Case) -> u64 {
    case.seed.map_or(0, |seed| seed.0)
}

fn history(outcome: &Outcome) -> &History {
    outcome.history.as_ref().expect("the run kept its history")
}

fn replayed(case: &Case, outcome: Outcome, views: Views) -> Replayed {
    let history = history(&outcome);
    let shown = history.lines().filter(|line| views.all || line.is_story());
    Replayed {
        lines: shown.map(|line| line.to_string()).collect(),
        html: views.html.then(|| page::of(case, &outcome, history)),
        perfetto: views.perfetto.then(|| perfetto::trace(history)),
        every_event: views.events.then(|| history.tail(usize::MAX)),
        digest: outcome.digest,
        strategy: outcome.strategy.to_string(),
        virtual_ns: u64::try_from(outcome.virtual_time.as_nanos()).unwrap_or(u64::MAX),
        polls: outcome.polls,
        tasks: outcome.tasks,
        events: outcome.events,
        marks: outcome.marks.iter().map(|&mark| mark.to_owned()).collect(),
        injections: outcome.injections.iter().map(|&(family, count)| (family.to_owned(), count)).collect(),
        counts: outcome.counts.iter().map(|&(what, count)| (what.to_owned(), count)).collect(),
        unmatched: outcome.unmatched,
        finding: outcome.finding,
    }
}
