//! `corpus`: every case of a directory again. A case that finds nothing is a guard.

use super::{
    app::{App, Verdict},
    arguments::CorpusArguments,
    errand::Errands,
    interrupt,
    output::say,
    problem::Problem,
    process::Recipe,
    protocol::{Answer, Order},
};
use crate::{corpus, finding::Finding};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(super) fn run(app: &App<'_>, arguments: &CorpusArguments) -> Result<Verdict, Problem> {
    let directory = &arguments.directory;
    let files = corpus::files(directory).map_err(|error| Problem::File { path: directory.clone(), error })?;
    interrupt::ends_process()?;
    let mut errands = Errands::new(Recipe::same(arguments.limits.memory)?, arguments.limits, false)?;
    let mut replays = Vec::new();
    for path in files {
        let replay = Replay { state: replay(app, &mut errands, &path)?, path };
        if !arguments.json {
            replay.print();
        }
        replays.push(replay);
    }
    if arguments.json {
        say!("{:#}", document(&replays));
    } else {
        say!("{}", summary(&replays));
    }
    match replays.iter().filter(|replay| matches!(replay.state, State::DoesNotRun(_))).count() {
        0 if replays.iter().any(|replay| matches!(replay.state, State::Fails(_) | State::TestsNothing)) => {
            Ok(Verdict::Findings)
        }
        0 => Ok(Verdict::Clean),
        broken => Err(Problem::BrokenCases { directory: directory.clone(), broken }),
    }
}

struct Replay {
    path: PathBuf,
    state: State,
}

enum State {
    /// It finds nothing any more; so many of its decisions change nothing.
    Guard(usize),
    Fails(Box<Finding>),
    /// It finds nothing, and none of its decisions comes up.
    TestsNothing,
    DoesNotRun(String),
}

fn replay(app: &App<'_>, errands: &mut Errands, path: &Path) -> Result<State, Problem> {
    let case = match corpus::read(app.scenarios, path) {
        Ok((_, case)) => case,
        Err(error) => return Ok(State::DoesNotRun(error.to_string())),
    };
    Ok(match errands.ask(&Order::Look { case: case.clone() })? {
        Ok(Answer::Seen(look)) => match look.finding {
            Some(finding) => State::Fails(Box::new(finding)),
            None if corpus::tests_nothing(&case, look.unmatched.len()) => State::TestsNothing,
            None => State::Guard(look.unmatched.len()),
        },
        Ok(other) => unreachable!("a worker that was told to look answered {other:?}"),
        Err(death) => State::Fails(Box::new(death)),
    })
}

impl Replay {
    fn print(&self) {
        let path = self.path.display();
        match &self.state {
            State::Guard(0) => say!("guard         {path}"),
            State::Guard(unmatched) => {
                say!("guard         {path}  ({unmatched} of its decisions change nothing now)")
            }
            State::Fails(finding) => {
                say!("still fails   {path}  {}: {}: {}", finding.kind, finding.check, finding.message)
            }
            State::TestsNothing => say!("tests nothing {path}  none of its decisions comes up any more"),
            State::DoesNotRun(why) => say!("does not run  {path}  {why}"),
        }
    }

    fn document(&self) -> Value {
        let path = self.path.display().to_string();
        match &self.state {
            State::Guard(unmatched) => json!({ "path": path, "state": "guard", "unmatched": unmatched }),
            State::Fails(finding) => json!({ "path": path, "state": "fails", "finding": finding }),
            State::TestsNothing => json!({ "path": path, "state": "tests nothing" }),
            State::DoesNotRun(why) => json!({ "path": path, "state": "does not run", "why": why }),
        }
    }
}

/// Guards, cases that still fail, those that test nothing, files that do not run.
fn counts(replays: &[Replay]) -> [usize; 4] {
    let count = |is: fn(&State) -> bool| replays.iter().filter(|replay| is(&replay.state)).count();
    [
        count(|state| matches!(state, State::Guard(_))),
        count(|state| matches!(state, State::Fails(_))),
        count(|state| matches!(state, State::TestsNothing)),
        count(|state| matches!(state, State::DoesNotRun(_))),
    ]
}

fn summary(replays: &[Replay]) -> String {
    let [guards, fails, idle, broken] = counts(replays);
    let all = replays.len();
    format!("\n{all} cases: {guards} guards, {fails} still fail, {idle} test nothing, {broken} do not run")
}

fn document(replays: &[Replay]) -> Value {
    let [guards, fails, idle, broken] = counts(replays);
    json!({
        "cases": replays.iter().map(Replay::document).collect::<Vec<_>>(),
        "guards": guards,
        "fails": fails,
        "test_nothing": idle,
        "broken": broken,
    })
}
