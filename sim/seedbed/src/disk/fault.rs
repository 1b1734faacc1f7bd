//! What a disk may refuse to do.

use crate::decision::Site;

/// A refusal: a family of its own, so that it is on or off for a whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiskFault {
    /// A sync fails, and what was to be synced is lost: processes still read it, no power loss leaves it, and no later
    /// sync tells of it.
    Sync,
    /// A write finds no room, half way through.
    Full,
    /// A read fails.
    Read,
    /// The process has as many files open as it may.
    Open,
}

impl DiskFault {
    pub(crate) const ALL: [Self; 4] = [Self::Sync, Self::Full, Self::Read, Self::Open];

    pub(crate) const fn family(self) -> &'static str {
        match self {
            Self::Sync => "disk.sync",
            Self::Full => "disk.full",
            Self::Read => "disk.read",
            Self::Open => "disk.open",
        }
    }

    /// Where it is decided.
    pub(crate) const fn site(self) -> Site {
        const SITES: [Site; 4] =
            [Site::new("disk.sync"), Site::new("disk.full"), Site::new("disk.read"), Site::new("disk.open")];
        SITES[self as usize]
    }

    pub(crate) const fn variant(self) -> &'static str {
        match self {
            Self::Sync => "the sync fails",
            Self::Full => "no space is left",
            Self::Read => "the read fails",
            Self::Open => "too many files are open",
        }
    }

    pub(super) const fn error(self) -> i32 {
        match self {
            Self::Sync | Self::Read => libc::EIO,
            Self::Full => libc::ENOSPC,
            Self::Open => libc::EMFILE,
        }
    }
}
