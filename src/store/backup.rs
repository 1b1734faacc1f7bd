//! Copies of a store, each whole and as of one instant. Knows nothing of how one is put back.

use super::{
    error::{Corruption, Failure, ReadError, Step},
    handle::{Store, create_directories},
    item::Version,
    log::Log,
    paths::{Paths, above, failed},
    rotate::{self, Lineage, NotRotated},
    state::State,
};
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::fs;

/// A copy that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Its directory; itself a store that may be opened.
    pub path: PathBuf,
    /// How many items are in it.
    pub items: u64,
    /// The last change that is in it.
    pub last: Version,
}

/// A backup begins a count of its own: the store it is restored to goes on with that store's.
const GENERATION: u64 = 1;

impl Store {
    /// Copies the store, as it is at one instant, into the directory `to`, which must not be there yet. Nobody who writes
    /// waits for it. On the disk when it returns, and read back.
    ///
    /// # Errors
    /// The file system refuses, or the store is damaged. What was begun may be there; it is no backup, and is refused as one.
    ///
    /// # Cancel safety
    /// Dropped, as after an error.
    pub async fn backup(&self, to: impl AsRef<Path>) -> Result<Backup, Failure> {
        let to = to.as_ref();
        let state = self.read(|state| state.clone()).await?;
        create_directories(&above(to)).await?;
        fs::create_dir(to).await.map_err(failed(to, Step::Make))?;
        let paths = Paths::of(to);
        rotate::rotate(&paths, &state, Lineage::new(GENERATION)).await.map_err(|error| match error {
            NotRotated::Undone(failure) | NotRotated::InDoubt(failure) => failure,
        })?;
        rotate::sync_names(&above(to)).await?;
        if read(&paths.log).await? != state {
            let what = "it does not read as it was written";
            return Err(ReadError::from(Corruption { path: paths.log, at: 0, what }).into());
        }
        Ok(Backup { path: to.to_owned(), items: state.items.len() as u64, last: Version(state.seq) })
    }

    /// A [backup](Self::backup) in a directory of the folder `folder`, named by the next number. Of those named by numbers
    /// the last `keep` stay, and this one; those before them are removed.
    ///
    /// # Errors
    /// As [`backup`](Self::backup); or one of those before could not be removed: then this one is made.
    ///
    /// # Cancel safety
    /// Dropped, as after an error.
    pub async fn backup_numbered(&self, folder: impl AsRef<Path>, keep: usize) -> Result<Backup, Failure> {
        let folder = folder.as_ref();
        create_directories(folder).await?;
        let backup = self.backup_next(folder).await?;
        let whole = whole(folder).await?;
        let Some(oldest) = whole.iter().rev().nth(keep.max(1) - 1) else { return Ok(backup) };
        // Among those after it may be one that somebody is writing.
        for number in numbers(folder).await?.into_iter().filter(|number| number < oldest) {
            let path = folder.join(number.to_string());
            match fs::remove_dir_all(&path).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(failed(&path, Step::Remove)(error));
                }
                // Somebody else may have removed it.
                Ok(()) | Err(_) => {}
            }
        }
        Ok(backup)
    }

    async fn backup_next(&self, folder: &Path) -> Result<Backup, Failure> {
        loop {
            let number = numbers(folder).await?.last().map_or(1, |last| last + 1);
            match self.backup(folder.join(number.to_string())).await {
                // Somebody else has taken the number.
                Err(Failure::Io { step: Step::Make, source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {}
                made => return made,
            }
        }
    }
}

/// What is in a file that nobody writes to: all of it must be whole, up to its end.
pub(super) async fn read(log: &Path) -> Result<State, ReadError> {
    let (mut log_read, mut state) = Log::open_to_read(log).await?;
    let ahead = log_read.ahead(state.seq, None, None).await?;
    if ahead.is_torn {
        let what = "something was begun here, and not brought to its end";
        return Err(Corruption { path: log.to_owned(), at: ahead.end, what }.into());
    }
    log_read.apply(ahead, &mut state);
    Ok(state)
}

/// Those that were brought to their end, oldest first.
async fn whole(folder: &Path) -> Result<Vec<u64>, Failure> {
    let mut whole = Vec::new();
    for number in numbers(folder).await? {
        let log = Paths::of(&folder.join(number.to_string())).log;
        if fs::try_exists(&log).await.map_err(failed(&log, Step::Open))? {
            whole.push(number);
        }
    }
    Ok(whole)
}

/// The names in the folder that are numbers, in order.
async fn numbers(folder: &Path) -> Result<Vec<u64>, Failure> {
    let mut entries = fs::read_dir(folder).await.map_err(failed(folder, Step::Open))?;
    let mut numbers = Vec::new();
    while let Some(entry) = entries.next_entry().await.map_err(failed(folder, Step::Open))? {
        numbers.extend(entry.file_name().to_str().and_then(|name| name.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}
