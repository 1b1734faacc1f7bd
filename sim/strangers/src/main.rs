//! `cargo strangers`: tokio's own tests, on the drop-in.
//!
//! tokio's sources, as cargo has them, hold its tests. They are copied to a package below `target/` whose `tokio` is the
//! drop-in, and whose dependencies use it too, without those that `left-out.toml` names, each with its reason. There they
//! are built, and run over seeds.
#![expect(clippy::disallowed_methods, reason = "a program of the real side: it copies sources and runs cargo")]

mod list;
mod source;
mod package;
mod runs;
mod tally;
mod problem;

use clap::Parser;
use list::List;
use package::Package;
use problem::Problem;
use std::{path::Path, process::ExitCode};
use tally::Tally;

/// Runs tokio's own tests on the drop-in.
#[derive(Debug, Parser)]
#[command(name = "cargo strangers", version)]
struct Arguments {
    /// Files of tokio's tests, as `time_sleep` or `sync_*`; all of them if there is none.
    files: Vec<String>,
    /// How many seeds each `#[tokio::test]` runs over.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// How many seeds a `#[test]` that builds runtimes runs over, one run of its file for each; and one that runs alone.
    #[arg(long, default_value_t = 20)]
    plain_seeds: u64,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(tally) if tally.is_clean() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Tally, Problem> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = List::read(&here.join("left-out.toml"))?;
    let package = Package::make(here, list)?;
    let mut tally = Tally::default();
    for binary in runs::build(&package, &arguments.files)? {
        let ran = runs::run(&binary, package.apart_of(&binary.file), arguments.seeds, arguments.plain_seeds)?;
        println!("{}", tally.add(&binary.file, &ran, package.left_out_of(&binary.file)));
    }
    println!("{}", tally.summary(&package));
    Ok(tally)
}
