//! Why the zoo, or what is built from its members, is broken. It says nothing about the checks.

use std::{fmt, io, path::Path};

/// Why a member could not be built or run.
#[derive(Debug)]
pub enum ZooError {
    /// A patch does not apply any more.
    Patch {
        /// Its name.
        name: &'static str,
        /// What git says.
        message: String,
    },
    /// A command failed.
    Command {
        /// The command.
        command: String,
        /// What it printed.
        message: String,
    },
    /// A file could not be read or written.
    File {
        /// The file and what is wrong with it.
        message: String,
    },
    /// The answer of what was built, the scenario or the strategy makes no sense.
    Answer {
        /// What is wrong.
        message: String,
    },
}

impl ZooError {
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        Self::File { message: format!("{}: {error}", path.display()) }
    }
}

impl fmt::Display for ZooError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Patch { name, message } => write!(f, "the patch of {name} does not apply any more: {message}"),
            Self::Command { command, message } => write!(f, "{command} failed: {message}"),
            Self::File { message } | Self::Answer { message } => f.write_str(message),
        }
    }
}

impl std::error::Error for ZooError {}
