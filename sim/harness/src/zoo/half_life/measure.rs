//! Finds each bug once, and looks whether it is found again under each edit. One bug and one edit to a build.

use super::{
    Edit,
    trial::{Cell, Trial},
};
use crate::zoo::{
    Member, ZooError,
    sim::{By, Found, Shrunk, Sim},
    tree::{Product, Tree},
};
use std::{collections::BTreeSet, fs, path::Path};

/// Other seeds that tell how common a finding is, and seeds that an edit without a bug must be clean on.
pub(super) const OTHER_SEEDS: u64 = 200;

/// A bug as it was found before any edit.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) signature: String,
    pub(super) seed: u64,
    /// Of the other seeds, how many fail in the same way.
    pub(super) found_on: u64,
    /// Decisions in the case file.
    pub(super) decisions: usize,
    pub(super) is_minimal: bool,
    /// The case file.
    pub(super) path: String,
    /// The baseline's seed.
    pub(super) baseline: Option<u64>,
}

/// A member under each edit.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) member: &'static Member,
    /// Why there is none, if it was not found or not shrunk; then there are no cells.
    pub(super) reference: Result<Reference, String>,
    /// In the order of the edits.
    pub(super) cells: Vec<Cell>,
}

/// An edit without any bug.
#[derive(Clone, Debug)]
pub(super) struct Alone {
    pub(super) edit: &'static Edit,
    /// The signatures of what it finds, which ought to be none; or why it could not be built.
    pub(super) found: Result<Vec<String>, String>,
}

/// Where everything is built and run.
pub(super) struct Bench {
    tree: Tree,
    /// Seeds that are searched for a bug.
    pub(super) cap: u64,
}

impl Bench {
    pub(super) fn new(cap: u64) -> Result<Self, ZooError> {
        Ok(Self { tree: Tree::new()?, cap })
    }

    /// Whether `edit` is harmless in `scenarios`.
    pub(super) fn alone(&self, edit: &'static Edit, scenarios: &BTreeSet<&str>) -> Result<Alone, ZooError> {
        let sim = match self.built(None, Some(edit))? {
            Ok(sim) => sim,
            Err(why) => return Ok(Alone { edit, found: Err(why) }),
        };
        let mut found = Vec::new();
        for scenario in scenarios {
            let swept = sim.sweep(scenario, By::Portfolio, 0..OTHER_SEEDS)?;
            found.extend(swept.into_iter().map(|found| format!("{scenario}: {}", found.signature)));
        }
        Ok(Alone { edit, found: Ok(found) })
    }

    pub(super) fn row(&self, member: &'static Member, edits: &[&'static Edit]) -> Result<Row, ZooError> {
        let reference = match self.reference(member)? {
            Ok(reference) => reference,
            Err(why) => return Ok(Row { member, reference: Err(why), cells: Vec::new() }),
        };
        let cells = edits.iter().map(|edit| self.cell(member, &reference, edit)).collect::<Result<_, _>>()?;
        Ok(Row { member, reference: Ok(reference), cells })
    }

    fn reference(&self, member: &'static Member) -> Result<Result<Reference, String>, ZooError> {
        let scenario = member.scenario;
        let sim = match self.built(Some(member), None)? {
            Ok(sim) => sim,
            Err(why) => return Ok(Err(why)),
        };
        let Some(Found { seed, signature, .. }) =
            sim.first(scenario, By::Portfolio, self.cap, |found| found.is_of(member))?
        else {
            return Ok(Err(format!("not found on {} seeds", self.cap)));
        };
        let is_same = |found: &Found| found.signature == signature;
        let others = sim.sweep(scenario, By::Portfolio, seed + 1..seed + 1 + OTHER_SEEDS)?;
        let found_on = others.iter().find(|found| is_same(found)).map_or(0, |found| found.runs);
        let path = self.case_path(member)?;
        let (decisions, is_minimal) = match sim.shrink(scenario, seed, &path)? {
            Shrunk::Shrunk { decisions, minimal, .. } => (decisions.len(), minimal),
            Shrunk::Refused { why } => return Ok(Err(format!("not shrunk: {why}"))),
        };
        let baseline = sim.first(scenario, By::Baseline, self.cap, is_same)?.map(|found| found.seed);
        Ok(Ok(Reference { signature, seed, found_on, decisions, is_minimal, path, baseline }))
    }

    fn cell(&self, member: &'static Member, reference: &Reference, edit: &'static Edit) -> Result<Cell, ZooError> {
        let sim = match self.built(Some(member), Some(edit))? {
            Ok(sim) => sim,
            Err(why) => return Ok(Cell::NotBuilt(why)),
        };
        let trial = |replayed| Trial::of(replayed, &reference.signature, edit);
        let again = |by, seed| sim.replay_seed(member.scenario, by, seed).map(trial);
        Ok(Cell::Tried {
            case: trial(sim.replay_case(&reference.path)?),
            seed: again(By::Portfolio, reference.seed)?,
            baseline: reference.baseline.map(|seed| again(By::Baseline, seed)).transpose()?,
        })
    }

    /// `Err` within: the two do not go together.
    fn built(
        &self,
        member: Option<&'static Member>,
        edit: Option<&'static Edit>,
    ) -> Result<Result<Sim, String>, ZooError> {
        self.tree.restore()?;
        if let Some(member) = member {
            self.tree.plant(member)?;
        }
        let applied = edit.map_or(Ok(()), |edit| self.tree.apply("edits", edit.name));
        match applied.and_then(|()| self.tree.build(Product::Sim)) {
            Ok(program) => Ok(Ok(Sim { program, directory: self.tree.copy().to_owned() })),
            Err(error @ (ZooError::Patch { .. } | ZooError::Command { .. })) => Ok(Err(error.to_string())),
            Err(error) => Err(error),
        }
    }

    fn case_path(&self, member: &Member) -> Result<String, ZooError> {
        let folder = self.tree.copy().parent().unwrap_or_else(|| Path::new(".")).join("half-life");
        fs::create_dir_all(&folder).map_err(|error| ZooError::file(&folder, &error))?;
        Ok(folder.join(format!("{}.toml", member.name)).display().to_string())
    }
}
