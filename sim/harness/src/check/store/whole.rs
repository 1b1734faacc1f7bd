//! A request happens whole: of two halves that are always asked for together, readers find both in one state, or neither.

use super::{super::rule::Rule, told::Told};
use crate::fact::store::State;
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Whole {
    /// Items that have two halves.
    halved: BTreeSet<u64>,
    listings: BTreeMap<u64, BTreeMap<u64, Halves>>,
}

/// What was found of an item.
#[derive(Clone, Copy, Default, Debug)]
struct Halves {
    one: Option<State>,
    other: Option<State>,
}

impl Rule<Told> for Whole {
    fn name(&self) -> &'static str {
        "requests happen whole"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        match *told {
            Told::Asked { item, halves: 2, .. } => {
                self.halved.insert(item);
            }
            Told::Found { listing, item, state, .. } => self.halves(listing, item).one = Some(state),
            Told::HalfFound { listing, item, state, .. } => self.halves(listing, item).other = Some(state),
            Told::ListingEnded { listing } => {
                for (item, Halves { one, other }) in self.listings.remove(&listing).unwrap_or_default() {
                    if self.halved.contains(&item) {
                        ensure!(
                            one == other,
                            "of item {item} one half is {one:?} in listing {listing}, the other {other:?}"
                        );
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Whole {
    fn halves(&mut self, listing: u64, item: u64) -> &mut Halves {
        self.listings.entry(listing).or_default().entry(item).or_default()
    }
}
