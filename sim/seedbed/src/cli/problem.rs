//! Usage and environment errors: each is one line that names what was wrong.

use crate::case::CaseError;
use std::{fmt, io, path::PathBuf};

/// Why a command could not do its work. Never a finding.
#[derive(Debug)]
pub(super) enum Problem {
    /// The arguments make no sense; in the parser's words.
    Arguments(String),
    /// The case names something that does not exist.
    Case(CaseError),
    /// A file of the user's cannot be read or written.
    File { path: PathBuf, error: io::Error },
    /// `--resume` found results of another sweep.
    OtherSweep { path: PathBuf, what: &'static str },
    /// A file that should hold results of a sweep does not.
    NotResults { path: PathBuf, error: serde_json::Error },
    /// The system refuses something that every command needs.
    System { what: &'static str, error: io::Error },
    /// A worker process ended before it began a case.
    WorkerLost(String),
    /// Files of a corpus are no cases, or cases of something that does not exist.
    BrokenCases { directory: PathBuf, broken: usize },
    /// No task of the scenario was ever declared cancellable.
    NothingToCancel(String),
    /// No machine of the scenario may lose its power.
    NothingToCrash(String),
    /// The program offers no questions.
    NoQuery,
    /// A command of the program's own could not do its work.
    Own(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments(message) | Self::Own(message) => f.write_str(message),
            Self::Case(error) => write!(f, "{error}"),
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
            Self::OtherSweep { path, what } => {
                write!(
                    f,
                    "{}: holds a sweep with another {what}; resume it with the same, or choose another --out",
                    path.display()
                )
            }
            Self::NotResults { path, error } => write!(f, "{}: not results of a sweep: {error}", path.display()),
            Self::System { what, error } => write!(f, "{what}: {error}"),
            Self::WorkerLost(how) => write!(f, "a worker process ended before it began a case: {how}"),
            Self::BrokenCases { directory, broken } => {
                write!(f, "{}: {broken} of the cases do not run", directory.display())
            }
            Self::NothingToCancel(scenario) => {
                write!(f, "scenario `{scenario}` declared no task cancellable in any base run: nothing to explore")
            }
            Self::NothingToCrash(scenario) => {
                write!(
                    f,
                    "scenario `{scenario}` calls no file system of a machine that may lose its power: nothing to explore"
                )
            }
            Self::NoQuery => f.write_str("this program has no questions to ask of a history"),
        }
    }
}

impl From<CaseError> for Problem {
    fn from(error: CaseError) -> Self {
        Self::Case(error)
    }
}
