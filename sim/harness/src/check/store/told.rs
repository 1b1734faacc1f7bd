//! What is told of a store, as one type.

use super::super::{
    rule::Tells,
    told::{nanos, number, unknown},
};
use crate::fact::store::{State, TARGET};
use seedbed::history::Event;
use shardwright::store::events;
use std::time::Duration;

/// One thing that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Asked {
        write: u64,
        item: u64,
        state: State,
        halves: u64,
    },
    Answered {
        write: u64,
        answer: Answer,
        took: Duration,
    },
    WaitedInVain {
        write: u64,
    },
    ListingBegan {
        listing: u64,
    },
    Found {
        listing: u64,
        item: u64,
        version: u64,
        state: State,
    },
    HalfFound {
        listing: u64,
        item: u64,
        version: u64,
        state: State,
    },
    StrangerFound {
        listing: u64,
    },
    ListingEnded {
        listing: u64,
    },
    ReadFailed,
    Damaged,
    PowerLost,
    /// Of the store itself: a writer's turn has come.
    Turn {
        ticket: u64,
    },
    /// The store itself said so.
    Compacted {
        bytes: u64,
    },
    Measured {
        bytes: u64,
        grown_max: u64,
        slack: u64,
    },
    FilesOpen {
        files: u64,
    },
}

/// What the store said to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Acknowledged { version: u64, id: u64 },
    Refused,
    Failed,
    Unknown,
}

impl Tells for Told {
    fn read(event: &Event<'_>) -> Option<Self> {
        let Event::Logged(log) = event else { return None };
        let field = |name| number(log, name);
        match log.target() {
            TARGET => {}
            events::TARGET if log.message() == "compacted" => return Some(Self::Compacted { bytes: field("bytes") }),
            events::TARGET if log.message() == "has its turn" => return Some(Self::Turn { ticket: field("ticket") }),
            _ => return None,
        }
        let state = || State::of_number(number(log, "state"));
        let answered = |answer| Self::Answered { write: field("write"), answer, took: nanos(log, "took_ns") };
        Some(match log.message() {
            "write asked" => {
                Self::Asked { write: field("write"), item: field("item"), state: state(), halves: field("halves") }
            }
            "write acknowledged" => answered(Answer::Acknowledged { version: field("version"), id: field("id") }),
            "write refused" => answered(Answer::Refused),
            "write failed" => answered(Answer::Failed),
            "write unknown" => answered(Answer::Unknown),
            "waited in vain" => Self::WaitedInVain { write: field("write") },
            "listing began" => Self::ListingBegan { listing: field("listing") },
            "item found" => Self::Found {
                listing: field("listing"),
                item: field("item"),
                version: field("version"),
                state: state(),
            },
            "half found" => Self::HalfFound {
                listing: field("listing"),
                item: field("item"),
                version: field("version"),
                state: state(),
            },
            "stranger found" => Self::StrangerFound { listing: field("listing") },
            "listing ended" => Self::ListingEnded { listing: field("listing") },
            "read failed" => Self::ReadFailed,
            "damage reported" => Self::Damaged,
            "power lost" => Self::PowerLost,
            "log measured" => {
                Self::Measured { bytes: field("bytes"), grown_max: field("grown_max"), slack: field("slack") }
            }
            "files open" => Self::FilesOpen { files: field("files") },
            other => unknown(log, other),
        })
    }
}
