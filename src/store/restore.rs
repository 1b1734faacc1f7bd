//! Puts a backup in a store's place. Needs no handle: the store may be damaged, or gone.

use super::{
    backup,
    error::{Failure, RestoreError, Step},
    handle::{create_directories, line},
    lock::{Mark, Marker, Turn},
    paths::{Paths, failed},
    rotate::{self, Lineage, NotRotated},
    settings::Settings,
    state::State,
    survey::Survey,
};
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::fs::{self, File};

/// What was put in a store's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The generation that the log has now: greater than any before.
    pub generation: u64,
    /// How many items there are now.
    pub items: u64,
    /// Where the log that was there before is now, as it was.
    pub replaced: Option<PathBuf>,
}

/// Puts the backup `from`, a directory or a log's file, in the place of the store in `directory`, or makes a store of it if
/// there is none. Waits for its turn to write, as a write does. On the disk when it returns, and seen by all who read or
/// write after that, through handles that were open before too.
///
/// Numbers of items and changes are not given out a second time, as far as the log that is replaced can be read.
///
/// # Errors
/// [`RestoreError::Backup`]: it is not whole, and nothing was changed. [`RestoreError::Failed`]: nor was anything.
/// [`RestoreError::Unknown`]: after a power loss the store may be the old one or the backup.
///
/// # Cancel safety
/// Dropped, the store is the old one or the backup, whole.
pub async fn restore(
    directory: impl AsRef<Path>,
    from: impl AsRef<Path>,
    settings: Settings,
) -> Result<Restored, RestoreError> {
    let paths = Paths::of(directory.as_ref());
    let backup = backup::read(&log_of(from.as_ref()).await).await.map_err(RestoreError::Backup)?;
    create_directories(&paths.lock).await.map_err(RestoreError::Failed)?;
    let (line, ..) = line(&paths).await.map_err(RestoreError::Open)?;
    let marker = line.marker();
    let turn = line.take_within(settings.lock_wait).await.map_err(RestoreError::Failed)?;
    replace(&paths, backup, turn, &marker).await
}

async fn log_of(from: &Path) -> PathBuf {
    let log = Paths::of(from).log;
    if fs::try_exists(&log).await.unwrap_or(false) { log } else { from.to_owned() }
}

async fn replace(paths: &Paths, backup: State, turn: Turn, marker: &Marker) -> Result<Restored, RestoreError> {
    // What cannot be read of it is kept all the same.
    let present = fs::read(&paths.log).await.map(|bytes| Survey::of(&bytes, None)).ok();
    let mut generation = last_generation(present.as_ref(), &turn);
    let replaced = keep(paths, &mut generation).await.map_err(RestoreError::Failed)?;
    let generation = generation + 1;
    let mut state = backup;
    if let Some(present) = present {
        state.seq = state.seq.max(present.state.seq);
        state.next_id = state.next_id.max(present.state.next_id);
    }
    let log = rotate::rotate(paths, &state, Lineage::new(generation)).await.map_err(|error| match error {
        NotRotated::Undone(failure) => RestoreError::Failed(failure),
        NotRotated::InDoubt(failure) => RestoreError::Unknown(failure),
    })?;
    turn.over_mended(marker, Mark { generation, len: log.end }).await.map_err(RestoreError::Unknown)?;
    Ok(Restored { generation, items: state.items.len() as u64, replaced })
}

fn last_generation(present: Option<&Survey>, turn: &Turn) -> u64 {
    let begun = present.and_then(|survey| survey.begin).map(|begin| begin.generation);
    let marked = turn.table.mark().map(|mark| mark.generation);
    begun.max(marked).unwrap_or(0)
}

/// Gives the log a second name, which it keeps when the first one is another's. A number that is taken is passed over.
async fn keep(paths: &Paths, generation: &mut u64) -> Result<Option<PathBuf>, Failure> {
    match File::open(&paths.log).await {
        // Who wrote to it, and waits for a sync, is told that it is done.
        Ok(log) => log.sync_all().await.map_err(failed(&paths.log, Step::Sync))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&paths.log, Step::Open)(error)),
    }
    let replaced = loop {
        let replaced = paths.directory.join(format!("items.replaced-{generation}"));
        match fs::hard_link(&paths.log, &replaced).await {
            Ok(()) => break replaced,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => *generation += 1,
            Err(error) => return Err(failed(&replaced, Step::Make)(error)),
        }
    };
    // Before its first name goes.
    rotate::sync_names(&paths.directory).await?;
    Ok(Some(replaced))
}
