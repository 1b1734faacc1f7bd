//! What one frame of the log holds: what a request came to. Whoever applies entries in their order has the same state.

use super::item::{Item, ItemId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a request came to. Its records are numbered on from the frame's number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// By the wall clock of who wrote it: milliseconds since 1970.
    pub(super) at_ms: u64,
    #[serde(default)]
    pub(super) key: Option<Key>,
    pub(super) records: Vec<Record>,
}

/// Names a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) name: String,
    /// Of the request's changes: another request under this name is a mistake.
    pub(super) fingerprint: u32,
}

/// What one change came to: nothing is left to be decided, or to be asked of a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    /// The item is this from now on.
    Put(Why, Arc<Item>),
    Delete(ItemId),
    Checkpoint(String, Option<Arc<str>>),
}

/// Which change it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Why {
    Added,
    Updated,
    Claimed,
    Released,
    Closed,
    Reopened,
    Blocked,
    Unblocked,
    Imported,
}

/// The first frame of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begin {
    /// Which format the file is in.
    pub(super) format: u32,
    /// One more than that of the file that it took the place of.
    pub(super) generation: u64,
    pub(super) next_id: u64,
    /// The generation that came to the same state, if it was in the place before.
    #[serde(default)]
    pub(super) follows: Option<u64>,
    /// Where the parts that follow end.
    #[serde(default)]
    pub(super) bytes: Option<u64>,
    /// How many items the parts that follow have in all, and keys, and checkpoints.
    pub(super) items: u64,
    pub(super) keys: u64,
    pub(super) checkpoints: u64,
}

/// A part of the state that the file begins with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Part {
    #[serde(default)]
    pub(super) items: Vec<Arc<Item>>,
    #[serde(default)]
    pub(super) keys: Vec<Kept>,
    #[serde(default)]
    pub(super) checkpoints: Vec<(String, Arc<str>)>,
}

/// A request that is remembered by its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) key: Key,
    pub(super) first: u64,
    pub(super) items: Vec<Option<ItemId>>,
}

impl Record {
    /// The item that it is of.
    pub(super) fn item(&self) -> Option<ItemId> {
        match self {
            Self::Put(_, item) => Some(item.id),
            Self::Delete(id) => Some(*id),
            Self::Checkpoint(..) => None,
        }
    }
}
