//! The compactor: writes what a log comes to into the main file, and begins the next log. Called by nobody but who asks.

use super::{
    beads_lock::BeadsLock,
    error::{Step, WriteError},
    events, generation, main_file,
    paths::{Paths, date, failed, temporary},
    process::Process,
    wal::Wal,
};
use seam::fs::sync_directory;
use std::{io, path::Path};
use tokio::{fs, time::Duration};

const BACKUPS_MAX: usize = 5;

pub(super) async fn compact(paths: &Paths, process: &Process, limit: Duration) -> Result<(), WriteError> {
    let lock = BeadsLock::acquire(paths, process, limit).await?;
    let compacted = compact_unlocked(paths).await;
    lock.release().await;
    compacted
}

async fn compact_unlocked(paths: &Paths) -> Result<(), WriteError> {
    let wal = Wal::new(paths.clone()).await;
    let old = paths.wal(wal.generation());
    // Nobody minds whether there is one.
    let _ = back_up(paths, &old).await;
    let mut state = main_file::load(&paths.main).await.map_err(failed(&paths.main, Step::Open))?;
    state.replay(wal.read().await.map_err(failed(&old, Step::Open))?);
    let bytes = main_file::save(&state, &paths.main, &temporary(&paths.main, date().as_millis())).await?;
    let _ = sync_directory(&paths.directory).await;
    let rotated = generation::increment(paths).await;
    // Also if the generation is still the old one: then its log begins anew.
    let removed = fs::remove_file(&old).await;
    match (&rotated, removed) {
        (Err(_), Err(error)) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failed(&old, Step::Remove)(error));
        }
        _ => {}
    }
    if let Ok(new) = rotated {
        events::compacted(new, bytes);
    }
    Ok(())
}

/// A copy of both files, under the date; the oldest ones go.
async fn back_up(paths: &Paths, wal: &Path) -> io::Result<()> {
    let copy = paths.backups.join(date().as_secs().to_string());
    fs::create_dir_all(&copy).await?;
    for file in [&paths.main, wal] {
        // One that is missing is passed over.
        let _ = fs::copy(file, copy.join(file.file_name().unwrap_or_default())).await;
    }
    let mut entries = fs::read_dir(&paths.backups).await?;
    let mut dates = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        dates.extend(entry.file_name().to_str().and_then(|name| name.parse::<u64>().ok()));
    }
    dates.sort_unstable();
    for date in dates.iter().rev().skip(BACKUPS_MAX) {
        fs::remove_dir_all(paths.backups.join(date.to_string())).await?;
    }
    Ok(())
}
