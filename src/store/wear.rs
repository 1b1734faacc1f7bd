//! How much of a file is still of use. Knows items by their size only.

use super::item::ItemId;
use std::collections::BTreeSet;

/// What is kept, what of that the file began with, and what was written since: in bytes, roughly.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wear {
    kept: u64,
    begun: u64,
    written: u64,
}

/// What a record comes to without its texts.
const RECORD: u64 = 128;

impl Wear {
    /// A record is written, and takes the place of another, if that was kept.
    pub(super) fn replace(&mut self, new: u64, old: Option<u64>) {
        self.written += new;
        self.kept += new;
        self.kept -= old.unwrap_or(0);
    }

    /// A record is written that nothing is kept of, and of another one nothing more.
    pub(super) fn remove(&mut self, old: Option<u64>) {
        self.written += RECORD;
        self.kept -= old.unwrap_or(0);
    }

    /// All that is kept is what the file begins with.
    pub(super) fn begin(&mut self) {
        *self = Self { begun: self.kept, written: 0, ..*self };
    }

    /// What is kept.
    pub(super) fn kept(&self) -> u64 {
        self.kept
    }

    /// Whether at most half of what was written since is kept.
    pub(super) fn is_mostly_stale(&self) -> bool {
        2 * self.kept.saturating_sub(self.begun) <= self.written
    }
}

/// States that hold the same are equal, whatever their files are like.
impl PartialEq for Wear {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Wear {}

/// Of an item with so many bytes of words.
pub(super) fn of_item(words: usize, blocked_by: &BTreeSet<ItemId>) -> u32 {
    // A frame has less than a u32 tells.
    u32::try_from(RECORD as usize + words + 8 * blocked_by.len()).unwrap_or(u32::MAX)
}

pub(super) fn of_text(text: &str) -> u64 {
    RECORD + text.len() as u64
}
