//! How many values, under which seeds. Owns the environment's say in it; draws and runs nothing.

use crate::case::Seed;
use std::{env, ops::Range};

/// How much is tried: `Config { values: 0..1_000, ..Config::BASE }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The numbers of the values to draw.
    pub values: Range<u64>,
    /// Under how many seeds each value runs: value `n` under `n * seeds` and those that follow, so that
    /// other values meet other schedules. With 0 it runs once and without a seed, as
    /// [`run_calm`](crate::run_calm) does: nothing is drawn but the value.
    pub seeds: u64,
    /// The most candidates that a value is shrunk by, each one run or, where it does not fail alike, one
    /// and those of the neighbours. With 0 a value stays as it was drawn.
    pub candidates_max: u32,
    /// How many of the next seeds a candidate runs under if it does not fail alike under the first.
    pub neighbours: u64,
}

impl Config {
    /// The defaults: the values 0 to 99 under 3 seeds each; 4,096 candidates, 3 neighbours.
    pub const BASE: Self = Self { values: 0..100, seeds: 3, candidates_max: 4_096, neighbours: 3 };

    /// These settings after the environment had its say.
    ///
    /// # Panics
    /// If a variable makes no sense: a test must not go on with values that nobody asked for.
    pub(super) fn steered(&self) -> Plan {
        self.steered_by(|name| {
            env::var_os(name).map(|text| text.into_string().unwrap_or_else(|text| panic!("{name}={text:?} is no text")))
        })
    }

    fn steered_by(&self, variable: impl Fn(&str) -> Option<String>) -> Plan {
        assert!(
            variable("SEEDBED_CASE").is_none(),
            "SEEDBED_CASE: a case file has no drawn value; SEEDBED_VALUE and SEEDBED_SEED steer this test"
        );
        let values = match (number(&variable, "SEEDBED_VALUE"), number(&variable, "SEEDBED_VALUES")) {
            (Some(value), _) => value..value.saturating_add(1),
            (None, Some(count)) => self.values.start..self.values.start.saturating_add(count),
            (None, None) => self.values.clone(),
        };
        let seeds = match (number(&variable, "SEEDBED_SEED"), number(&variable, "SEEDBED_SEEDS")) {
            (Some(seed), _) => Seeds::One(seed),
            (None, count) => Seeds::Each(count.unwrap_or(self.seeds)),
        };
        Plan { values, seeds }
    }
}

/// Which values, and each under which seeds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) values: Range<u64>,
    seeds: Seeds,
}

#[derive(Debug, PartialEq, Eq)]
enum Seeds {
    One(u64),
    Each(u64),
}

impl Plan {
    /// The seeds that value `number` runs under; `None` is a run without one.
    pub(super) fn seeds_of(&self, number: u64) -> impl Iterator<Item = Option<u64>> + use<> {
        let (first, count) = match self.seeds {
            Seeds::One(seed) => (Some(seed), 1),
            Seeds::Each(0) => (None, 1),
            Seeds::Each(count) => (Some(number.wrapping_mul(count)), count),
        };
        (0..count).map(move |nth| Some(first?.wrapping_add(nth)))
    }
}

/// `0x2f` or `47`.
fn number(variable: &impl Fn(&str) -> Option<String>, name: &str) -> Option<u64> {
    let text = variable(name)?;
    let parsed = text.parse::<Seed>();
    Some(parsed.unwrap_or_else(|_| panic!("{name}: `{text}` is not a whole number below 2^64, such as 47 or 0x2f")).0)
}

#[cfg(test)]
mod tests {
    use super::{Config, Plan};

    fn steered(settings: &[(&str, &str)]) -> Plan {
        let setting =
            |name: &str| settings.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
        Config { values: 5..8, seeds: 2, ..Config::BASE }.steered_by(setting)
    }

    fn runs(plan: &Plan) -> Vec<(u64, u64)> {
        let seeds = |value| plan.seeds_of(value).map(move |seed| (value, seed.expect("none was asked to be calm")));
        plan.values.clone().flat_map(seeds).collect()
    }

    #[test]
    fn each_value_has_seeds_of_its_own() {
        assert_eq!(runs(&steered(&[])), [(5, 10), (5, 11), (6, 12), (6, 13), (7, 14), (7, 15)]);
        assert_eq!(steered(&[]).seeds_of(u64::MAX).collect::<Vec<_>>(), [Some(u64::MAX - 1), Some(u64::MAX)]);
        assert_eq!(steered(&[("SEEDBED_SEEDS", "0")]).seeds_of(7).collect::<Vec<_>>(), [None]);
    }

    #[test]
    fn the_environment_asks_for_more_values_or_for_one() {
        assert_eq!(runs(&steered(&[("SEEDBED_VALUES", "1"), ("SEEDBED_SEEDS", "1")])), [(5, 5)]);
        assert_eq!(runs(&steered(&[("SEEDBED_VALUE", "0x25"), ("SEEDBED_SEED", "9")])), [(37, 9)]);
        assert_eq!(runs(&steered(&[("SEEDBED_VALUE", "3"), ("SEEDBED_VALUES", "9")])), [(3, 6), (3, 7)]);
    }

    #[test]
    #[should_panic(expected = "SEEDBED_VALUE: `many` is not a whole number below 2^64, such as 47 or 0x2f")]
    fn a_variable_without_sense_is_no_silent_default() {
        steered(&[("SEEDBED_VALUE", "many")]);
    }

    #[test]
    #[should_panic(expected = "SEEDBED_CASE: a case file has no drawn value")]
    fn a_case_file_cannot_steer_values() {
        steered(&[("SEEDBED_CASE", "some.toml")]);
    }
}
