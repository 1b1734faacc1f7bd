//! A state's items, by their numbers. A store gives out one number after the other and mostly keeps them, so they are held
//! by the page: to add the next one is to fill a place beside the one before.

use super::{item::ItemId, stored::Stored};
use std::collections::BTreeMap;

/// How many numbers are on a page.
const PAGE: u64 = 32;
/// So many bytes may be held for items that were not looked at, whatever they come to.
const HELD_BYTES: u64 = 4 << 20;
/// For how much of what is held there may be other items by now, or none.
const HELD_MAX: u64 = 4;

/// All items, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    pages: BTreeMap<u64, Page>,
    len: usize,
    /// How many bytes are held for those that were not looked at, at most.
    held: u64,
}

/// The items of [`PAGE`] numbers.
type Page = Box<[Option<Stored>; PAGE as usize]>;

impl Items {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, id: ItemId) -> Option<&Stored> {
        let (page, place) = place(id);
        self.pages.get(&page)?[place].as_ref()
    }

    pub(super) fn contains(&self, id: ItemId) -> bool {
        self.get(id).is_some()
    }

    /// What was there before.
    pub(super) fn insert(&mut self, id: ItemId, item: Stored) -> Option<Stored> {
        let (page, place) = place(id);
        let old = self.pages.entry(page).or_default()[place].replace(item);
        self.len += usize::from(old.is_none());
        old
    }

    /// What was there before.
    pub(super) fn remove(&mut self, id: ItemId) -> Option<Stored> {
        let (page, place) = place(id);
        let items = self.pages.get_mut(&page)?;
        let old = items[place].take()?;
        self.len -= 1;
        if items.iter().all(Option::is_none) {
            self.pages.remove(&page);
        }
        Some(old)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Stored> {
        self.pages.values().flat_map(|items| items.iter().flatten())
    }

    /// So many bytes more are held for items that were not looked at; `kept`: what all items come to.
    pub(super) fn hold(&mut self, bytes: u64, kept: u64) {
        self.held += bytes;
        if self.held > HELD_BYTES + HELD_MAX * kept {
            self.unpack();
        }
    }

    /// Whoever asks for many items asks for them again.
    pub(super) fn unpack(&mut self) {
        if std::mem::take(&mut self.held) > 0 {
            self.pages.values_mut().flat_map(|items| items.iter_mut().flatten()).for_each(Stored::unpack);
        }
    }
}

/// Those that hold the same are equal, however they hold it.
impl PartialEq for Items {
    fn eq(&self, other: &Self) -> bool {
        self.pages == other.pages
    }
}

impl Eq for Items {}

/// On which page, and where there.
fn place(id: ItemId) -> (u64, usize) {
    (id.0 / PAGE, (id.0 % PAGE) as usize)
}

#[cfg(all(test, not(real_side)))]
mod tests {
    use super::*;
    use crate::store::{
        item::{Item, Status, Version},
        payload::Encoding,
    };
    use bytes::Bytes;
    use proptest::prelude::*;
    use std::{collections::BTreeSet, sync::Arc};

    fn item(id: u64) -> Item {
        Item {
            id: ItemId(id),
            version: Version(id),
            title: format!("item {id}"),
            body: String::new(),
            status: Status::Open,
            owner: None,
            priority: 0,
            blocked_by: BTreeSet::new(),
            created_at_ms: 0,
            updated_at_ms: 0,
        }
    }

    fn stored(id: u64) -> Stored {
        Stored::Whole(Arc::new(item(id)))
    }

    fn packed(id: u64) -> Stored {
        let bytes = Bytes::from(Encoding::Postcard.encode(&item(id)));
        Stored::take(&bytes, &bytes).expect("an item").1
    }

    #[test]
    fn what_was_read_is_given_back_when_most_of_it_is_of_no_use() {
        let (mut items, kept) = (Items::default(), HELD_BYTES);
        (0..100).for_each(|id| drop(items.insert(ItemId(id), packed(id))));
        items.hold(HELD_BYTES + HELD_MAX * kept, kept);
        assert!(items.values().all(|item| matches!(item, Stored::Packed { .. })));
        items.hold(1, kept);
        assert!(items.values().all(|item| matches!(item, Stored::Whole(_))));
        assert_eq!((items.get(ItemId(7)), items.held), (Some(&stored(7)), 0));
    }

    proptest! {
        /// As the map of the standard library does.
        #[test]
        fn items_are_found_by_their_numbers(
            changes in proptest::collection::vec((any::<bool>(), prop_oneof![0..100_u64, any::<u64>()]), 0..200),
        ) {
            let (mut items, mut model) = (Items::default(), BTreeMap::new());
            for (is_put, id) in changes {
                let (id, item) = (ItemId(id), stored(id));
                if is_put {
                    prop_assert_eq!(items.insert(id, item.clone()), model.insert(id, item));
                } else {
                    prop_assert_eq!(items.remove(id), model.remove(&id));
                }
                prop_assert_eq!(items.contains(id), model.contains_key(&id));
                prop_assert_eq!(items.len(), model.len());
                prop_assert!(items.values().eq(model.values()));
            }
            model.keys().for_each(|id| drop(items.remove(*id)));
            prop_assert_eq!(items, Items::default());
        }
    }
}
