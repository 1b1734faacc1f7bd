//! What is kept of a file beside its content: permission bits and times. A power loss does not take them.

use crate::clock::START;
use std::time::{Duration, SystemTime};

/// The bits that nobody has by default.
const UMASK: u32 = 0o022;

/// Of a file, a directory or a symbolic link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamps {
    /// Who may read, write and run it. Nobody is kept from it.
    pub(crate) mode: u32,
    /// By the machine's wall clock, as are the others.
    pub(crate) created: SystemTime,
    pub(crate) modified: SystemTime,
    /// Of its content, as Linux tells it by default: after a change the first time, and once a day.
    pub(crate) accessed: SystemTime,
}

impl Stamps {
    /// Of what is made with these bits.
    pub(super) fn new(mode: u32, now: SystemTime) -> Self {
        Self { mode: mode & !UMASK & 0o7777, created: now, modified: now, accessed: now }
    }

    /// Of what was there before the world began.
    pub(super) fn at_start(mode: u32) -> Self {
        Self::new(mode, SystemTime::UNIX_EPOCH + START)
    }

    pub(super) fn read(&mut self, now: SystemTime) {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let is_old = now.duration_since(self.accessed).is_ok_and(|age| age >= DAY);
        if self.accessed <= self.modified || is_old {
            self.accessed = now;
        }
    }
}
