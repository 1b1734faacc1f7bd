//! What is told of a store, as one type.

use super::super::{
    rule::Tells,
    told::{nanos, number, unknown},
};
use crate::fact::store::{State, TARGET};
use seedbed::history::Event;
use std::time::Duration;

/// One thing that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Asked { write: u64, item: u64, state: State },
    Answered { write: u64, answer: Answer, took: Duration },
    ListingBegan { listing: u64 },
    Found { listing: u64, item: u64, version: u64, state: State },
    StrangerFound { listing: u64 },
    ListingEnded { listing: u64 },
    ReadFailed,
    Damaged,
    PowerLost,
    Measured { bytes: u64, bytes_max: u64 },
    FilesOpen { files: u64 },
}

/// What the store said to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Acknowledged { version: u64 },
    Refused,
    Failed,
    Unknown,
}

impl Tells for Told {
    fn read(event: &Event<'_>) -> Option<Self> {
        let Event::Logged(log) = event else { return None };
        if log.target() != TARGET {
            return None;
        }
        let field = |name| number(log, name);
        let state = || State::of_number(number(log, "state"));
        let answered = |answer| Self::Answered { write: field("write"), answer, took: nanos(log, "took_ns") };
        Some(match log.message() {
            "write asked" => Self::Asked { write: field("write"), item: field("item"), state: state() },
            "write acknowledged" => answered(Answer::Acknowledged { version: field("version") }),
            "write refused" => answered(Answer::Refused),
            "write failed" => answered(Answer::Failed),
            "write unknown" => answered(Answer::Unknown),
            "listing began" => Self::ListingBegan { listing: field("listing") },
            "item found" => Self::Found {
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
            "log measured" => Self::Measured { bytes: field("bytes"), bytes_max: field("bytes_max") },
            "files open" => Self::FilesOpen { files: field("files") },
            other => unknown(log, other),
        })
    }
}
