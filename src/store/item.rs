//! A work item, and how it and its states are named. Owns no state.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, num::ParseIntError, str::FromStr};

/// Names an item of one store for ever: a number is never given out twice, not even after a delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemId(pub u64);

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item-{}", self.0)
    }
}

impl FromStr for ItemId {
    type Err = ParseIntError;

    /// `item-7`, or the number alone.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix("item-").unwrap_or(text).parse().map(Self)
    }
}

/// Which change of the store made an item what it is: the change's number in the log. It grows with each change of the
/// item, and no two changes of a store have the same. 0: before all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub u64);

impl FromStr for Version {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether there is work left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// There is.
    #[default]
    Open,
    /// It is done, or given up.
    Closed,
}

/// A piece of work, as it was after one change.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Item {
    /// Its name.
    pub id: ItemId,
    /// The last change of it.
    pub version: Version,
    /// What is to be done, in a line.
    pub title: String,
    /// The rest of what is to be known.
    #[serde(default)]
    pub body: String,
    /// Whether there is work left.
    #[serde(default)]
    pub status: Status,
    /// Who has claimed it.
    #[serde(default)]
    pub owner: Option<String>,
    /// What is more urgent has a smaller number.
    #[serde(default)]
    pub priority: u8,
    /// What has to be closed before this is ready.
    #[serde(default)]
    pub blocked_by: BTreeSet<ItemId>,
    /// When it was added, by the wall clock of who added it: milliseconds since 1970. Says nothing of the order.
    pub created_at_ms: u64,
    /// When it was changed last, likewise.
    pub updated_at_ms: u64,
}

impl Item {
    /// Whether there is work left.
    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }
}
