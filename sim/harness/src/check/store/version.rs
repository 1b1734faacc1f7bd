//! A version is one thing: what readers find in a version is what was written with it, and nothing has a version that it was
//! never given.

use super::{
    super::rule::Rule,
    told::{Answer, Told},
};
use crate::fact::store::State;
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Version {
    asked: BTreeMap<u64, (u64, State)>,
    /// Writes of each item that may have been given any version.
    perhaps: BTreeMap<u64, BTreeSet<u64>>,
    /// What was found in, or acknowledged with, each version of each item.
    known: BTreeMap<(u64, u64), State>,
    acknowledged: BTreeSet<(u64, u64)>,
}

impl Rule<Told> for Version {
    fn name(&self) -> &'static str {
        "a version is one thing"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        match *told {
            Told::Asked { write, item, state, .. } => {
                self.asked.insert(write, (item, state));
                self.perhaps.entry(item).or_default().insert(write);
            }
            Told::Answered { write, answer, .. } => {
                let Some(&(item, state)) = self.asked.get(&write) else { return Ok(()) };
                if answer != Answer::Unknown {
                    self.perhaps.entry(item).or_default().remove(&write);
                }
                if let Answer::Acknowledged { version, .. } = answer {
                    self.acknowledged.insert((item, version));
                    return self.is(item, version, state);
                }
            }
            Told::Found { item, version, state, .. } => {
                let is_given = self.acknowledged.contains(&(item, version))
                    || self.perhaps.get(&item).is_some_and(|writes| !writes.is_empty());
                ensure!(is_given, "item {item} is in version {version}, which it was never given");
                return self.is(item, version, state);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Version {
    fn is(&mut self, item: u64, version: u64, state: State) -> Result {
        let other = *self.known.entry((item, version)).or_insert(state);
        ensure!(other == state, "item {item} is {state:?} in version {version}, and was {other:?}");
        Ok(())
    }
}
