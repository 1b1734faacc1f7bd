//! The main file: one issue per line, always written as a whole.

use super::{
    error::{Step, WriteError},
    paths::failed,
    state::{Line, State},
};
use seam::fs::Positioned;
use std::{io, path::Path};
use tokio::fs::{self, OpenOptions};

/// Missing: empty. A line that cannot be read is skipped.
pub(super) async fn load(path: &Path) -> io::Result<State> {
    let bytes = match fs::read(path).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    let mut state = State::default();
    let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Line>(line).ok());
    lines.for_each(|line| state.read(line));
    Ok(state)
}

/// To a file of the name `temporary`, which is synced and renamed. Says how long it is.
pub(super) async fn save(state: &State, path: &Path, temporary: &Path) -> Result<u64, WriteError> {
    let text: String = state.lines().map(|line| serde_json::to_string(&line).expect("plain data") + "\n").collect();
    write(temporary, text.as_bytes()).await?;
    fs::rename(temporary, path).await.map_err(failed(path, Step::Rename))?;
    Ok(text.len() as u64)
}

/// A file, synced; nothing, if that fails.
pub(super) async fn write(path: &Path, text: &[u8]) -> Result<(), WriteError> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(path).await;
    let file = Positioned::new(file.map_err(failed(path, Step::Open))?).await;
    let written = match file.write_all_at(0, text).await {
        Ok(()) => file.sync().await.map_err(failed(path, Step::Sync)),
        Err(error) => Err(failed(path, Step::Write)(error)),
    };
    if written.is_err() {
        let _ = fs::remove_file(path).await;
    }
    written
}
