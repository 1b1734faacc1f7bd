//! `replay`: one case again, in a worker process, and everything that can be told of it.

use super::{
    app::{App, Verdict},
    arguments::{Limits, ReplayArguments, Which},
    errand::Errands,
    interrupt,
    output::say,
    problem::Problem,
    process::Recipe,
    protocol::{Answer, Order, Replayed, Views},
    results::{replay_command, replay_file},
    selection,
};
use crate::{case::Case, finding::Finding};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// A timeline longer than this is cut in its middle.
const LINES_FIRST: usize = 60;
const LINES_LAST: usize = 140;

pub(super) fn run(app: &App<'_>, arguments: &ReplayArguments) -> Result<Verdict, Problem> {
    let case = selection::one_case(app, &arguments.which)?;
    let files = Files::checked(arguments)?;
    let views = Views {
        all: arguments.all,
        html: files.html.is_some(),
        perfetto: files.perfetto.is_some(),
        events: files.events.is_some(),
    };
    interrupt::ends_process()?;
    let mut errands = Errands::new(Recipe::same(arguments.limits.memory)?, arguments.limits, true)?;
    let replayed = match errands.ask(&Order::Replay { case: case.clone(), views })? {
        Ok(Answer::Replayed(replayed)) => replayed,
        Ok(other) => unreachable!("a worker that was told to replay answered {other:?}"),
        Err(finding) => {
            print_death(app, &arguments.which, &case, &finding, arguments.limits, arguments.json);
            return Ok(Verdict::Findings);
        }
    };
    files.write(&replayed)?;
    warn_of_unmatched(&replayed.unmatched);
    if arguments.json {
        print_document(&case, &replayed)
    } else {
        print_timeline(&case, &replayed, arguments.all)
    }
    Ok(if replayed.finding.is_some() { Verdict::Findings } else { Verdict::Clean })
}

/// The files asked for. One that cannot be written is refused before the run; one that is there keeps its text until
/// there is another.
struct Files<'a> {
    html: Option<&'a Path>,
    perfetto: Option<&'a Path>,
    events: Option<&'a Path>,
}

impl<'a> Files<'a> {
    fn checked(arguments: &'a ReplayArguments) -> Result<Self, Problem> {
        let checked = |path: &'a Option<PathBuf>| -> Result<Option<&'a Path>, Problem> {
            let Some(path) = path else { return Ok(None) };
            let is_new = !path.exists();
            OpenOptions::new().append(true).create(true).open(path).map_err(|error| of_file(path, error))?;
            if is_new {
                // A run that dies leaves no empty file.
                fs::remove_file(path).map_err(|error| of_file(path, error))?;
            }
            Ok(Some(path))
        };
        Ok(Self {
            html: checked(&arguments.html)?,
            perfetto: checked(&arguments.perfetto)?,
            events: checked(&arguments.events)?,
        })
    }

    fn write(&self, replayed: &Replayed) -> Result<(), Problem> {
        let texts = [&replayed.html, &replayed.perfetto, &replayed.every_event];
        for (path, text) in [self.html, self.perfetto, self.events].into_iter().zip(texts) {
            let (Some(path), Some(text)) = (path, text) else { continue };
            fs::write(path, text).map_err(|error| of_file(path, error))?;
        }
        Ok(())
    }
}

fn of_file(path: &Path, error: io::Error) -> Problem {
    Problem::File { path: path.to_owned(), error }
}

/// For a case that ended its process there is no timeline, but a finding.
pub(super) fn print_death(app: &App<'_>, which: &Which, case: &Case, finding: &Finding, limits: Limits, as_json: bool) {
    if as_json {
        say!("{:#}", json!({ "case": case.to_toml(), "finding": finding }));
    } else {
        let program = app.command_name();
        let replay = if selection::is_file(app, which) {
            replay_file(&program, &which.case, finding, limits)
        } else {
            replay_command(&program, case, finding, limits)
        };
        say!("FAILED {}: {finding}\n  replay: {replay}", case.scenario);
    }
}

/// A case of an earlier version may list what does not come up any more; so may one with a mistake.
fn warn_of_unmatched(names: &[String]) {
    for name in names {
        eprintln!("warning: `{name}` changes nothing: no such decision came up, or it cannot have that value");
    }
}

fn print_document(case: &Case, replayed: &Replayed) {
    let Replayed {
        finding,
        digest,
        strategy,
        virtual_ns,
        polls,
        tasks,
        events,
        marks,
        injections,
        counts,
        unmatched,
        lines,
        ..
    } = replayed;
    let document = json!({
        "case": case.to_toml(),
        "finding": finding,
        "digest": digest,
        "strategy": strategy,
        "virtual_ns": virtual_ns,
        "polls": polls,
        "tasks": tasks,
        "events": events,
        "marks": marks,
        "injections": injections.iter().cloned().collect::<BTreeMap<_, _>>(),
        "counts": counts.iter().cloned().collect::<BTreeMap<_, _>>(),
        "unmatched": unmatched,
        "timeline": lines,
    });
    say!("{document:#}");
}

fn print_timeline(case: &Case, replayed: &Replayed, all: bool) {
    let lines = &replayed.lines;
    let hidden = if all { 0 } else { lines.len().saturating_sub(LINES_FIRST + LINES_LAST) };
    for (index, line) in lines.iter().enumerate() {
        if hidden > 0 && index == LINES_FIRST {
            say!("{:>16}  .. {hidden} lines left out; --all shows them ..", "");
        }
        if hidden == 0 || index < LINES_FIRST || index >= LINES_FIRST + hidden {
            say!("{line}");
        }
    }
    let seed = case.seed.map_or_else(|| "no seed".to_owned(), |seed| format!("seed {seed}"));
    let Replayed { strategy, polls, tasks, digest, .. } = replayed;
    let (seconds, nanos) = (replayed.virtual_ns / 1_000_000_000, replayed.virtual_ns % 1_000_000_000);
    say!(
        "\n{} under {seed}: {seconds}.{nanos:09} s virtual, {polls} polls of {tasks} tasks, strategy {strategy}",
        case.scenario
    );
    say!("digest {digest}");
    replayed.counts.iter().for_each(|(what, count)| say!("{what}: {count}"));
    match &replayed.finding {
        Some(finding) => say!("\nFAILED {}: {finding}", case.scenario),
        None => say!("nothing found"),
    }
}
