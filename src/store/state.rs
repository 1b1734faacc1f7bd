//! What all entries of the log come to. Knows no files.

use super::{
    change::Receipt,
    effect::{Effect, Effects},
    entry::{Begin, Kept, Part},
    item::{Item, ItemId, Version},
    items::Items,
    stored::Stored,
    wear::{self, Wear},
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// How many requests are remembered by their keys: the newest.
pub(super) const KEYS_MAX: usize = 10_000;

/// The store's state after one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// The number of the last record.
    pub(super) seq: u64,
    /// No item had this number or a greater one.
    pub(super) next_id: u64,
    pub(super) items: Items,
    pub(super) checkpoints: BTreeMap<String, Arc<str>>,
    pub(super) wear: Wear,
    keys: BTreeMap<String, Arc<Kept>>,
    /// Oldest first.
    keys_by_age: VecDeque<Arc<Kept>>,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            seq: 0,
            next_id: 1,
            items: Items::default(),
            checkpoints: BTreeMap::new(),
            wear: Wear::default(),
            keys: BTreeMap::new(),
            keys_by_age: VecDeque::new(),
        }
    }

    /// What a file begins with, without its parts yet.
    pub(super) fn begun(begin: Begin, seq: u64) -> Self {
        Self { seq, next_id: begin.next_id, ..Self::new() }
    }

    pub(super) fn add(&mut self, part: Part) {
        part.items.into_iter().for_each(|item| self.put(item.id, Stored::Whole(item)));
        part.checkpoints.into_iter().for_each(|(name, value)| self.set(name, value));
        self.wear.begin();
        part.keys.into_iter().for_each(|kept| self.keep(kept));
    }

    /// # Panics
    /// If it is not the next entry.
    pub(super) fn apply(&mut self, first: u64, entry: Effects) {
        assert!(first == self.seq + 1, "entry {first} was applied after {}", self.seq);
        self.seq += entry.len();
        let kept = entry.kept(first);
        entry.of_records.into_iter().for_each(|effect| self.take(effect));
        if let Some(kept) = kept {
            self.keep(kept);
        }
    }

    fn take(&mut self, effect: Effect) {
        match effect {
            Effect::Put(id, item) => {
                self.next_id = self.next_id.max(id.0 + 1);
                self.put(id, item);
            }
            Effect::Delete(id) => {
                let old = self.items.remove(id);
                self.wear.remove(old.as_ref().map(|old| old.weight().into()));
            }
            Effect::Checkpoint(name, Some(value)) => self.set(name, value),
            Effect::Checkpoint(name, None) => {
                let old = self.checkpoints.remove(&name);
                self.wear.remove(old.map(|value| wear::of_text(&value)));
            }
        }
    }

    fn put(&mut self, id: ItemId, item: Stored) {
        let new = item.weight().into();
        let old = self.items.insert(id, item);
        self.wear.replace(new, old.as_ref().map(|old| old.weight().into()));
    }

    fn set(&mut self, name: String, value: Arc<str>) {
        let new = wear::of_text(&value);
        let old = self.checkpoints.insert(name, value);
        self.wear.replace(new, old.map(|value| wear::of_text(&value)));
    }

    fn keep(&mut self, kept: Kept) {
        let kept = Arc::new(kept);
        self.keys.insert(kept.key.name.clone(), kept.clone());
        self.keys_by_age.push_back(kept);
        if self.keys_by_age.len() > KEYS_MAX
            && let Some(oldest) = self.keys_by_age.pop_front()
        {
            self.keys.remove(&oldest.key.name);
        }
    }

    pub(super) fn kept(&self, key: &str) -> Option<&Kept> {
        self.keys.get(key).map(AsRef::as_ref)
    }

    /// All keys, oldest first.
    pub(super) fn keys(&self) -> impl ExactSizeIterator<Item = &Kept> {
        self.keys_by_age.iter().map(AsRef::as_ref)
    }

    /// Whether there is work left that nobody has claimed and nothing blocks.
    pub(super) fn is_ready(&self, item: &Item) -> bool {
        let blocks = |id: &ItemId| self.items.get(*id).is_some_and(|other| other.with(|other| other.is_open()));
        item.is_open() && item.owner.is_none() && !item.blocked_by.iter().any(blocks)
    }
}

impl Kept {
    pub(super) fn receipt(&self) -> Receipt {
        Receipt { first: Version(self.first), items: self.items.clone() }
    }
}
