//! `beads.generation`: which log is the one in use. Renamed into place, and its directory is not synced.

use super::{
    error::{Step, WriteError},
    paths::{Paths, date, failed, temporary},
};
use std::io;
use tokio::fs;

/// Missing or empty: the first.
pub(super) async fn read(paths: &Paths) -> io::Result<u64> {
    match fs::read_to_string(&paths.generation).await {
        Ok(text) if text.trim().is_empty() => Ok(1),
        Ok(text) => text.trim().parse().map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(1),
        Err(error) => Err(error),
    }
}

/// That of the log which is appended to, by whoever holds the lock: the one that its process has read last.
pub(super) async fn to_append(_paths: &Paths, known: u64) -> u64 {
    known
}

/// By whoever holds the lock.
pub(super) async fn increment(paths: &Paths) -> Result<u64, WriteError> {
    let next = read(paths).await.map_err(failed(&paths.generation, Step::Open))? + 1;
    let temporary = temporary(&paths.generation, date().as_millis());
    super::main_file::write(&temporary, format!("{next}\n").as_bytes()).await?;
    fs::rename(&temporary, &paths.generation).await.map_err(failed(&paths.generation, Step::Rename))?;
    Ok(next)
}
