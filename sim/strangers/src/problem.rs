//! What can be wrong, besides a test that fails.

use std::{io, path::PathBuf};

/// Why nothing was run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("{}: {why}", path.display())]
    List { path: PathBuf, why: String },
    #[error("left-out.toml names `{name}`, and tokio has no such test any more")]
    Gone { name: String },
    #[error("they do not compile, or there are no such files")]
    Build,
    #[error(transparent)]
    Patch(#[from] sim_patch::Problem),
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
}

impl Problem {
    /// Names the file that an error is about.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |error| Self::Io { path, error }
    }
}
