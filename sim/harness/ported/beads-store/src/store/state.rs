//! All issues in memory: what the lines of the main file and the operations of a log come to. Knows no files.

use super::item::{Item, ItemId, Status, Version};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) items: BTreeMap<ItemId, Arc<Item>>,
    /// Deleted ones stay as tombstones.
    tombstones: BTreeMap<ItemId, Arc<Item>>,
    /// Issues by their `external_ref`.
    pub(super) refs: BTreeMap<String, ItemId>,
    pub(super) checkpoints: BTreeMap<String, Arc<str>>,
}

/// One line of the main file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Issue(Arc<Item>),
    Tombstone(Arc<Item>),
    Ref(String, ItemId),
    Checkpoint(String, Arc<str>),
}

/// One operation of the log.
#[derive(Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) op: Op,
    /// Seconds since 1970, by the wall clock of who wrote it.
    pub(super) ts: u64,
    /// By who wrote it, from 1.
    #[serde(default)]
    pub(super) seq: u64,
    pub(super) id: ItemId,
    /// The whole issue, of an add or an update.
    pub(super) data: Option<Item>,
    pub(super) external_ref: Option<String>,
}

/// Blocked is a status there. Here an issue knows what blocks it, so that is an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Op {
    Add,
    Update,
    Close,
    Reopen,
    Delete,
}

impl State {
    pub(super) fn read(&mut self, line: Line) {
        match line {
            Line::Issue(item) => drop(self.items.insert(item.id, item)),
            Line::Tombstone(item) => drop(self.tombstones.insert(item.id, item)),
            Line::Ref(name, id) => drop(self.refs.insert(name, id)),
            Line::Checkpoint(name, text) => drop(self.checkpoints.insert(name, text)),
        }
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = Line> {
        let issues = self.items.values().cloned().map(Line::Issue);
        let tombstones = self.tombstones.values().cloned().map(Line::Tombstone);
        let refs = self.refs.iter().map(|(name, id)| Line::Ref(name.clone(), *id));
        let checkpoints = self.checkpoints.iter().map(|(name, text)| Line::Checkpoint(name.clone(), text.clone()));
        issues.chain(tombstones).chain(refs).chain(checkpoints)
    }

    /// Of a whole log: by the date, then by each process's own count. What has both alike comes in any order.
    pub(super) fn replay(&mut self, mut entries: Vec<(Version, Entry)>) {
        entries.sort_unstable_by_key(|(_, entry)| (entry.ts, entry.seq));
        entries.into_iter().for_each(|(place, entry)| self.apply(place, entry));
    }

    fn apply(&mut self, place: Version, entry: Entry) {
        let Entry { op, id, data, external_ref, ts, .. } = entry;
        match (op, data) {
            (Op::Add, Some(item)) if !self.is_known(id) => {
                self.refs.extend(external_ref.map(|name| (name, id)));
                self.put(place, ts, item);
            }
            (Op::Update, Some(item)) => self.put(place, ts, item),
            // One that is known is not added, and what has no issue is skipped.
            (Op::Add | Op::Update, _) => {}
            (Op::Close, _) => self.set(place, ts, id, |item| item.status = Status::Closed),
            (Op::Reopen, _) => self.set(place, ts, id, |item| {
                item.status = Status::Open;
                item.owner = None;
            }),
            (Op::Delete, _) => {
                if let Some(item) = self.items.remove(&id) {
                    self.tombstones.insert(id, item);
                }
            }
        }
    }

    fn is_known(&self, id: ItemId) -> bool {
        self.items.contains_key(&id) || self.tombstones.contains_key(&id)
    }

    fn put(&mut self, place: Version, ts: u64, item: Item) {
        self.tombstones.remove(&item.id);
        self.items.insert(item.id, Arc::new(Item { version: place, updated_at_ms: ts * 1_000, ..item }));
    }

    /// Skipped if there is no such issue. That of a deleted one brings it back: a tombstone is a status, too.
    fn set(&mut self, place: Version, ts: u64, id: ItemId, change: impl FnOnce(&mut Item)) {
        if let Some(item) = self.items.get(&id).or_else(|| self.tombstones.get(&id)) {
            let mut item = Item::clone(item);
            change(&mut item);
            self.put(place, ts, item);
        }
    }

    pub(super) fn is_ready(&self, item: &Item) -> bool {
        let blocks = |id: &ItemId| self.items.get(id).is_some_and(|other| other.is_open());
        item.is_open() && item.owner.is_none() && !item.blocked_by.iter().any(blocks)
    }
}
