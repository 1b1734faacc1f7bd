//! Scenarios: named worlds with parameters, checks and marks.

use crate::{
    check::{self, Check},
    world::World,
};
use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc};

/// A scenario's future. Need not be `Send`: a world has one thread.
pub type ScenarioFuture = Pin<Box<dyn Future<Output = check::Result>>>;

/// A world that can be run under any seed. Plain data: the command line lists and runs it by name.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// Its name on the command line and in case files.
    pub name: &'static str,
    /// What happens in it, in a sentence.
    pub story: &'static str,
    /// Its parameters.
    pub params: &'static [Param],
    /// Its checks, made anew for each run.
    pub checks: fn(&Params) -> Vec<Box<dyn Check>>,
    /// `sometimes!` marks that a sweep over it must reach.
    pub marks: &'static [&'static str],
    /// Fault families that it injects; `cancel` is one for tasks it declares cancellable.
    pub families: &'static [&'static str],
    /// What happens.
    pub run: fn(World, Params) -> ScenarioFuture,
}

impl Scenario {
    /// A base to write others over: no parameters, checks, marks or faults.
    pub const CALM: Self = Self {
        name: "calm",
        story: "Nothing happens.",
        params: &[],
        checks: |_| Vec::new(),
        marks: &[],
        families: &[],
        run: |_, _| Box::pin(async { Ok(()) }),
    };

    /// Its parameters at their defaults.
    #[must_use]
    pub fn defaults(&self) -> Params {
        Params(Arc::new(self.params.iter().map(|param| (param.name.to_owned(), param.default)).collect()))
    }
}

impl std::fmt::Debug for Scenario {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scenario").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A parameter of a scenario: a whole number within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it means, with its unit.
    pub help: &'static str,
    /// The value if none is given.
    pub default: u64,
    /// The least value.
    pub min: u64,
    /// The greatest value.
    pub max: u64,
}

/// The values of a scenario's parameters. A clone is cheap: each run takes one.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Params(Arc<BTreeMap<String, u64>>);

impl Params {
    /// The value of a declared parameter.
    ///
    /// # Panics
    /// If the scenario does not declare it.
    #[must_use]
    pub fn get(&self, name: &str) -> u64 {
        *self.0.get(name).unwrap_or_else(|| panic!("the scenario declares no parameter `{name}`"))
    }

    /// For those who make them.
    pub(crate) fn values_mut(&mut self) -> &mut BTreeMap<String, u64> {
        Arc::make_mut(&mut self.0)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }
}
