//! What can be wrong, and what to do about it.

use std::{io, path::PathBuf};

/// Why nothing was patched.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each says what it is")]
pub enum Problem {
    #[error("no crate is named{}", listed(in_need))]
    NothingNamed { in_need: Vec<String> },
    #[error("`{name}` is not among the dependencies{}; `cargo tree` shows them", did_you_mean(similar))]
    NotInGraph { name: String, similar: Vec<String> },
    #[error("the dependencies have no `seedbed-tokio`: name it first, `tokio = {{ package = \"seedbed-tokio\", .. }}`")]
    NoDropIn,
    #[error("{package} does not depend on tokio, so that there is nothing to patch in it")]
    NoTokio { package: String },
    #[error("{package} depends on tokio {found}, and the drop-in is one for tokio 1")]
    OtherTokio { package: String, found: String },
    #[error("{package} is not from a registry: name the drop-in in its own manifest, {}", manifest.display())]
    OwnSources { package: String, manifest: PathBuf },
    #[error("{package} asks for features of tokio that the drop-in does not have: {}", missing.join(", "))]
    Features { package: String, missing: Vec<String> },
    #[error("{package} cannot be patched: the simulator itself is built of it")]
    OfTheSimulator { package: String },
    #[error("{package} is not patched; `cargo sim-patch` without names makes the copies anew")]
    NotInPlace { package: String },
    #[error("{} is not of `cargo sim-patch`'s making, and copies go there: move it", .0.display())]
    NotOurs(PathBuf),
    #[error("{}: {why}", path.display())]
    Manifest { path: PathBuf, why: String },
    #[error("cargo metadata fails:\n{0}")]
    Cargo(String),
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
}

impl Problem {
    /// Names the file that an error is about.
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |error| Self::Io { path, error }
    }
}

fn listed(in_need: &[String]) -> String {
    if in_need.is_empty() {
        return ", and no dependency needs it".to_owned();
    }
    let lines: String = in_need.iter().map(|line| format!("\n  {line}")).collect();
    format!("; `--all` patches these:{lines}")
}

fn did_you_mean(similar: &[String]) -> String {
    if similar.is_empty() { String::new() } else { format!(" (but {} is)", similar.join(", ")) }
}
