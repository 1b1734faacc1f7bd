//! The log of a generation: appended to under the lock, read without it.

use super::{
    beads_lock::BeadsLock,
    error::{Step, WriteError},
    frame, generation,
    item::Version,
    paths::{Paths, date, failed},
    process::Process,
    state::Entry,
};
use seam::fs::Positioned;
use std::{
    io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::{
    fs::{self, OpenOptions},
    time::Duration,
};

/// A process's way to the log.
pub(super) struct Wal {
    paths: Paths,
    known: Mutex<Known>,
}

struct Known {
    /// As it was when this process read last.
    generation: u64,
    /// Of this process alone.
    seq_next: u64,
}

const TRIES_MAX: usize = 3;

impl Wal {
    pub(super) async fn new(paths: Paths) -> Self {
        let generation = generation::read(&paths).await.unwrap_or(1);
        Self { paths, known: Mutex::new(Known { generation, seq_next: 1 }) }
    }

    pub(super) fn generation(&self) -> u64 {
        self.known().generation
    }

    /// Under the lock, synced when it returns. Says where it stands.
    pub(super) async fn append(&self, entry: Entry, process: &Process, limit: Duration) -> Result<Version, WriteError> {
        let lock = BeadsLock::acquire(&self.paths, process, limit).await?;
        let appended = self.append_unlocked(entry).await;
        lock.release().await;
        appended
    }

    async fn append_unlocked(&self, entry: Entry) -> Result<Version, WriteError> {
        let generation = generation::to_append(&self.paths, self.generation()).await;
        let seq = self.next_seq();
        let path = self.paths.wal(generation);
        let text = serde_json::to_vec(&Entry { seq, ts: date().as_secs(), ..entry }).expect("plain data");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).await;
        let file = Positioned::new(file.map_err(failed(&path, Step::Open))?).await;
        let at = frame::append(&file, &text).await.map_err(failed(&path, Step::Write))?;
        // What is written stays, whether or not this fails.
        file.sync().await.map_err(failed(&path, Step::Sync))?;
        Ok(place(generation, at))
    }

    /// All entries, by whatever order they stand in, and which generation they are of. If it changes meanwhile they are
    /// read again, and at last taken as they are.
    pub(super) async fn read(&self) -> io::Result<Vec<(Version, Entry)>> {
        let generation = || async { generation::read(&self.paths).await.unwrap_or(self.generation()) };
        for _ in 0..TRIES_MAX {
            let before = generation().await;
            let entries = self.read_generation(before).await?;
            if generation().await == before {
                self.known().generation = before;
                return Ok(entries);
            }
        }
        self.read_generation(generation().await).await
    }

    /// Missing: empty.
    async fn read_generation(&self, generation: u64) -> io::Result<Vec<(Version, Entry)>> {
        match fs::read(self.paths.wal(generation)).await {
            Ok(bytes) => Ok(frame::parse(&bytes).map(|(at, entry)| (place(generation, at), entry)).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn next_seq(&self) -> u64 {
        let mut known = self.known();
        known.seq_next += 1;
        known.seq_next - 1
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An empty log.
pub(super) async fn make(path: &Path) -> Result<(), WriteError> {
    let made = OpenOptions::new().write(true).create(true).truncate(false).open(path).await;
    made.map(drop).map_err(failed(path, Step::Open))
}

fn place(generation: u64, at: u64) -> Version {
    Version((generation << 32) + at)
}
