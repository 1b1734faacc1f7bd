//! Where the files of a store are.

use super::{
    error::{Failure, ReadError, Step},
    lock::DOOR,
};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The files of one store.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    pub(super) directory: PathBuf,
    /// The state and what has changed since.
    pub(super) log: PathBuf,
    /// What will take the log's place.
    pub(super) next: PathBuf,
    /// Those who wait for their turn to write.
    pub(super) lock: PathBuf,
    /// The table of them.
    pub(super) door: PathBuf,
}

impl Paths {
    pub(super) fn of(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            log: directory.join("items.log"),
            next: directory.join("items.next"),
            lock: directory.join("lock"),
            door: directory.join("lock").join(DOOR),
        }
    }

    /// The directory in which the store's own has its name.
    pub(super) fn above(&self) -> PathBuf {
        above(&self.directory)
    }
}

/// The directory that `path` is a name in.
pub(super) fn above(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_owned(),
        None => path.to_owned(),
    }
}

pub(super) fn unread(path: &Path) -> impl FnOnce(io::Error) -> ReadError {
    move |error| ReadError::Io { path: path.to_owned(), source: Arc::new(error) }
}

pub(super) fn failed(path: &Path, step: Step) -> impl FnOnce(io::Error) -> Failure {
    move |error| Failure::Io { path: path.to_owned(), step, source: Arc::new(error) }
}
