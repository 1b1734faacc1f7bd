//! How storage fails, by what a caller can do about it.

use super::{
    item::{ItemId, Version},
    jsonl::LineError,
};
use serde::Serialize;
use std::{io, path::PathBuf, sync::Arc};
use tokio::time::Duration;

/// A store could not be opened. Nothing was changed, and nothing looks empty that is not.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OpenError {
    /// There is none.
    #[error("there is no store at {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Its files could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It could not be made.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// What the store holds could not be read. Nothing was changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReadError {
    /// The file system refused.
    #[error("{} could not be read: {source}", path.display())]
    Io {
        /// What was read.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A file is not what was written there.
    #[error("{0}; `shardwright item doctor` says more")]
    Corrupt(#[from] Corruption),
    /// It was made by a later version of this program.
    #[error("{} is in format {found}, and this program knows formats up to {known}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest that is known here.
        known: u32,
    },
}

/// A place in a file that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is damaged at byte {at}: {what}", path.display())]
pub struct Corruption {
    /// The file.
    pub path: PathBuf,
    /// Where what is wrong begins, in bytes.
    pub at: u64,
    /// What is wrong there.
    pub what: &'static str,
}

/// A request was not acknowledged.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// It asked for what cannot be. Nothing was written.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// Nothing was written, or nothing that will ever be seen.
    #[error("not written: {0}")]
    Failed(Failure),
    /// It may be seen later, or not. With the same key it may be asked for again, on a new handle.
    #[error("it is not known whether this is written: {0}")]
    Unknown(Failure),
}

impl WriteError {
    /// Whether it may be seen later.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Refused(_) | Self::Failed(_) => false,
        }
    }
}

/// A backup was not put in a store's place.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup cannot be read, or is not whole. The store is as it was.
    #[error("this is no backup: {0}")]
    Backup(ReadError),
    /// There is no line to wait in. The store is as it was.
    #[error("not restored: {0}")]
    Open(OpenError),
    /// The store is as it was.
    #[error("not restored: {0}")]
    Failed(Failure),
    /// It may be restored, or as it was.
    #[error("it is not known whether this is restored: {0}")]
    Unknown(Failure),
}

/// Items of another store were not imported.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ImportError {
    /// A line cannot be imported. Nothing was.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The store could not be read. Nothing was imported.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Only so many were imported: all the same text again imports the others.
    #[error("{imported} items were imported; the others were {error}")]
    Write {
        /// How many.
        imported: u64,
        /// What came of the next ones.
        error: WriteError,
    },
}

/// What went wrong with a write.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// The file system refused.
    #[error("{} could not be {}: {source}", path.display(), step.past())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What was to be done with it.
        step: Step,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// What is there could not be read first.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Others had the store for longer than a wait may take.
    #[error("the store was others' for {waited:?}")]
    Busy {
        /// How long it was waited.
        waited: Duration,
    },
    /// Before it was on the disk a sync failed, of whichever process, and the file system forgot it; or another log was put
    /// in the place of the one that it was written to.
    #[error("what was written to {} was lost before it was on the disk", path.display())]
    Lost {
        /// The log.
        path: PathBuf,
    },
    /// An earlier write of this handle was not known to be written. Open the store anew.
    #[error("this handle has failed before: {0}")]
    Poisoned(Arc<Failure>),
    /// The store's task is no more: its runtime has been shut down.
    #[error("the store was closed")]
    Closed,
}

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Opened, or made if it was not there.
    Open,
    /// Made.
    Make,
    /// Removed.
    Remove,
    /// Locked.
    Lock,
    /// Written.
    Write,
    /// Brought to the disk.
    Sync,
    /// Renamed.
    Rename,
}

impl Step {
    fn past(self) -> &'static str {
        match self {
            Self::Open => "opened",
            Self::Make => "made",
            Self::Remove => "removed",
            Self::Lock => "locked",
            Self::Write => "written",
            Self::Sync => "synced",
            Self::Rename => "renamed",
        }
    }
}

/// Why a request cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// A request without a change.
    #[error("a request needs at least one change")]
    Nothing,
    /// There is no such item.
    #[error("there is no {0}")]
    NoItem(ItemId),
    /// The item has changed since.
    #[error("{id} is in version {found}, not in version {expected}")]
    VersionMismatch {
        /// Which item.
        id: ItemId,
        /// The version that was asked for.
        expected: Version,
        /// The version that it has.
        found: Version,
    },
    /// Somebody else has claimed it.
    #[error("{id} is claimed by {owner}")]
    Claimed {
        /// Which item.
        id: ItemId,
        /// Who has it.
        owner: String,
    },
    /// It is closed, and what was asked for needs an open one.
    #[error("{0} is closed")]
    Closed(ItemId),
    /// It is open already.
    #[error("{0} is open")]
    Open(ItemId),
    /// What it would wait for waits for it.
    #[error("{id} cannot wait for {by}, which waits for it")]
    Cycle {
        /// Which item.
        id: ItemId,
        /// What it was to wait for.
        by: ItemId,
    },
    /// An item of this name is there.
    #[error("there is an {0} already")]
    Taken(ItemId),
    /// The key belongs to another request.
    #[error("the key {0:?} was used for another request")]
    KeyReused(String),
    /// A title without a word, an owner without a name.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// More than a request may hold.
    #[error("the request has {bytes} bytes, and {bytes_max} are allowed")]
    TooLarge {
        /// How many it has, written down.
        bytes: usize,
        /// How many are allowed.
        bytes_max: usize,
    },
}
