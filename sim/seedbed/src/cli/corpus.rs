//! `corpus`: every case of a directory again. A case that finds nothing is a guard.

use super::{
    app::{App, Verdict},
    arguments::CorpusArguments,
    errand::Errands,
    interrupt,
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
        println!("{:#}", document(&replays));
    } else {
        println!("{}", summary(&replays));
    }
    match replays.iter().filter(|replay| matches!(replay.state, State::DoesNotRun(_))).count() {
        0 if replays.iter().any(|replay| matches!(replay.state, State::Fails(_))) => Ok(Verdict::Findings),
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
    DoesNotRun(String),
}

fn replay(app: &App<'_>, errands: &mut Errands, path: &Path) -> Result<State, Problem> {
    let case = match corpus::read(app.scenarios, path) {
        Ok((_, case)) => case,
        Err(error) => return Ok(State::DoesNotRun(error.to_string())),
    };
    Ok(match errands.ask(&Order::Look { case })? {
        Ok(Answer::Seen(look)) => match look.finding {
            Some(finding) => State::Fails(Box::new(finding)),
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
            State::Guard(0) => println!("guard         {path}"),
            State::Guard(unmatched) => {
                println!("guard         {path}  ({unmatched} of its decisions change nothing now)")
            }
            State::Fails(finding) => {
                println!("still fails   {path}  {}: {}: {}", finding.kind, finding.check, finding.message)
            }
            State::DoesNotRun(why) => println!("does not run  {path}  {why}"),
        }
    }

    fn document(&self) -> Value {
        let path = self.path.display().to_string();
        match &self.state {
            State::Guard(unmatched) => json!({ "path": path, "state": "guard", "unmatched": unmatched }),
            State::Fails(finding) => json!({ "path": path, "state": "fails", "finding": finding }),
            State::DoesNotRun(why) => json!({ "path": path, "state": "does not run", "why": why }),
        }
    }
}

/// Guards, cases that still fail, files that do not run.
fn counts(replays: &[Replay]) -> [usize; 3] {
    let count = |is: fn(&State) -> bool| replays.iter().filter(|replay| is(&replay.state)).count();
    [
        count(|state| matches!(state, State::Guard(_))),
        count(|state| matches!(state, State::Fails(_))),
        count(|state| matches!(state, State::DoesNotRun(_))),
    ]
}

fn summary(replays: &[Replay]) -> String {
    let [guards, fails, broken] = counts(replays);
    format!("\n{} cases: {guards} guards, {fails} still fail, {broken} do not run", replays.len())
}

fn document(replays: &[Replay]) -> Value {
    let [guards, fails, broken] = counts(replays);
    json!({
        "cases": replays.iter().map(Replay::document).collect::<Vec<_>>(),
        "guards": guards,
        "fails": fails,
        "broken": broken,
    })
}
