//! `cargo sim-patch bb8 tokio-util`: dependencies that use tokio themselves use seedbed's drop-in from then on.
//!
//! Each one's sources, as the registry has them, are copied to `patched/`, with a manifest whose `tokio` is the drop-in,
//! and `[patch]` lines in the workspace's manifest put the copies in place. Without the cfg the drop-in is plain tokio, so
//! the same lines serve both sides.
#![expect(clippy::disallowed_methods, reason = "a program of the real side: it reads and writes manifests")]

mod graph;
mod plan;
mod manifest;
mod copies;
mod lines;
mod lock;
mod problem;

use clap::Parser;
use graph::Graph;
use lines::Lines;
use problem::Problem;
use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Where the copies are, below the workspace's root.
const FOLDER: &str = "patched";

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
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Problem> {
    let root = graph::workspace_root(&arguments.manifest_path)?;
    let manifest = root.join("Cargo.toml");
    let before = Lines::read(&manifest)?;
    if arguments.check {
        return check(&root, &before);
    }
    let lock = root.join("Cargo.lock");
    let locked = fs::read_to_string(&lock).ok();
    patch(arguments, &root, &before, locked.as_deref()).inspect_err(|_| {
        // As it was: what is wrong is told already.
        let _ = before.write(&manifest);
        let _ = locked.map(|locked| fs::write(&lock, locked));
    })
}

/// Patches what is asked for; on an error the manifest and the lock file are the caller's to put back.
fn patch(arguments: &Arguments, root: &Path, before: &Lines, locked: Option<&str>) -> Result<(), Problem> {
    let manifest = root.join("Cargo.toml");
    // The graph as it is without the copies, which may be missing; in the same versions.
    before.without_ours().write(&manifest)?;
    if let Some(locked) = locked {
        let lock = root.join("Cargo.lock");
        fs::write(&lock, lock::without_copies(locked, &before.copies())).map_err(Problem::io(lock))?;
    }
    let graph = Graph::read(&manifest)?;
    let names: Vec<_> = match (arguments.all, arguments.crates.as_slice()) {
        (true, _) => {
            let others = graph.in_need().filter(|(package, _)| package.source.is_some());
            others.map(|(package, _)| package.name.clone()).collect()
        }
        (false, named) => named.to_vec(),
    };
    let names: Vec<_> = before.names().into_iter().chain(names).collect::<BTreeSet<_>>().into_iter().collect();
    if names.is_empty() {
        return Err(Problem::NothingNamed { in_need: in_need(&graph) });
    }
    let plan = plan::of(&graph, &names)?;
    copies::write(&plan, &graph, &root.join(FOLDER))?;
    before.with_ours(&names, &plan).write(&manifest)?;
    is_in_place(&Graph::read(&manifest)?, root, &names)
}

fn check(root: &Path, lines: &Lines) -> Result<(), Problem> {
    let names = lines.names();
    for (name, version) in lines.copies() {
        if !root.join(FOLDER).join(format!("{name}-{version}")).is_dir() {
            return Err(Problem::NotInPlace { package: format!("{name} {version}") });
        }
    }
    let graph = Graph::read(&root.join("Cargo.toml"))?;
    if names.is_empty() {
        return Err(Problem::NothingNamed { in_need: in_need(&graph) });
    }
    is_in_place(&graph, root, &names)
}

/// Says what is patched now, and what is not.
fn is_in_place(graph: &Graph, root: &Path, names: &[String]) -> Result<(), Problem> {
    let folder = root.join(FOLDER);
    for name in names {
        for package in graph.named(name)? {
            if !package.manifest_path.starts_with(&folder) {
                return Err(Problem::NotInPlace { package: package.to_string() });
            }
            println!("{package} uses the drop-in");
        }
    }
    for line in in_need(graph) {
        println!("still on the real tokio: {line}");
    }
    Ok(())
}

fn in_need(graph: &Graph) -> Vec<String> {
    graph.in_need().map(|(package, asked)| format!("{package} asks for its {}", asked.join(", "))).collect()
}
