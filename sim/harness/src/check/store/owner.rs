//! An item has one owner: nobody is told that it is theirs while it is another's.

use super::{
    super::rule::Rule,
    told::{Answer, Told},
};
use crate::fact::store::State;
use seedbed::{check::Result, ensure, time::Instant};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Owner {
    asked: BTreeMap<u64, (u64, State)>,
    /// All acknowledged states of each item, by version.
    states: BTreeMap<u64, BTreeMap<u64, State>>,
    /// Items of which something is not known for certain: somebody may have given them up unseen.
    perhaps: BTreeMap<u64, u64>,
}

impl Rule<Told> for Owner {
    fn name(&self) -> &'static str {
        "an item has one owner"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        match *told {
            Told::Asked { write, item, state, .. } => {
                let is_new = self.asked.insert(write, (item, state)).is_none();
                *self.perhaps.entry(item).or_default() += u64::from(is_new);
            }
            Told::Answered { write, answer, .. } => {
                let Some(&(item, state)) = self.asked.get(&write) else { return Ok(()) };
                if answer != Answer::Unknown {
                    self.asked.remove(&write);
                    *self.perhaps.entry(item).or_default() -= 1;
                }
                if let Answer::Acknowledged { version, .. } = answer {
                    self.states.entry(item).or_default().insert(version, state);
                    return self.judge(item);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Owner {
    /// Two states with different owners need one without between them.
    fn judge(&self, item: u64) -> Result {
        if self.perhaps.get(&item).is_some_and(|count| *count > 0) {
            return Ok(());
        }
        let states: Vec<_> = self.states.get(&item).into_iter().flatten().collect();
        for pair in states.windows(2) {
            let [(_, before), (version, after)] = pair else { continue };
            if let (State::Open { owner: Some(before) }, State::Open { owner: Some(after) }) = (before, after) {
                ensure!(before == after, "item {item} was {before}'s, and with {version} it is {after}'s");
            }
        }
        Ok(())
    }
}
