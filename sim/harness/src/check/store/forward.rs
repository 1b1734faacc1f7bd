//! Reads never go back: what one listing had, every later one has, in the same version or a newer one, whoever reads and
//! whatever crash is between. Nobody is shown what can still be lost.

use super::{super::rule::Rule, told::Told};
use crate::fact::store::State;
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Forward {
    /// The newest version of each item in a listing that has ended.
    seen: BTreeMap<u64, u64>,
    listings: BTreeMap<u64, Listing>,
    /// Items that somebody wanted to be gone.
    deletable: std::collections::BTreeSet<u64>,
}

#[derive(Default)]
struct Listing {
    /// What had been seen when it began.
    seen: BTreeMap<u64, u64>,
    found: BTreeMap<u64, u64>,
}

impl Rule<Told> for Forward {
    fn name(&self) -> &'static str {
        "reads never go back"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        match *told {
            Told::Asked { item, state: State::Absent, .. } => {
                self.deletable.insert(item);
            }
            Told::ListingBegan { listing } => {
                self.listings.insert(listing, Listing { seen: self.seen.clone(), found: BTreeMap::new() });
            }
            Told::Found { listing, item, version, .. } => {
                self.listings.entry(listing).or_default().found.insert(item, version);
            }
            Told::ListingEnded { listing } => {
                let Listing { seen, found } = self.listings.remove(&listing).unwrap_or_default();
                for (item, before) in seen {
                    let now = found.get(&item).copied();
                    let is_kept = now.map_or(self.deletable.contains(&item), |now| now >= before);
                    ensure!(
                        is_kept,
                        "item {item} was seen in version {before}, and is in {now:?} in listing {listing}"
                    );
                }
                for (item, version) in found {
                    let newest = self.seen.entry(item).or_default();
                    *newest = version.max(*newest);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
