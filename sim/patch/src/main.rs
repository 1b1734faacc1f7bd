//! `cargo sim-patch bb8 tokio-util`: dependencies that use tokio themselves use seedbed's drop-in from then on.

use clap::Parser;
use sim_patch::{Asked, Problem};
use std::{env, path::PathBuf, process::ExitCode};

/// Points the tokio of dependencies at seedbed's drop-in: copies them to `patched/` and patches the copies in.
#[derive(Debug, Parser)]
#[command(name = "cargo sim-patch", version)]
struct Arguments {
    /// The dependencies, as `NAME` or `NAME@VERSION`, beside those named before. Without any, the copies of those are made
    /// anew; the comment above the lines in the manifest names them.
    crates: Vec<String>,
    /// All dependencies that ask tokio for what a world has to simulate.
    #[arg(long, conflicts_with = "crates")]
    all: bool,
    /// Changes nothing, and fails if a named dependency is not patched.
    #[arg(long, conflicts_with_all = ["crates", "all"])]
    check: bool,
    /// The manifest of the crate, or of its workspace.
    #[arg(long, value_name = "PATH", default_value = "Cargo.toml")]
    manifest_path: PathBuf,
}

fn main() -> ExitCode {
    // As a subcommand of cargo's, its own name comes first.
    let is_ours = |(nth, word): &(usize, String)| *nth != 1 || word != "sim-patch";
    let arguments = env::args().enumerate().filter(is_ours).map(|(_, word)| word);
    match run(&Arguments::parse_from(arguments)) {
        Ok(said) => {
            said.iter().for_each(|line| println!("{line}"));
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Vec<String>, Problem> {
    let manifest = &arguments.manifest_path;
    match (arguments.check, arguments.all) {
        (true, _) => sim_patch::check(manifest),
        (false, true) => sim_patch::patch(manifest, Asked::All),
        (false, false) => sim_patch::patch(manifest, Asked::Named(&arguments.crates)),
    }
}
