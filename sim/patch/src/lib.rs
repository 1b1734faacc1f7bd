//! Dependencies that use tokio themselves get seedbed's drop-in: what `cargo sim-patch` does, for other programs of the
//! real side too.
//!
//! Each one's sources, as the registry has them, are copied to `patched/`, with a manifest whose `tokio` is the drop-in,
//! and `[patch]` lines in the workspace's manifest put the copies in place. Without the cfg the drop-in is plain tokio, so
//! the same lines serve both sides.
#![expect(clippy::disallowed_methods, reason = "of the real side: it reads and writes manifests")]

mod graph;
mod plan;
mod manifest;
mod copies;
mod lines;
mod lock;
mod problem;

pub use copies::{copy_folder, write_changed};
pub use graph::workspace_root;
pub use problem::Problem;

use graph::Graph;
use lines::Lines;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Where the copies are, below the workspace's root.
const FOLDER: &str = "patched";

/// Which dependencies, beside those that were patched before.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'a> {
    /// All that ask tokio for what a world has to simulate.
    All,
    /// Each as `NAME` or `NAME@VERSION`.
    Named(&'a [String]),
}

/// Patches what is asked for into the workspace of `manifest`, and makes the copies of what was patched before anew. Says
/// what is patched now, and what is not.
///
/// # Errors
/// Something cannot be patched; manifest and lock file are as they were.
pub fn patch(manifest: &Path, asked: Asked<'_>) -> Result<Vec<String>, Problem> {
    let root = workspace_root(manifest)?;
    let manifest = root.join("Cargo.toml");
    let before = Lines::read(&manifest)?;
    let lock = root.join("Cargo.lock");
    let locked = fs::read_to_string(&lock).ok();
    patch_over(asked, &root, &before, locked.as_deref()).inspect_err(|_| {
        // As it was: what is wrong is told already.
        let _ = before.write(&manifest);
        let _ = locked.map(|locked| fs::write(&lock, locked));
    })
}

/// Patches what is asked for; on an error the manifest and the lock file are the caller's to put back.
fn patch_over(asked: Asked<'_>, root: &Path, before: &Lines, locked: Option<&str>) -> Result<Vec<String>, Problem> {
    let manifest = root.join("Cargo.toml");
    // The graph as it is without the copies, which may be missing; in the same versions.
    before.without_ours().write(&manifest)?;
    if let Some(locked) = locked {
        let lock = root.join("Cargo.lock");
        fs::write(&lock, lock::without_copies(locked, &before.copies())).map_err(Problem::io(lock))?;
    }
    let graph = Graph::read(&manifest)?;
    let names: Vec<_> = match asked {
        Asked::All => {
            let others = graph.in_need().filter(|(package, _)| package.source.is_some());
            others.map(|(package, _)| package.name.clone()).collect()
        }
        Asked::Named(named) => named.to_vec(),
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

/// Says what is patched in the workspace of `manifest`, and what is not. Changes nothing.
///
/// # Errors
/// What was patched is not in place, or nothing was.
pub fn check(manifest: &Path) -> Result<Vec<String>, Problem> {
    let root = workspace_root(manifest)?;
    let lines = Lines::read(&root.join("Cargo.toml"))?;
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
    is_in_place(&graph, &root, &names)
}

/// Where the sources are of the tokio that the drop-in is built of, in the workspace of `manifest`.
///
/// # Errors
/// There is no drop-in.
pub fn tokio_sources(manifest: &Path) -> Result<PathBuf, Problem> {
    let graph = Graph::read(manifest)?;
    let drop_in = graph.drop_in()?;
    let tokio = graph.tokio_of(drop_in).ok_or_else(|| Problem::NoTokio { package: drop_in.to_string() })?;
    Ok(tokio.folder().to_owned())
}

/// Says what is patched now, and what is not.
fn is_in_place(graph: &Graph, root: &Path, names: &[String]) -> Result<Vec<String>, Problem> {
    let folder = root.join(FOLDER);
    let mut said = Vec::new();
    for name in names {
        for package in graph.named(name)? {
            if !package.manifest_path.starts_with(&folder) {
                return Err(Problem::NotInPlace { package: package.to_string() });
            }
            said.push(format!("{package} uses the drop-in"));
        }
    }
    said.extend(in_need(graph).into_iter().map(|line| format!("still on the real tokio: {line}")));
    Ok(said)
}

fn in_need(graph: &Graph) -> Vec<String> {
    graph.in_need().map(|(package, asked)| format!("{package} asks for its {}", asked.join(", "))).collect()
}
