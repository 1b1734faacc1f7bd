//! What the world around a store tells the log: what was asked of it and answered, and what readers saw in it.
//!
//! Target [`TARGET`]. `write` is a request's number, `item` an item's as the scenario counts them, `version` the number that
//! the store gave, `state` a [`State`] as a number.
//!
//! | Message | Fields | When |
//! | --- | --- | --- |
//! | `write asked` | write, item, state, halves | somebody asks, perhaps again under the same key, for the item to be in that state, and for its other half, if it has two, to be in the same |
//! | `write acknowledged` | write, version, id, took_ns | the store said that it is; `id` is the store's own name of the item, if it is one |
//! | `write refused` | write, took_ns | the store said that it cannot be |
//! | `write failed` | write, took_ns | the store said that it never will be seen |
//! | `write unknown` | write, took_ns | the store said that it does not know |
//! | `waited in vain` | write | it was not written because others had the store for too long |
//! | `listing began`, `listing ended` | listing | a reader asks for all there is, and has it |
//! | `item found` | listing, item, version, state | it is in what the reader has |
//! | `half found` | listing, item, version, state | the other half of it is |
//! | `stranger found` | listing | something is that nobody wrote |
//! | `read failed` | | a reader was told that it cannot be read |
//! | `damage reported` | | a file is said not to be as it was written |
//! | `power lost` | | all processes are gone |
//! | `log measured` | bytes, grown_max, slack | how long it is, how far it may have grown since it was compacted, and what may be written before somebody's turn has come to do so |
//! | `files open` | files | how many are, when all processes have ended |

use shardwright::store::ItemId;
use std::time::Duration;
use tracing::info;

/// The target of every event of this module.
pub(crate) const TARGET: &str = "harness::store";

/// An item as far as the rules care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Absent,
    Open {
        /// Whose it is.
        owner: Option<u64>,
    },
    Closed {
        /// Whose it was.
        owner: Option<u64>,
    },
}

impl State {
    /// As a field of an event.
    pub(crate) fn number(self) -> u64 {
        let owner = |owner: Option<u64>| owner.map_or(0, |owner| owner + 1);
        match self {
            Self::Absent => 0,
            Self::Open { owner: of } => 1 + 4 * owner(of),
            Self::Closed { owner: of } => 2 + 4 * owner(of),
        }
    }

    /// The state of a number.
    pub(crate) fn of_number(number: u64) -> Self {
        let owner = (number / 4).checked_sub(1);
        match number % 4 {
            1 => Self::Open { owner },
            2 => Self::Closed { owner },
            _ => Self::Absent,
        }
    }
}

pub(crate) fn asked(write: u64, item: u64, state: State, halves: u64) {
    info!(target: TARGET, write, item, state = state.number(), halves, "write asked");
}

pub(crate) fn acknowledged(write: u64, version: u64, id: Option<ItemId>, took: Duration) {
    let id = id.map_or(0, |id| id.0);
    info!(target: TARGET, write, version, id, took_ns = nanos(took), "write acknowledged");
}

pub(crate) fn refused(write: u64, took: Duration) {
    info!(target: TARGET, write, took_ns = nanos(took), "write refused");
}

pub(crate) fn failed(write: u64, took: Duration) {
    info!(target: TARGET, write, took_ns = nanos(took), "write failed");
}

pub(crate) fn unknown(write: u64, took: Duration) {
    info!(target: TARGET, write, took_ns = nanos(took), "write unknown");
}

pub(crate) fn waited_in_vain(write: u64) {
    info!(target: TARGET, write, "waited in vain");
}

pub(crate) fn listing_began(listing: u64) {
    info!(target: TARGET, listing, "listing began");
}

pub(crate) fn found(listing: u64, item: u64, version: u64, state: State) {
    info!(target: TARGET, listing, item, version, state = state.number(), "item found");
}

pub(crate) fn found_half(listing: u64, item: u64, version: u64, state: State) {
    info!(target: TARGET, listing, item, version, state = state.number(), "half found");
}

pub(crate) fn found_stranger(listing: u64) {
    info!(target: TARGET, listing, "stranger found");
}

pub(crate) fn listing_ended(listing: u64) {
    info!(target: TARGET, listing, "listing ended");
}

pub(crate) fn read_failed() {
    info!(target: TARGET, "read failed");
}

pub(crate) fn damaged() {
    info!(target: TARGET, "damage reported");
}

pub(crate) fn power_lost() {
    info!(target: TARGET, "power lost");
}

pub(crate) fn measured(bytes: u64, grown_max: u64, slack: u64) {
    info!(target: TARGET, bytes, grown_max, slack, "log measured");
}

pub(crate) fn files_open(files: u64) {
    info!(target: TARGET, files, "files open");
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
