//! shardwright's store beside SQLite and redb, on a real directory: what one durable append costs, alone and among
//! processes, and what opening costs. Without a subcommand it compares; with one it is a process of the comparison.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the real clock and the process's own size")]

mod engine;
mod process;
mod contender;
mod figures;
mod compare;

use std::{path::PathBuf, process::ExitCode, time::Duration};

const USAGE: &str = "usage: store-bench [DIRECTORY] [--rounds N] [--before PROGRAM]
  DIRECTORY  where the stores are made and removed again (a fresh one below target/)
  --before   another build of this program, whose shardwright is measured too";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if subcommand(&words).is_some() {
        return ExitCode::SUCCESS;
    }
    let Some(wishes) = wishes(&words) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    compare::all(&wishes);
    ExitCode::SUCCESS
}

/// What the comparison asks of its processes: `append ENGINE DIRECTORY BATCH MILLIS`, `fill ENGINE DIRECTORY COUNT`,
/// `list ENGINE DIRECTORY`.
fn subcommand(words: &[&str]) -> Option<()> {
    let [command, engine, directory, rest @ ..] = words else { return None };
    let (engine, directory) = (engine::Kind::parse(engine)?, PathBuf::from(directory));
    match (*command, rest) {
        ("append", [batch, millis]) => {
            process::append(engine, &directory, batch.parse().ok()?, Duration::from_millis(millis.parse().ok()?));
        }
        ("fill", [count]) => process::fill(engine, &directory, count.parse().ok()?),
        ("list", []) => process::list(engine, &directory),
        _ => return None,
    }
    Some(())
}

fn wishes(words: &[&str]) -> Option<compare::Wishes> {
    let mut wishes = compare::Wishes::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--rounds" => wishes.rounds = words.next()?.parse().ok().filter(|rounds| *rounds > 0)?,
            "--before" => wishes.before = Some(PathBuf::from(words.next()?)),
            word if word.starts_with('-') => return None,
            directory => wishes.directory = Some(PathBuf::from(directory)),
        }
    }
    Some(wishes)
}
