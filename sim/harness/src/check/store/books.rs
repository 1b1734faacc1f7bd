//! What each item may be, by what was asked and answered: kept beside the store, and without asking it.

use super::told::{Answer, Told};
use crate::fact::store::State;
use std::collections::{BTreeMap, BTreeSet};

/// All items.
#[derive(Default)]
pub(super) struct Books {
    items: BTreeMap<u64, Book>,
    item_of: BTreeMap<u64, u64>,
    /// What each item may be, or was at any instant since the listing began.
    listings: BTreeMap<u64, BTreeMap<u64, BTreeSet<State>>>,
}

/// One item.
#[derive(Default)]
struct Book {
    /// Of the acknowledged write with the greatest version.
    now: Option<(u64, State)>,
    /// Of writes that were asked and not answered for certain.
    perhaps: BTreeMap<u64, State>,
    /// Of writes that failed.
    failed: BTreeSet<State>,
}

/// What a listing should not have.
pub(super) struct Wrong {
    pub(super) item: u64,
    pub(super) found: State,
    pub(super) expected: Vec<State>,
    /// A write that failed had asked for what was found.
    pub(super) is_failed: bool,
}

impl Books {
    pub(super) fn told(&mut self, told: &Told) {
        match *told {
            Told::Asked { write, item, state, .. } => {
                self.item_of.insert(write, item);
                self.items.entry(item).or_default().perhaps.insert(write, state);
                self.note(item);
            }
            Told::Answered { write, answer, .. } => self.answered(write, answer),
            Told::ListingBegan { listing } => {
                let now = self.items.iter().map(|(item, book)| (*item, book.states().collect()));
                self.listings.insert(listing, now.collect());
            }
            _ => {}
        }
    }

    fn answered(&mut self, write: u64, answer: Answer) {
        let Some(&item) = self.item_of.get(&write) else { return };
        let book = self.items.entry(item).or_default();
        match answer {
            Answer::Acknowledged { version, .. } => {
                if let Some(state) = book.perhaps.remove(&write)
                    && book.now.is_none_or(|(newest, _)| newest < version)
                {
                    book.now = Some((version, state));
                }
            }
            Answer::Refused => {
                book.perhaps.remove(&write);
            }
            Answer::Failed => {
                book.failed.extend(book.perhaps.remove(&write));
            }
            Answer::Unknown => {}
        }
        self.note(item);
    }

    /// The item may be something else from now on: a listing that is under way may see it or not.
    fn note(&mut self, item: u64) {
        let states: Vec<_> = self.items.get(&item).into_iter().flat_map(Book::states).collect();
        for listing in self.listings.values_mut() {
            listing.entry(item).or_insert_with(|| [State::Absent].into()).extend(&states);
        }
    }

    /// The listing is over, and had this.
    pub(super) fn wrong_in(&mut self, listing: u64, found: &BTreeMap<u64, State>) -> Option<Wrong> {
        let may_be = self.listings.remove(&listing)?;
        let items: BTreeSet<_> = may_be.keys().chain(found.keys()).copied().collect();
        items.into_iter().find_map(|item| {
            let found = found.get(&item).copied().unwrap_or(State::Absent);
            let expected = may_be.get(&item).cloned().unwrap_or_else(|| [State::Absent].into());
            let is_failed = self.items.get(&item).is_some_and(|book| book.failed.contains(&found));
            let wrong = !expected.contains(&found);
            wrong.then(|| Wrong { item, found, expected: expected.into_iter().collect(), is_failed })
        })
    }
}

impl Book {
    fn states(&self) -> impl Iterator<Item = State> {
        let now = self.now.map_or(State::Absent, |(_, state)| state);
        [now].into_iter().chain(self.perhaps.values().copied())
    }
}

/// What readers have found so far, and not yet ended.
#[derive(Default)]
pub(super) struct Found {
    listings: BTreeMap<u64, BTreeMap<u64, State>>,
}

impl Found {
    /// All that a listing had, when it ends.
    pub(super) fn told(&mut self, told: &Told) -> Option<(u64, BTreeMap<u64, State>)> {
        match *told {
            Told::Found { listing, item, state, .. } => {
                self.listings.entry(listing).or_default().insert(item, state);
                None
            }
            Told::ListingEnded { listing } => Some((listing, self.listings.remove(&listing).unwrap_or_default())),
            _ => None,
        }
    }
}
