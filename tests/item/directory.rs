//! A directory of a test's own, which goes with it.

use std::{
    env, fs,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
};

pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static NTH: AtomicU32 = AtomicU32::new(0);
        let nth = NTH.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("shardwright-item-{}-{nth}", process::id()));
        fs::create_dir(&path).expect("nobody else has the name");
        Self(path)
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Where the test's store is.
    pub(crate) fn store(&self) -> PathBuf {
        self.join("store")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What a failed test left may be looked at.
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}
