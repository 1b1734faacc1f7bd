//! What a check of drawn values came to.

use crate::{
    case::{Case, Seed},
    finding::Finding,
    shrink::Shrunk,
};
use std::{collections::BTreeMap, fmt};

/// What a check of drawn values came to.
#[must_use = "a report may hold a finding: call `assert_clean`"]
#[derive(Clone, Debug)]
pub struct Report<V> {
    /// What was checked.
    pub scenario: String,
    /// How many values were drawn and run.
    pub values: u64,
    /// How many runs there were, those of candidates not counted.
    pub runs: u64,
    /// How many of these runs reached each mark.
    pub marks: BTreeMap<String, u64>,
    /// The first finding, its value shrunk; nothing was drawn after it.
    pub found: Option<Found<V>>,
}

/// A finding with the least value that has it, and how to see it again.
#[derive(Clone, Debug)]
pub struct Found<V> {
    /// The number of the value that was drawn.
    pub number: u64,
    /// That value.
    pub drawn: V,
    /// The seed that it failed under; `None` if it ran without one.
    pub drawn_seed: Option<u64>,
    /// The least value with the same signature.
    pub value: V,
    /// The seed that this one fails under: the first one, or a neighbour.
    pub seed: Option<u64>,
    /// The run of the least value as a case. Of a scenario's parameters this is all of it; any other value is not in it.
    pub case: Case,
    /// That run with the decisions alone that the finding needs, as far as two seconds sufficed, and its story.
    pub shrunk: Option<Shrunk>,
    /// How many candidates were tried.
    pub candidates: u32,
    /// `candidates_max` ended the shrinking: a lesser value may have been left.
    pub is_cut_short: bool,
    /// The finding, as the least value has it.
    pub finding: Finding,
    /// The last events of that run.
    pub tail: String,
    /// The command that draws the value again, runs it under that seed, and shrinks it.
    pub replay: String,
}

impl<V> Report<V> {
    pub(super) fn new(scenario: &str) -> Self {
        Self { scenario: scenario.to_owned(), values: 0, runs: 0, marks: BTreeMap::new(), found: None }
    }

    pub(super) fn add_run(&mut self, marks: Vec<&'static str>) {
        self.runs += 1;
        for mark in marks {
            *self.marks.entry(mark.to_owned()).or_default() += 1;
        }
    }
}

impl<V: fmt::Debug> Report<V> {
    /// Fails the test if anything was found, and prints the finding, its value, the last events and the
    /// replay.
    ///
    /// # Panics
    /// If there is a finding, or if there was no run that could have found anything.
    pub fn assert_clean(&self) {
        assert!(self.runs > 0, "{}: no run, so nothing was tested", self.scenario);
        assert!(self.found.is_none(), "{self}");
    }
}

impl<V: fmt::Debug> fmt::Display for Report<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, values, runs, found, .. } = self;
        let findings = if found.is_some() { "a finding" } else { "no finding" };
        writeln!(f, "{scenario}: {runs} runs of {values} values, {findings}")?;
        found.as_ref().map_or(Ok(()), |found| write!(f, "{found}"))
    }
}

impl<V: fmt::Debug> fmt::Display for Found<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, value, candidates, .. } = self;
        let (seed, drawn_seed) = (under(self.seed), under(self.drawn_seed));
        writeln!(f, "\nlast events of the least value {seed}:\n{}", self.tail)?;
        writeln!(f, "FAILED {}", self.finding)?;
        writeln!(f, "value: {value:?}")?;
        let cut_short = if self.is_cut_short { ", which were not enough for the least" } else { "" };
        writeln!(f, "  fails {seed}; shrunk from value {number} {drawn_seed} by {candidates} candidates{cut_short}")?;
        if let Some(shrunk) = &self.shrunk {
            writeln!(f, "{}:", shrunk.summary())?;
            shrunk.story.iter().try_for_each(|sentence| writeln!(f, "  {sentence}"))?;
        }
        if !self.case.params.is_empty() {
            let case = self.shrunk.as_ref().map_or(&self.case, |shrunk| &shrunk.case);
            writeln!(f, "case, for a file:\n{}", case.to_toml().trim_end())?;
        }
        writeln!(f, "replay: {}", self.replay)
    }
}

fn under(seed: Option<u64>) -> String {
    seed.map_or_else(|| "without a seed".to_owned(), |seed| format!("under seed {}", Seed(seed)))
}
