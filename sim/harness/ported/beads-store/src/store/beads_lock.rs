//! `beads.lock`: an flock that is polled, and the number of who holds it, by which waiters tell the dead.

use super::{
    error::{Failure, Step, WriteError},
    paths::{Paths, date, failed},
    process::{self, Process},
};
use seam::fs::{Lock, Positioned};
use std::io;
use tokio::{
    fs::OpenOptions,
    time::{Duration, sleep},
};

/// Dropped before it is [released](Self::release), as by a death, the number stays in the file.
#[must_use]
pub(super) struct BeadsLock {
    file: Positioned,
    _lock: Lock,
}

const POLL: Duration = Duration::from_millis(10);

impl BeadsLock {
    /// The limit is kept by the wall clock, and only while the holder is taken for alive.
    pub(super) async fn acquire(paths: &Paths, process: &Process, limit: Duration) -> Result<Self, WriteError> {
        let lock_failed = || failed(&paths.lock, Step::Lock);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&paths.lock).await;
        let file = Positioned::new(file.map_err(lock_failed())?).await;
        if let Some(lock) = file.try_lock().await.map_err(lock_failed())? {
            return Ok(Self::taken(file, lock, process).await);
        }
        // Whoever holds it may have taken it over from the dead and not have written its own number yet.
        if let Some(pid) = holder(&file).await
            && !process::is_alive(paths, pid).await
        {
            let lock = file.lock().await.map_err(lock_failed())?;
            return Ok(Self::taken(file, lock, process).await);
        }
        let began = date();
        while date() < began + limit {
            // Once more if the holder has died meanwhile: there they do the same, and note that the lock was stale.
            if let Some(lock) = file.try_lock().await.map_err(lock_failed())? {
                return Ok(Self::taken(file, lock, process).await);
            }
            sleep(POLL).await;
        }
        Err(WriteError::Failed(Failure::Busy { waited: limit }))
    }

    async fn taken(file: Positioned, lock: Lock, process: &Process) -> Self {
        // Whether that fails or not.
        let _ = write_pid(&file, process.pid).await;
        Self { file, _lock: lock }
    }

    pub(super) async fn release(self) {
        let _ = self.file.set_len(0).await;
    }
}

async fn write_pid(file: &Positioned, pid: u64) -> io::Result<()> {
    file.write_all_at(0, format!("{pid}\n")).await?;
    file.sync().await
}

async fn holder(file: &Positioned) -> Option<u64> {
    let text = file.read_at(0, 32).await.ok()?;
    String::from_utf8(text).ok()?.trim().parse().ok()
}
