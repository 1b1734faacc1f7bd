//! All that a power loss may leave at one instant.

use super::{
    image::{Choices, Odometer, Sampler},
    tree::{Listing, Tree},
};
use crate::decision::mix;
use std::collections::BTreeSet;

/// Distinct states of the disk that a power loss may leave, each by the choices that lead to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Images {
    pub(crate) choices: Vec<Choices>,
    /// Whether these are all.
    pub(crate) is_all: bool,
}

/// How many distinct states are told apart at one instant; of more a sample of so many is taken.
const DISTINCT_MAX: usize = 4_096;
/// How many combinations are tried for that: most lead to states of their own.
const TRIED_MAX: usize = 4 * DISTINCT_MAX;

impl Images {
    /// All, or a sample that is a function of `key` and the disk alone.
    pub(super) fn of(tree: &Tree, key: u64) -> Self {
        Self::all(tree, key).unwrap_or_else(|| Self::sampled(tree, key))
    }

    /// `None`: there are too many.
    fn all(tree: &Tree, key: u64) -> Option<Self> {
        let mut distinct = Distinct::default();
        let mut odometer = Odometer::new(key);
        for _ in 0..TRIED_MAX {
            distinct.add(tree.after_power_loss(&mut odometer), || odometer.choices());
            if !odometer.advance() {
                return Some(Self { choices: distinct.choices, is_all: true });
            }
            if distinct.choices.len() == DISTINCT_MAX {
                break;
            }
        }
        None
    }

    fn sampled(tree: &Tree, key: u64) -> Self {
        let mut distinct = Distinct::default();
        for nth in 0..TRIED_MAX as u64 {
            let mut sampler = Sampler::new(mix(key, nth));
            distinct.add(tree.after_power_loss(&mut sampler), || sampler.choices());
            if distinct.choices.len() == DISTINCT_MAX {
                break;
            }
        }
        Self { choices: distinct.choices, is_all: false }
    }
}

/// The first choices that led to each state.
#[derive(Default)]
struct Distinct {
    seen: BTreeSet<Listing>,
    choices: Vec<Choices>,
}

impl Distinct {
    fn add(&mut self, state: Tree, choices: impl FnOnce() -> Choices) {
        if self.seen.insert(state.listing()) {
            self.choices.push(choices());
        }
    }
}
