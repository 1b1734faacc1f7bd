//! What is written and follows a state, and is not known to be durable. Knows no files.

use super::{
    effect::{Effect, Effects},
    entry::Kept,
    item::ItemId,
    stored::Stored,
};
use std::{cell::OnceCell, collections::BTreeMap};

/// Entries that are written already, in their order. They are gone over when something is asked for, and not before: most of
/// them are others', and nobody asks.
pub(super) struct Behind<'a> {
    entries: &'a [(u64, Effects)],
    /// Those that are not as in the base; `None`: deleted.
    items: OnceCell<BTreeMap<ItemId, Option<&'a Stored>>>,
    /// Those that have a key, by its name.
    keyed: OnceCell<BTreeMap<&'a str, &'a (u64, Effects)>>,
}

impl<'a> Behind<'a> {
    pub(super) fn new(entries: &'a [(u64, Effects)]) -> Self {
        Self { entries, items: OnceCell::new(), keyed: OnceCell::new() }
    }

    /// The number of the last record.
    pub(super) fn last(&self, of_base: u64) -> u64 {
        self.entries.last().map_or(of_base, |(first, entry)| first + entry.len() - 1)
    }

    pub(super) fn next_id(&self, of_base: u64) -> u64 {
        let greatest = self.entries.iter().filter_map(|(_, entry)| entry.greatest).max();
        of_base.max(greatest.map_or(0, |id| id.0 + 1))
    }

    pub(super) fn kept(&self, key: &str) -> Option<Kept> {
        let by_name = |of_entry: &'a (u64, Effects)| of_entry.1.key.as_ref().map(|key| (key.name.as_str(), of_entry));
        let keyed = self.keyed.get_or_init(|| self.entries.iter().filter_map(by_name).collect());
        let (first, entry) = keyed.get(key)?;
        entry.kept(*first)
    }

    /// `None`: it is as in the base.
    pub(super) fn find(&self, id: ItemId) -> Option<Option<&'a Stored>> {
        let effects = || self.entries.iter().flat_map(|(_, entry)| &entry.of_records);
        let items = self.items.get_or_init(|| effects().filter_map(Effect::put_or_deleted).collect());
        items.get(&id).copied()
    }
}
