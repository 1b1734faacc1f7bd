//! What a disk may do to a call.

use crate::decision::{Draws, LogNormal, Ratio, Site, ratio};
use std::time::Duration;

/// A trouble with a disk: a family of its own, so that it is on or off for a whole run.
///
/// All but [`LostWrite`](Self::LostWrite) and [`Rot`](Self::Rot) are what a correct program must live with;
/// those two break what a disk promises, and are to be asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiskFault {
    /// A sync fails, and what was to be synced is lost: no power loss leaves it, and no later sync tells of it. Processes
    /// still read it, or what was there before, as file systems differ in that.
    Sync,
    /// A write finds no room, half way through.
    Full,
    /// A read fails.
    Read,
    /// A write fails, half way through.
    Write,
    /// The process has as many files open as it may: nothing is opened, and no directory read.
    Open,
    /// A call takes some 300 milliseconds, at times seconds: a sync more often than others.
    Stall,
    /// A read gives fewer bytes than there are, or a write takes fewer than it was given. Where std or tokio go on with the
    /// rest by themselves, so does the simulated call: with another one, at another instant.
    Short,
    /// A signal interrupts the wait for a lock. std goes on with all other calls that a signal may interrupt by itself.
    Interrupt,
    /// There is no room for one name more in a directory.
    Entry,
    /// A sync says that all is on the disk, and of what was written some never is: processes still read it, and no power
    /// loss leaves it. Names are as if the sync had not been.
    LostWrite,
    /// A bit of a file has flipped when the machine comes back after a power loss.
    Rot,
}

/// What a fault that strikes decides further.
enum How {
    Nothing,
    /// Which sectors had been written by then, as bits.
    Sectors(Site),
    /// How much of what could be moved is, in thousandths.
    Share(Site),
    /// How long it takes, in nanoseconds.
    Span(Site, LogNormal),
}

impl DiskFault {
    /// What a correct program must live with.
    pub(crate) const COMMON: [Self; 9] = [
        Self::Sync,
        Self::Full,
        Self::Read,
        Self::Write,
        Self::Open,
        Self::Stall,
        Self::Short,
        Self::Interrupt,
        Self::Entry,
    ];

    pub(crate) const fn family(self) -> &'static str {
        match self {
            Self::Sync => "disk.sync",
            Self::Full => "disk.full",
            Self::Read => "disk.read",
            Self::Write => "disk.write",
            Self::Open => "disk.open",
            Self::Stall => "disk.stall",
            Self::Short => "disk.short",
            Self::Interrupt => "disk.interrupt",
            Self::Entry => "disk.entry",
            Self::LostWrite => "disk.lost-write",
            Self::Rot => "disk.rot",
        }
    }

    /// Where it is decided.
    pub(crate) const fn site(self) -> Site {
        const SITES: [Site; 11] = [
            Site::new("disk.sync"),
            Site::new("disk.full"),
            Site::new("disk.read"),
            Site::new("disk.write"),
            Site::new("disk.open"),
            Site::new("disk.stall"),
            Site::new("disk.short"),
            Site::new("disk.interrupt"),
            Site::new("disk.entry"),
            Site::new("disk.lost-write"),
            Site::new("disk.rot"),
        ];
        SITES[self as usize]
    }

    pub(crate) const fn variant(self) -> &'static str {
        match self {
            Self::Sync => "the sync fails",
            Self::Full => "no space is left",
            Self::Read => "the read fails",
            Self::Write => "the write fails",
            Self::Open => "too many files are open",
            Self::Stall => "the call stalls",
            Self::Short => "only a part is moved",
            Self::Interrupt => "a signal interrupts the call",
            Self::Entry => "no space is left for a name",
            Self::LostWrite => "the sync is a lie",
            Self::Rot => "a bit flips",
        }
    }

    /// How many of the calls that it may strike it strikes, in a run in which it is on; of rot, how many of the files at a
    /// power loss.
    pub(crate) fn odds(self, call: &str) -> Ratio {
        match self {
            Self::Stall if call == "fs.sync" => ratio(1, 15),
            Self::Stall => ratio(1, 300),
            Self::Short | Self::Rot => ratio(1, 8),
            Self::Interrupt => ratio(1, 15),
            Self::Sync | Self::Full | Self::Read | Self::Write | Self::Open | Self::Entry | Self::LostWrite => {
                ratio(1, 30)
            }
        }
    }

    /// What else is decided when it strikes; 0 if nothing is.
    pub(crate) fn how(self, draws: impl FnOnce(Site) -> Draws) -> u64 {
        match self.further() {
            How::Nothing => 0,
            How::Sectors(site) => draws(site).range(0..u64::MAX),
            How::Share(site) => draws(site).range(0..1_000),
            How::Span(site, spread) => draws(site).next(&spread),
        }
    }

    const fn further(self) -> How {
        const STALLS: LogNormal = LogNormal { median: Duration::from_millis(300), sigma_percent: 100 };
        /// Until the signal comes.
        const SIGNALS: LogNormal = LogNormal { median: Duration::from_millis(1), sigma_percent: 200 };
        match self {
            Self::Sync => How::Sectors(Site::new("disk.sync-wrote")),
            Self::LostWrite => How::Sectors(Site::new("disk.lost-write-wrote")),
            Self::Short => How::Share(Site::new("disk.short-by")),
            Self::Stall => How::Span(Site::new("disk.stall-for"), STALLS),
            Self::Interrupt => How::Span(Site::new("disk.interrupt-after"), SIGNALS),
            Self::Full | Self::Read | Self::Write | Self::Open | Self::Entry | Self::Rot => How::Nothing,
        }
    }

    /// What the call is told.
    ///
    /// # Panics
    /// Of one that no call is told of.
    pub(crate) fn error(self) -> i32 {
        match self {
            Self::Sync | Self::Read | Self::Write => libc::EIO,
            Self::Full | Self::Entry => libc::ENOSPC,
            Self::Open => libc::EMFILE,
            Self::Interrupt => libc::EINTR,
            Self::Stall | Self::Short | Self::LostWrite | Self::Rot => {
                unreachable!("a call is not told of {self:?}")
            }
        }
    }
}
