//! Why a command did not do what was asked, for people, for programs, and as an exit status.

use super::output;
use serde_json::{Value, json};
use shardwright::store::{Failure, ImportError, OpenError, ReadError, Refusal, RestoreError, WriteError};
use std::process::ExitCode;

pub(super) const REFUSED: u8 = 1;
pub(super) const USAGE: u8 = 2;
const UNKNOWN: u8 = 3;

/// Why a command did not do what was asked.
pub(super) struct Problem {
    kind: Kind,
    message: String,
    refusal: Option<Refusal>,
    line: Option<usize>,
}

#[derive(Clone, Copy)]
enum Kind {
    Refused,
    Failed,
    Unknown,
    Usage,
}

impl Problem {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), refusal: None, line: None }
    }

    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }

    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }

    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// A line of JSON on stdout, or a line of text on stderr; the exit status.
    pub(super) fn tell(&self, is_json: bool) -> ExitCode {
        if is_json {
            output::line(&self.json().to_string());
        } else {
            output::complain(&format!("error: {}\n", self.message));
        }
        ExitCode::from(self.status())
    }

    pub(super) fn json(&self) -> Value {
        let mut error = json!({"kind": self.kind.name(), "message": self.message});
        if let Some(refusal) = &self.refusal {
            error["refusal"] = json!(refusal);
        }
        if let Some(line) = self.line {
            error["line"] = json!(line);
        }
        json!({"error": error})
    }

    pub(super) fn status(&self) -> u8 {
        match self.kind {
            Kind::Refused => REFUSED,
            Kind::Failed | Kind::Usage => USAGE,
            Kind::Unknown => UNKNOWN,
        }
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Usage => "usage",
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self { refusal: Some(refusal.clone()), ..Self::refused(refusal.to_string()) }
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Refused(refusal) => refusal.into(),
            WriteError::Failed(_) => Self::failed(error.to_string()),
            WriteError::Unknown(_) => Self::new(Kind::Unknown, error.to_string()),
        }
    }
}

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Write(error) => error.into(),
            OpenError::Missing { .. } => Self::failed(format!("{error}; `shardwright item add` makes one")),
            OpenError::Read(_) => Self::failed(error.to_string()),
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self::failed(failure.to_string())
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Line(error) => Self { line: Some(error.line), ..Self::refused(error.to_string()) },
            ImportError::Read(error) => error.into(),
            ImportError::Write { imported, error } => {
                let problem = Self::from(error);
                match imported {
                    0 => problem,
                    _ => Self {
                        message: format!("{imported} items were imported; then: {}", problem.message),
                        ..problem
                    },
                }
            }
        }
    }
}

impl From<RestoreError> for Problem {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Backup(_) | RestoreError::Open(_) | RestoreError::Failed(_) => {
                Self::failed(error.to_string())
            }
            RestoreError::Unknown(_) => Self::new(Kind::Unknown, error.to_string()),
        }
    }
}
