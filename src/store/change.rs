//! What may be asked of a store, and what it answers. Decides nothing.

use super::item::{Item, ItemId, Version};
use serde::{Deserialize, Serialize};

/// Changes that happen together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Names the request, so that asking again, when the answer was lost, changes nothing more.
    pub key: Option<String>,
    /// In order; each sees those before it.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A new item.
    Add(NewItem),
    /// Other words, or another priority, for an item.
    Update(Target, Patch),
    /// The item is `owner`'s from now on. Claiming one's own again changes nothing but the version.
    Claim(Target, String),
    /// The item is nobody's.
    Release(Target),
    /// The work is done. Who did it stays its owner.
    Close(Target),
    /// There is work left after all, and it is nobody's.
    Reopen(Target),
    /// The item is no more. What it blocked is not blocked by it any longer.
    Delete(Target),
    /// The item is not ready before `by` is closed.
    Block {
        /// Which item.
        item: Target,
        /// What it has to wait for.
        by: ItemId,
    },
    /// The item need not wait for `by`.
    Unblock {
        /// Which item.
        item: Target,
        /// What it does not have to wait for.
        by: ItemId,
    },
    /// An item of another store, under its own name, which must be free. Only its version is a new one.
    Import(Item),
    /// A text kept under a name; `None` forgets it.
    Checkpoint {
        /// Its name.
        name: String,
        /// The text.
        value: Option<String>,
    },
}

/// Which item, and in which version, if that matters: a change of any other is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// Which item.
    pub id: ItemId,
    /// The version that the asker has seen.
    pub version: Option<Version>,
}

/// What is said of a new item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    /// What is to be done, in a line; not empty.
    pub title: String,
    /// The rest of what is to be known.
    #[serde(default)]
    pub body: String,
    /// What is more urgent has a smaller number.
    #[serde(default)]
    pub priority: u8,
    /// What has to be closed before it is ready.
    #[serde(default)]
    pub blocked_by: Vec<ItemId>,
}

/// What is to be different about an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Patch {
    /// Another title; not empty.
    pub title: Option<String>,
    /// Another body.
    pub body: Option<String>,
    /// Another priority.
    pub priority: Option<u8>,
}

/// The durable answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The number of its first change; the others follow.
    pub first: Version,
    /// The item that each change was of, in the order of the request; `None` of a checkpoint.
    pub items: Vec<Option<ItemId>>,
}

impl Request {
    /// Changes without a key.
    pub fn new(changes: impl Into<Vec<Change>>) -> Self {
        Self { key: None, changes: changes.into() }
    }

    /// Under a key.
    #[must_use]
    pub fn keyed(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }
}

impl From<Change> for Request {
    fn from(change: Change) -> Self {
        Self::new([change])
    }
}

impl Target {
    /// The item in this version only.
    pub fn at(id: ItemId, version: Version) -> Self {
        Self { id, version: Some(version) }
    }
}

impl From<ItemId> for Target {
    fn from(id: ItemId) -> Self {
        Self { id, version: None }
    }
}

impl From<&Item> for Target {
    fn from(item: &Item) -> Self {
        Self::at(item.id, item.version)
    }
}

impl Receipt {
    /// The item of a request of one change.
    pub fn item(&self) -> Option<ItemId> {
        self.items.first().copied().flatten()
    }

    /// The number of the request's last change.
    pub fn last(&self) -> Version {
        Version(self.first.0 + self.items.len().saturating_sub(1) as u64)
    }
}
