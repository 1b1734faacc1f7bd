//! Where the files of a store are, and how failing with one is told.

use super::error::{Failure, Step, WriteError};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

#[derive(Clone, Debug)]
pub(super) struct Paths {
    pub(super) directory: PathBuf,
    /// One issue per line.
    pub(super) main: PathBuf,
    /// `beads.generation`.
    pub(super) generation: PathBuf,
    /// `beads.lock`.
    pub(super) lock: PathBuf,
    pub(super) backups: PathBuf,
    /// What stands for the kernel's table of processes.
    pub(super) processes: PathBuf,
}

impl Paths {
    pub(super) fn of(directory: &Path) -> Self {
        let processes = directory.join("lock");
        Self {
            directory: directory.to_owned(),
            main: directory.join("issues.jsonl"),
            generation: directory.join("beads.generation"),
            lock: processes.join("seat-00"),
            backups: directory.join("backups"),
            processes,
        }
    }

    /// `beads.wal.N`.
    pub(super) fn wal(&self, generation: u64) -> PathBuf {
        match generation {
            1 => self.directory.join("items.log"),
            _ => self.directory.join(format!("items.log.{generation}")),
        }
    }
}

/// The name of the file that will be renamed to `path`.
pub(super) fn temporary(path: &Path, suffix: impl std::fmt::Display) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}.tmp.{suffix}"))
}

pub(super) fn failed(path: &Path, step: Step) -> impl FnOnce(io::Error) -> WriteError + use<> {
    let path = path.to_owned();
    move |error| WriteError::Failed(Failure::Io { path, step, source: Arc::new(error) })
}

/// What the wall clock shows, by which everything is done here.
pub(super) fn date() -> Duration {
    seam::clock::wall().duration_since(UNIX_EPOCH).unwrap_or_default()
}
