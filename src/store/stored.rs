//! An item in a state. One that was read stays as it was written until somebody asks for it: who writes reads what all
//! others have written, and looks at little of it.

use super::{
    item::{Item, ItemId, Status, Version},
    payload::Encoding,
    wear,
};
use bytes::Bytes;
use serde::Deserialize;
use std::{collections::BTreeSet, fmt, sync::Arc};

/// An item, or what is written of it. Those that come to the same item are equal.
#[derive(Clone)]
pub(super) enum Stored {
    Whole(Arc<Item>),
    /// As it stands in a frame, all of which was looked at. What was read with it is held too.
    Packed {
        bytes: Bytes,
        weight: u32,
    },
}

/// An [`Item`]'s fields in their order, with its words where they were read.
#[derive(Deserialize)]
struct Sketch<'a> {
    id: ItemId,
    _version: Version,
    title: &'a str,
    body: &'a str,
    _status: Status,
    owner: Option<&'a str>,
    _priority: u8,
    blocked_by: BTreeSet<ItemId>,
    _created_at_ms: u64,
    _updated_at_ms: u64,
}

impl Stored {
    /// The item that `bytes` begin with, which one it is, and the rest of them. They are of `read`.
    ///
    /// # Errors
    /// They begin with none.
    pub(super) fn take<'a>(bytes: &'a [u8], read: &Bytes) -> Result<(ItemId, Self, &'a [u8]), &'static str> {
        let (sketch, rest) = Encoding::take::<Sketch<'_>>(bytes)?;
        let words = sketch.title.len() + sketch.body.len() + sketch.owner.map_or(0, str::len);
        let weight = wear::of_item(words, &sketch.blocked_by);
        let bytes = read.slice_ref(&bytes[..bytes.len() - rest.len()]);
        Ok((sketch.id, Self::Packed { bytes, weight }, rest))
    }

    pub(super) fn item(&self) -> Arc<Item> {
        self.with(Arc::clone)
    }

    pub(super) fn with<T>(&self, question: impl FnOnce(&Arc<Item>) -> T) -> T {
        match self {
            Self::Whole(item) => question(item),
            Self::Packed { bytes, .. } => question(&decoded(bytes)),
        }
    }

    /// Appends what [`take`](Self::take) reads.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Packed { bytes: packed, .. } => bytes.extend_from_slice(packed),
            Self::Whole(item) => bytes.extend(Encoding::Postcard.encode(item)),
        }
    }

    pub(super) fn unpack(&mut self) {
        if let Self::Packed { bytes, .. } = self {
            *self = Self::Whole(decoded(bytes));
        }
    }

    /// In bytes, roughly; the same however it is held.
    pub(super) fn weight(&self) -> u32 {
        match self {
            Self::Packed { weight, .. } => *weight,
            Self::Whole(item) => {
                let words = item.title.len() + item.body.len() + item.owner.as_ref().map_or(0, String::len);
                wear::of_item(words, &item.blocked_by)
            }
        }
    }
}

fn decoded(bytes: &[u8]) -> Arc<Item> {
    Arc::new(Encoding::Postcard.decode(bytes).expect("it was looked at"))
}

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        self.with(|item| other.with(|other| item == other))
    }
}

impl Eq for Stored {}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|item| item.fmt(f))
    }
}
