//! Nothing is there twice, and nothing that nobody asked for; no number is given out twice, of an item or of a write.

use super::{
    super::rule::Rule,
    told::{Answer, Told},
};
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Twice {
    asked: BTreeSet<u64>,
    found: BTreeMap<u64, BTreeSet<u64>>,
    write_of: BTreeMap<u64, u64>,
    item_of_write: BTreeMap<u64, u64>,
    item_of_id: BTreeMap<u64, u64>,
}

impl Rule<Told> for Twice {
    fn name(&self) -> &'static str {
        "everything is there once"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        match *told {
            Told::Asked { write, item, .. } => {
                self.asked.insert(item);
                self.item_of_write.insert(write, item);
            }
            Told::Found { listing, item, .. } => {
                ensure!(self.asked.contains(&item), "item {item} is there, and nobody asked for it");
                let is_new = self.found.entry(listing).or_default().insert(item);
                ensure!(is_new, "item {item} is there twice in listing {listing}");
            }
            Told::StrangerFound { listing } => ensure!(false, "in listing {listing} is what nobody asked for"),
            Told::ListingEnded { listing } => {
                self.found.remove(&listing);
            }
            Told::Answered { write, answer: Answer::Acknowledged { version, id }, .. } => {
                let other = *self.write_of.entry(version).or_insert(write);
                ensure!(other == write, "writes {other} and {write} were both given the number {version}");
                if let Some(&item) = self.item_of_write.get(&write).filter(|_| id > 0) {
                    let other = *self.item_of_id.entry(id).or_insert(item);
                    ensure!(other == item, "items {other} and {item} were both given the name {id}");
                }
            }
            _ => {}
        }
        Ok(())
    }
}
