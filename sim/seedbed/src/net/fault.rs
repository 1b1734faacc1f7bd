//! What a network may do to those who rely on it.

use crate::decision::{Ratio, Site, ratio};

/// A failure: a family of its own, so that it is on or off for a whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NetFault {
    /// A connection is reset when something is sent on it: both ends see it.
    Reset,
    /// A connection is refused, whoever listens.
    Refuse,
    /// From some write on, nothing that one end of a connection sends arrives, and nobody is told. Once faults stop it
    /// arrives after all, unless one of them has given up by then.
    HalfOpen,
    /// A segment is lost: it comes late, and all that follows it. Or a datagram is, for good.
    Loss,
    /// A datagram comes twice.
    Duplicate,
    /// A datagram is overtaken by others.
    Reorder,
    /// A link between two machines, or of one to itself, carries only so many bytes a second.
    Slow,
}

impl NetFault {
    pub(crate) const ALL: [Self; 7] =
        [Self::Reset, Self::Refuse, Self::HalfOpen, Self::Loss, Self::Duplicate, Self::Reorder, Self::Slow];

    pub(crate) const fn family(self) -> &'static str {
        self.site().name()
    }

    /// Where it is decided.
    pub(crate) const fn site(self) -> Site {
        const SITES: [Site; 7] = [
            Site::new("net.reset"),
            Site::new("net.refuse"),
            Site::new("net.half-open"),
            Site::new("net.loss"),
            Site::new("net.duplicate"),
            Site::new("net.reorder"),
            Site::new("net.slow"),
        ];
        SITES[self as usize]
    }

    pub(crate) const fn variant(self) -> &'static str {
        match self {
            Self::Reset => "the connection is reset",
            Self::Refuse => "the connection is refused",
            Self::HalfOpen => "nothing arrives any more",
            Self::Loss => "a packet is lost",
            Self::Duplicate => "a datagram comes twice",
            Self::Reorder => "a datagram is overtaken",
            Self::Slow => "the link is slow",
        }
    }

    /// How many of the chances it has it takes, in a run in which it is on.
    pub(super) const fn odds(self) -> Ratio {
        match self {
            Self::Reset | Self::HalfOpen => ratio(1, 100),
            Self::Refuse | Self::Loss | Self::Duplicate | Self::Reorder => ratio(1, 20),
            Self::Slow => ratio(1, 2),
        }
    }
}
