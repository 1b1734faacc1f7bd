//! What an entry does to a state: what is left of it when it was read.

use super::{
    entry::{Entry, Kept, Key, Record, Why},
    frame::Frame,
    item::ItemId,
    payload::Encoding,
    stored::Stored,
};
use bytes::Bytes;
use serde::Deserialize;
use std::sync::Arc;

/// Of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Effects {
    pub(super) key: Option<Key>,
    /// Of each record, in their order.
    pub(super) of_records: Vec<Effect>,
    /// The greatest number that is put.
    pub(super) greatest: Option<ItemId>,
}

/// Of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// The item is this from now on.
    Put(ItemId, Stored),
    Delete(ItemId),
    Checkpoint(String, Option<Arc<str>>),
}

/// An [`Entry`] up to its records.
#[derive(Deserialize)]
struct Start {
    _at_ms: u64,
    key: Option<Key>,
    records: usize,
}

/// A [`Record`] up to its item.
#[derive(Deserialize)]
enum RecordStart {
    Put { _why: Why },
    Delete(ItemId),
    Checkpoint(String, Option<Arc<str>>),
}

impl Effects {
    /// Of the entry in the frame, which is of `read`.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn read(frame: &Frame<'_>, read: &Bytes) -> Result<Self, &'static str> {
        match frame.encoding {
            Encoding::Json => frame.read::<Entry>().map(|entry| Self::of(&entry)),
            Encoding::Postcard => Self::take(frame.payload, read),
        }
    }

    pub(super) fn of(entry: &Entry) -> Self {
        Self::new(entry.key.clone(), entry.records.iter().map(Effect::of).collect())
    }

    fn new(key: Option<Key>, of_records: Vec<Effect>) -> Self {
        let greatest = of_records.iter().filter_map(Effect::put).map(|(id, _)| id).max();
        Self { key, of_records, greatest }
    }

    fn take(payload: &[u8], read: &Bytes) -> Result<Self, &'static str> {
        let (start, mut rest) = Encoding::take::<Start>(payload)?;
        // Each record takes up some of what is left.
        let mut of_records = Vec::with_capacity(start.records.min(rest.len()));
        for _ in 0..start.records {
            let effect;
            (effect, rest) = Effect::take(rest, read)?;
            of_records.push(effect);
        }
        if rest.is_empty() { Ok(Self::new(start.key, of_records)) } else { Err("the frame's payload goes on") }
    }

    /// How many records the entry has.
    pub(super) fn len(&self) -> u64 {
        self.of_records.len() as u64
    }

    /// What the request is remembered by, if it has a key: `first` is the number of its first record.
    pub(super) fn kept(&self, first: u64) -> Option<Kept> {
        let items = || self.of_records.iter().map(Effect::item).collect();
        self.key.clone().map(|key| Kept { key, first, items: items() })
    }
}

impl Effect {
    fn of(record: &Record) -> Self {
        match record {
            Record::Put(_, item) => Self::Put(item.id, Stored::Whole(item.clone())),
            Record::Delete(id) => Self::Delete(*id),
            Record::Checkpoint(name, value) => Self::Checkpoint(name.clone(), value.clone()),
        }
    }

    fn take<'a>(bytes: &'a [u8], read: &Bytes) -> Result<(Self, &'a [u8]), &'static str> {
        let (start, rest) = Encoding::take::<RecordStart>(bytes)?;
        Ok(match start {
            RecordStart::Put { .. } => {
                let (id, stored, rest) = Stored::take(rest, read)?;
                (Self::Put(id, stored), rest)
            }
            RecordStart::Delete(id) => (Self::Delete(id), rest),
            RecordStart::Checkpoint(name, value) => (Self::Checkpoint(name, value), rest),
        })
    }

    /// An item, and what it is from now on; `None`: deleted.
    pub(super) fn put_or_deleted(&self) -> Option<(ItemId, Option<&Stored>)> {
        match self {
            Self::Put(id, item) => Some((*id, Some(item))),
            Self::Delete(id) => Some((*id, None)),
            Self::Checkpoint(..) => None,
        }
    }

    fn put(&self) -> Option<(ItemId, &Stored)> {
        match self {
            Self::Put(id, item) => Some((*id, item)),
            Self::Delete(_) | Self::Checkpoint(..) => None,
        }
    }

    /// The item that it is of.
    pub(super) fn item(&self) -> Option<ItemId> {
        match self {
            Self::Put(id, _) | Self::Delete(id) => Some(*id),
            Self::Checkpoint(..) => None,
        }
    }
}

#[cfg(all(test, not(real_side)))]
mod tests {
    use super::*;
    use crate::store::{
        frame::Kind,
        item::{Item, Status, Version},
    };
    use proptest::prelude::*;

    fn item() -> impl Strategy<Value = Item> {
        let words = (".{0,20}", ".{0,300}", proptest::option::of(".{0,9}"));
        let rest = (any::<[u64; 4]>(), any::<u8>(), any::<bool>(), proptest::collection::btree_set(any::<u64>(), 0..5));
        (words, rest).prop_map(
            |((title, body, owner), ([id, version, created_at_ms, updated_at_ms], priority, closed, by))| {
                let status = if closed { Status::Closed } else { Status::Open };
                let blocked_by = by.into_iter().map(ItemId).collect();
                let (id, version) = (ItemId(id), Version(version));
                Item { id, version, title, body, status, owner, priority, blocked_by, created_at_ms, updated_at_ms }
            },
        )
    }

    fn record() -> impl Strategy<Value = Record> {
        prop_oneof![
            3 => item().prop_map(|item| Record::Put(Why::Imported, Arc::new(item))),
            1 => any::<u64>().prop_map(|id| Record::Delete(ItemId(id))),
            1 => (".{1,9}", proptest::option::of(".{0,99}"))
                .prop_map(|(name, value)| Record::Checkpoint(name, value.map(Arc::from))),
        ]
    }

    fn entry() -> impl Strategy<Value = Entry> {
        let key = proptest::option::of((".{1,9}", any::<u32>()));
        (any::<u64>(), key, proptest::collection::vec(record(), 0..9)).prop_map(|(at_ms, key, records)| {
            let key = key.map(|(name, fingerprint)| Key { name, fingerprint });
            Entry { at_ms, key, records }
        })
    }

    fn read(encoding: Encoding, payload: &[u8]) -> Result<Effects, &'static str> {
        let read = Bytes::copy_from_slice(payload);
        Effects::read(&Frame { kind: Kind::Entry, encoding, seq: 1, durable: 0, payload: &read }, &read)
    }

    fn weights(effects: &Effects) -> Vec<u32> {
        let weight = |effect: &Effect| effect.put().map(|(_, item)| item.weight());
        effects.of_records.iter().filter_map(weight).collect()
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(entry in entry()) {
            let made = Effects::of(&entry);
            for encoding in [Encoding::Json, Encoding::Postcard] {
                let read = read(encoding, &encoding.encode(&entry)).expect("whole");
                prop_assert_eq!(&read, &made);
                prop_assert_eq!(weights(&read), weights(&made));
            }
        }

        #[test]
        fn bytes_are_read_as_the_entry_that_they_are_or_not_at_all(
            entry in entry(), at in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = Encoding::Postcard.encode(&entry);
            let at = at.index(bytes.len());
            bytes[at] = with;
            for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
                let whole = Encoding::Postcard.decode::<Entry>(bytes).map(|entry| Effects::of(&entry));
                prop_assert_eq!(read(Encoding::Postcard, bytes).is_ok(), whole.is_ok());
                if let (Ok(read), Ok(whole)) = (read(Encoding::Postcard, bytes), whole) {
                    prop_assert_eq!(read, whole);
                }
            }
        }
    }
}
