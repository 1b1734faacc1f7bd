//! A run written down: every decision that differs from its default, by name, and no seed.

use crate::{
    case::{Case, decision_name},
    history::{Event, History},
};
use std::collections::BTreeMap;

impl Case {
    /// The run of `history`, which this case gave, as a case without a seed: picks as ranks, draws as values.
    /// What the code itself asked of `getrandom` and of hash keys is not part of it: where a finding
    /// depends on that, set [`entropy`](Self::entropy) to the seed.
    #[must_use]
    pub fn explicit(&self, history: &History) -> Self {
        let mut decisions = BTreeMap::new();
        for (_, _, event) in history.iter() {
            if let Event::Decided { site, entity, nth, value } = event {
                let name = decision_name(&site, entity, history.entity_name(entity), nth);
                decisions.entry(name).or_insert(value);
            }
        }
        Self { seed: None, strategy: None, story: None, decisions, ..self.clone() }
    }
}
