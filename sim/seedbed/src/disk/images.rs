//! All that a power loss may leave at one instant.

use super::{
    image::{Choices, Odometer, Sampler},
    tree::Tree,
};
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
        let mut seen = BTreeSet::new();
        let mut choices = Vec::new();
        let mut odometer = Odometer::default();
        for _ in 0..TRIED_MAX {
            if seen.insert(tree.after_power_loss(&mut odometer).listing()) {
                choices.push(odometer.choices());
            }
            if !odometer.advance() {
                return Self { choices, is_all: true };
            }
            if choices.len() == DISTINCT_MAX {
                break;
            }
        }
        Self::sampled(tree, key)
    }

    fn sampled(tree: &Tree, key: u64) -> Self {
        let mut seen = BTreeSet::new();
        let mut choices = Vec::new();
        for nth in 0..TRIED_MAX as u64 {
            let mut sampler = Sampler::new(crate::decision::mix(key, nth));
            if seen.insert(tree.after_power_loss(&mut sampler).listing()) {
                choices.push(sampler.choices());
            }
            if choices.len() == DISTINCT_MAX {
                break;
            }
        }
        Self { choices, is_all: false }
    }
}
