//! A case: all that a run is a function of.

use crate::{
    decision::{Decisions, Entity, Site},
    scenario::{Params, Scenario},
    strategy::StrategyName,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

mod numbers;

/// The format that [`Case::to_toml`] writes.
pub const FORMAT: u32 = 1;

/// Scenario, parameters, seed, strategy, and the decisions that are given rather than drawn. Without a
/// seed nothing is drawn: each decision that is not listed takes its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Version of the format.
    pub format: u32,
    /// The scenario's name.
    pub scenario: String,
    /// The seed, `0x2f` or `47`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Seed>,
    /// The strategy's name; ignored without a seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// Without a seed: what the code's own randomness (`getrandom`, hash keys, the date) comes from, where
    /// the case depends on it; 0 if it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entropy: Option<Seed>,
    /// What goes wrong, in sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story: Option<String>,
    /// Parameters that differ from the scenario's defaults.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "numbers")]
    pub params: BTreeMap<String, u64>,
    /// Decisions by name: `"site / entity / occurrence" = value`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "numbers")]
    pub decisions: BTreeMap<String, u64>,
}

/// A seed, written in hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "SeedText", into = "String")]
pub struct Seed(pub u64);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a whole number from 0 on, or such a number as text, in hex with 0x")]
enum SeedText {
    Text(String),
    Number(u64),
}

impl TryFrom<SeedText> for Seed {
    type Error = CaseError;

    fn try_from(text: SeedText) -> Result<Self, CaseError> {
        match text {
            SeedText::Text(text) => text.parse(),
            SeedText::Number(number) => Ok(Self(number)),
        }
    }
}

impl From<Seed> for String {
    fn from(seed: Seed) -> Self {
        seed.to_string()
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// `0x2f` or `47`.
impl std::str::FromStr for Seed {
    type Err = CaseError;

    fn from_str(text: &str) -> Result<Self, CaseError> {
        let parsed = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(hex) => u64::from_str_radix(hex, 16),
            None => text.parse(),
        };
        parsed.map(Self).map_err(|_| CaseError::Seed(text.to_owned()))
    }
}

/// What is wrong with a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseError {
    /// Not a seed.
    Seed(String),
    /// Not a case file.
    Toml(String),
    /// Written by a later version.
    Format(u32),
    /// No such scenario.
    Scenario {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// No such strategy.
    Strategy(String),
    /// The scenario has no such parameter.
    Param {
        /// The scenario.
        scenario: String,
        /// The parameter.
        name: String,
        /// The scenario's parameters.
        known: Vec<String>,
    },
    /// A parameter outside its bounds.
    Bounds {
        /// The parameter.
        name: String,
        /// The value given.
        value: u64,
        /// The least allowed.
        min: u64,
        /// The greatest allowed.
        max: u64,
    },
    /// A range of a parameter's values that has none.
    Empty {
        /// The parameter.
        name: String,
        /// The range's first value.
        first: u64,
        /// Its last, which is less.
        last: u64,
    },
    /// Not a decision's name.
    Decision(String),
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seed(text) => {
                write!(f, "`{text}` is not a seed: give a whole number below 2^64, such as 47 or 0x2f")
            }
            Self::Toml(message) => write!(f, "not a case file: {}", message.replace('\n', " ").trim()),
            Self::Format(format) => write!(f, "the case has format {format}, and this version reads {FORMAT}"),
            Self::Scenario { name, known } => {
                write!(f, "there is no scenario `{name}`; there are: {}", known.join(", "))
            }
            Self::Strategy(name) => {
                let known: Vec<_> = StrategyName::ALL.iter().map(|strategy| strategy.as_str()).collect();
                write!(f, "there is no strategy `{name}`; there are: {}", known.join(", "))
            }
            Self::Param { scenario, name, known } if known.is_empty() => {
                write!(f, "scenario `{scenario}` has no parameters, so no `{name}` either")
            }
            Self::Param { scenario, name, known } => {
                write!(f, "scenario `{scenario}` has no parameter `{name}`; it has: {}", known.join(", "))
            }
            Self::Bounds { name, value, min, max } => {
                write!(f, "parameter `{name}` is {value}, and must be from {min} to {max}")
            }
            Self::Empty { name, first, last } => write!(f, "parameter `{name}` has no value from {first} to {last}"),
            Self::Decision(name) => {
                write!(
                    f,
                    "`{name}` is not a decision: write `site / entity / occurrence`, such as `delay / client-3 / 7`"
                )
            }
        }
    }
}

impl std::error::Error for CaseError {}

impl Case {
    /// The case of a seed, parameters at their defaults.
    #[must_use]
    pub fn of_seed(scenario: &str, seed: u64) -> Self {
        Self {
            format: FORMAT,
            scenario: scenario.to_owned(),
            seed: Some(Seed(seed)),
            strategy: None,
            entropy: None,
            story: None,
            params: BTreeMap::new(),
            decisions: BTreeMap::new(),
        }
    }

    /// Reads a case file.
    ///
    /// # Errors
    /// [`CaseError::Toml`] or [`CaseError::Format`].
    pub fn from_toml(text: &str) -> Result<Self, CaseError> {
        let case: Self = toml::from_str(text).map_err(|error| CaseError::Toml(error.to_string()))?;
        if case.format == FORMAT { Ok(case) } else { Err(CaseError::Format(case.format)) }
    }

    /// As a case file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a case is plain tables of texts and numbers")
    }

    /// The scenario's parameters under this case.
    ///
    /// # Errors
    /// [`CaseError::Param`] or [`CaseError::Bounds`].
    pub fn params_for(&self, scenario: &Scenario) -> Result<Params, CaseError> {
        let mut params = scenario.defaults();
        for (name, &value) in &self.params {
            let Some(param) = scenario.params.iter().find(|param| param.name == name) else {
                let known = scenario.params.iter().map(|param| param.name.to_owned()).collect();
                return Err(CaseError::Param { scenario: scenario.name.to_owned(), name: name.clone(), known });
            };
            if !(param.min..=param.max).contains(&value) {
                return Err(CaseError::Bounds { name: name.clone(), value, min: param.min, max: param.max });
            }
            params.values_mut().insert(name.clone(), value);
        }
        Ok(params)
    }

    /// Whether it can be run: parameters, strategy and the decisions' names.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn fits(&self, scenario: &Scenario) -> Result<(), CaseError> {
        self.params_for(scenario)?;
        self.strategy_name()?;
        self.decisions()?;
        Ok(())
    }

    /// The strategy asked for; the portfolio if none is.
    ///
    /// # Errors
    /// [`CaseError::Strategy`].
    pub fn strategy_name(&self) -> Result<StrategyName, CaseError> {
        self.strategy.as_deref().map_or(Ok(StrategyName::Portfolio), |name| {
            StrategyName::parse(name).ok_or_else(|| CaseError::Strategy(name.to_owned()))
        })
    }

    /// # Errors
    /// [`CaseError::Decision`].
    pub(crate) fn decisions(&self) -> Result<Decisions, CaseError> {
        let listed = self
            .decisions
            .iter()
            .map(|(name, &value)| {
                let key = parse_decision(name).ok_or_else(|| CaseError::Decision(name.clone()))?;
                Ok((key, value))
            })
            .collect::<Result<Vec<_>, CaseError>>()?;
        Ok(Decisions::new(self.seed.map(|seed| seed.0), listed))
    }

    /// What madsim's own stream and std's hash keys are made from.
    pub(crate) fn entropy_seed(&self) -> u64 {
        self.seed.or(self.entropy).map_or(0, |seed| seed.0)
    }
}

/// A decision's name in a case file.
pub(crate) fn decision_name(site: &Site, entity: Entity, path: &str, nth: u64) -> String {
    // A path that was shortened, or that has a `/` in a type's name, does not lead back to its entity.
    if Entity::of(path) == entity {
        format!("{} / {path} / {nth}", site.name())
    } else {
        format!("{} / {entity} / {nth}", site.name())
    }
}

fn parse_decision(name: &str) -> Option<(u64, Entity, u64)> {
    let (rest, nth) = name.rsplit_once(" / ")?;
    let (site, entity) = rest.split_once(" / ")?;
    Some((site_hash(site), Entity::of(entity), nth.parse().ok()?))
}

fn site_hash(name: &str) -> u64 {
    crate::decision::hash_str(name)
}

// A site named at run time and one named by a constant must be one site.
const _: () = assert!(Site::new("delay").hash() == crate::decision::hash_str("delay"));
