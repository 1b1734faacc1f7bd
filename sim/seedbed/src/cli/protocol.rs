//! What a parent and its worker processes say to each other, one JSON line each. The parent speaks first:
//! a set-up, then orders; each order gets one answer.

use super::{seeds::Span, tally::Tally};
use crate::{
    case::Case,
    explore::{Mode, Probe, Survey},
    finding::Finding,
    history::Digest,
    shrink::{Judged, Look},
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The first line to a worker.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Setup {
    /// Where it announces its cases.
    pub(super) announcement: PathBuf,
    /// Its address space.
    pub(super) memory_mib: u64,
}

/// Whether cases share a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ThreadUse {
    /// A new one for each.
    Fresh,
    /// One for all, hash keys set anew; fresh ones where that cannot be.
    Reused,
}

/// Something to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// Run the case under each seed.
    Sweep { template: Case, span: Span, threads: ThreadUse },
    /// Run the case for its digest, keeping its history or not.
    Digest { case: Case, threads: ThreadUse, kept: bool },
    /// Run the case for the lines of its history.
    Lines { case: Case, threads: ThreadUse },
    /// Run the case for everything that can be told of it.
    Replay { case: Case, views: Views },
    /// Run the case and compare its finding's signature.
    Judge { case: Case, signature: String },
    /// Run the case for its finding, its decisions and its story.
    Look { case: Case },
    /// Run the case and list where it could be cancelled, or where its power could fail.
    Survey { case: Case, mode: Mode },
    /// Run the case for its finding.
    Probe { case: Case },
    /// Ask the program's questions of the case's history.
    Query { case: Case },
}

impl Order {
    /// How many runs it may take one after the other. Not of a sweep, whose worker announces each.
    pub(super) fn runs_max(&self) -> u32 {
        match self {
            Self::Sweep { .. } | Self::Digest { .. } | Self::Lines { .. } | Self::Query { .. } => 1,
            // A second look at what was found, and a third one at a stall.
            Self::Replay { .. } | Self::Judge { .. } | Self::Probe { .. } => 3,
            Self::Survey { .. } | Self::Look { .. } => 4,
        }
    }
}

/// The views of a history that a replay wants.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Views {
    /// Every line, not only the story.
    pub(super) all: bool,
    pub(super) html: bool,
    pub(super) perfetto: bool,
    pub(super) events: bool,
}

/// What came of an order.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Swept(Tally),
    Digest(Digest),
    Lines { digest: Digest, lines: Vec<String> },
    Replayed(Box<Replayed>),
    Judged(Judged),
    Seen(Box<Look>),
    Surveyed(Box<Survey>),
    Probed(Box<Probe>),
    Answers(Vec<(String, String)>),
}

/// A case as a replay saw it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Replayed {
    pub(super) finding: Option<Finding>,
    pub(super) digest: Digest,
    pub(super) strategy: String,
    pub(super) virtual_ns: u64,
    pub(super) polls: u64,
    pub(super) tasks: u32,
    pub(super) events: u64,
    pub(super) marks: Vec<String>,
    pub(super) injections: Vec<(String, u64)>,
    pub(super) counts: Vec<(String, u64)>,
    /// Listed decisions that changed nothing.
    pub(super) unmatched: Vec<String>,
    /// The lines of the timeline.
    pub(super) lines: Vec<String>,
    pub(super) html: Option<String>,
    pub(super) perfetto: Option<String>,
    pub(super) every_event: Option<String>,
}
