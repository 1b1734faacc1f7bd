//! Items as lines of JSON, one each, for people and other programs. Knows no store.

use super::item::{Item, ItemId, Status, Version};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// All that is said of an item, except its version, which names a change of one store and means nothing in another. A
/// field that is not here is a mistake, lest it be lost without a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub(super) id: ItemId,
    title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    body: String,
    #[serde(default)]
    status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(default)]
    priority: u8,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) blocked_by: BTreeSet<ItemId>,
    created_at_ms: u64,
    updated_at_ms: u64,
}

/// A line that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {wrong}")]
pub struct LineError {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It is no JSON, or lacks a field, or has one that items have not.
    #[error("{0}")]
    Text(String),
    /// A title without a word, an owner without a name.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// No item has this number.
    #[error("{} is no item's number", .0.0)]
    Number(ItemId),
    /// It is longer than a request may be.
    #[error("{id} has {bytes} bytes, and {bytes_max} are allowed")]
    TooLarge {
        /// Which item.
        id: ItemId,
        /// How many it has.
        bytes: usize,
        /// How many are allowed.
        bytes_max: usize,
    },
    /// An earlier line is of the same item.
    #[error("{id} is in line {first} already")]
    Twice {
        /// Which item.
        id: ItemId,
        /// The earlier line.
        first: usize,
    },
    /// The store has an item of this name.
    #[error("there is an {0} already")]
    Taken(ItemId),
    /// What it waits for is neither here nor in the store.
    #[error("{id} is blocked by {by}, which is neither here nor in the store")]
    NoBlocker {
        /// Which item.
        id: ItemId,
        /// What it waits for.
        by: ItemId,
    },
    /// It waits for itself, over whatever many others.
    #[error("{id} waits for {by}, which waits for it")]
    Cycle {
        /// Which item.
        id: ItemId,
        /// What it waits for.
        by: ItemId,
    },
}

impl Line {
    /// `is_there`: whether an item is. One that is not any more blocks nothing, and is left out.
    pub(super) fn of(item: &Item, is_there: impl Fn(&ItemId) -> bool) -> Self {
        Self {
            id: item.id,
            title: item.title.clone(),
            body: item.body.clone(),
            status: item.status,
            owner: item.owner.clone(),
            priority: item.priority,
            blocked_by: item.blocked_by.iter().copied().filter(is_there).collect(),
            created_at_ms: item.created_at_ms,
            updated_at_ms: item.updated_at_ms,
        }
    }

    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).expect("plain data")
    }

    /// Its version is the store's to give.
    pub(super) fn into_item(self) -> Item {
        Item {
            id: self.id,
            version: Version(0),
            title: self.title,
            body: self.body,
            status: self.status,
            owner: self.owner,
            priority: self.priority,
            blocked_by: self.blocked_by,
            created_at_ms: self.created_at_ms,
            updated_at_ms: self.updated_at_ms,
        }
    }

    fn check(&self) -> Result<(), Wrong> {
        if self.id.0 == 0 || self.id.0 == u64::MAX {
            return Err(Wrong::Number(self.id));
        }
        if self.title.trim().is_empty() {
            return Err(Wrong::Empty("title"));
        }
        match &self.owner {
            Some(owner) if owner.trim().is_empty() => Err(Wrong::Empty("owner")),
            Some(_) | None => Ok(()),
        }
    }
}

/// All lines and their numbers; empty ones are left out.
pub(super) fn parse(text: &[u8]) -> Result<Vec<(usize, Line)>, LineError> {
    let lines = text.split(|byte| *byte == b'\n').enumerate();
    let full = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    full.map(|(index, line)| {
        let at = |wrong| LineError { line: index + 1, wrong };
        let parsed = serde_json::from_slice::<Line>(line).map_err(|error| at(Wrong::Text(what(&error))))?;
        parsed.check().map_err(at)?;
        Ok((index + 1, parsed))
    })
    .collect()
}

/// The parser counts lines of its own.
fn what(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or(&text);
    format!("{what} (column {})", error.column())
}
