//! Which process this is, and whether another one lives. Stands for `getpid` and `kill(pid, 0)`, which the seam has not:
//! each process holds the lock of a file of its own for as long as it lives.

use super::paths::Paths;
use seam::fs::{Lock, Positioned, boot_id};
use std::{
    io,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};
use tokio::fs::{self, OpenOptions};

pub(super) struct Process {
    pub(super) pid: u64,
    /// Which life of the machine this is; after it numbers of processes are used again.
    boot: u64,
    given: AtomicU64,
    _alive: Lock,
}

impl Process {
    pub(super) async fn new(paths: &Paths) -> io::Result<Self> {
        loop {
            let pid = next(paths).await?;
            let path = paths.processes.join(pid.to_string());
            let file = match OpenOptions::new().write(true).create_new(true).open(&path).await {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                opened => Positioned::new(opened?).await,
            };
            let alive = file.lock().await?;
            return Ok(Self { pid, boot: boot_id().await?, given: AtomicU64::new(1), _alive: alive });
        }
    }

    /// A number that nothing else was given.
    pub(super) fn number(&self) -> u64 {
        ((self.boot - 1) << 40) + (self.pid << 20) + self.given.fetch_add(1, Relaxed)
    }
}

async fn next(paths: &Paths) -> io::Result<u64> {
    let mut entries = fs::read_dir(&paths.processes).await?;
    let mut next = 0;
    while let Some(entry) = entries.next_entry().await? {
        let pid = entry.file_name().to_str().and_then(|name| name.parse::<u64>().ok());
        next = next.max(pid.map_or(0, |pid| pid + 1));
    }
    Ok(next)
}

pub(super) async fn is_alive(paths: &Paths, pid: u64) -> bool {
    let opened = OpenOptions::new().write(true).open(paths.processes.join(pid.to_string())).await;
    match opened {
        Ok(file) => !matches!(Positioned::new(file).await.try_lock().await, Ok(Some(_))),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}
