//! Directories of this process's own, gone when they are dropped, or when the process is told to end.

use super::problem::Problem;
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Those that exist now.
static ALL: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new() -> Result<Self, Problem> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("seedbed-{}-{}", process::id(), COUNT.fetch_add(1, Relaxed));
        let make = || -> io::Result<PathBuf> {
            let path = fs::canonicalize(env::temp_dir())?.join(name);
            // A process of the same id may have been killed before it could clean up.
            let _ = fs::remove_dir_all(&path);
            fs::create_dir(&path)?;
            ALL.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
            Ok(path)
        };
        make().map(Self).map_err(|error| Problem::System { what: "a temporary directory", error })
    }

    /// For a process that ends without dropping anything.
    pub(super) fn remove_all() {
        for path in ALL.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = fs::remove_dir_all(path);
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left over is small, and in a directory for such things.
        let _ = fs::remove_dir_all(&self.0);
    }
}
