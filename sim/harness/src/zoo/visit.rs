//! One visit to the zoo: each member is built, hunted, and compared with its twin without the bug.

use super::{
    hunt::{Hunt, Wanted, hunt},
    member::{Member, Source},
    tree::{Tree, run},
};
use crate::ALL;
use seedbed::Scenario;
use std::{collections::BTreeMap, fmt, io, ops::Range, path::Path, process::Command};

/// What became of one member.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The member.
    pub member: &'static Member,
    /// Whether its twin without the bug is clean on the same seeds.
    pub twin_is_clean: bool,
    /// The hunt in the patched build.
    pub hunt: Hunt,
}

impl Visit {
    /// Whether the bug was found, as what it is, and nothing was found without it.
    #[must_use]
    pub fn is_as_expected(&self) -> bool {
        let Member { kind, check, .. } = self.member;
        let is_caught = self.hunt.catch.as_ref().is_some_and(|catch| catch.kind == *kind && catch.check == *check);
        self.twin_is_clean && is_caught
    }
}

/// Why a visit could not be made.
#[derive(Debug)]
pub enum ZooError {
    /// A patch does not apply any more.
    Patch {
        /// The member.
        member: &'static str,
        /// What git says.
        message: String,
    },
    /// A command failed.
    Command {
        /// The command.
        command: String,
        /// What it printed.
        message: String,
    },
    /// A file could not be read or written.
    File {
        /// The file and what is wrong with it.
        message: String,
    },
    /// The hunter's answer, the scenario or the strategy makes no sense.
    Answer {
        /// What is wrong.
        message: String,
    },
}

impl ZooError {
    pub(super) fn file(path: &Path, error: &io::Error) -> Self {
        Self::File { message: format!("{}: {error}", path.display()) }
    }
}

impl fmt::Display for ZooError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Patch { member, message } => write!(f, "the patch of {member} does not apply any more: {message}"),
            Self::Command { command, message } => write!(f, "{command} failed: {message}"),
            Self::File { message } | Self::Answer { message } => f.write_str(message),
        }
    }
}

impl std::error::Error for ZooError {}

/// Visits `members` one after the other and tells `each` what became of it. The twin is this process.
///
/// # Errors
/// [`ZooError`]: the zoo itself is broken, which says nothing about the checks.
pub fn visit(
    members: &[&'static Member],
    strategy: &str,
    seeds: Range<u64>,
    mut each: impl FnMut(&Visit),
) -> Result<Vec<Visit>, ZooError> {
    let tree = Tree::new()?;
    let mut twins = BTreeMap::new();
    let mut visits = Vec::new();
    for &member in members {
        let twin_is_clean = match twins.get(member.scenario) {
            Some(is_clean) => *is_clean,
            None => twin_is_clean(member, strategy, seeds.clone())?,
        };
        twins.insert(member.scenario, twin_is_clean);
        let hunt = hunt_patched(&tree, member, strategy, &seeds)?;
        let visit = Visit { member, twin_is_clean, hunt };
        each(&visit);
        visits.push(visit);
    }
    Ok(visits)
}

fn twin_is_clean(member: &Member, strategy: &str, seeds: Range<u64>) -> Result<bool, ZooError> {
    let twin = hunt(scenario(member.scenario)?, strategy, seeds, &Wanted::Any);
    Ok(twin.map_err(|error| ZooError::Answer { message: error.to_string() })?.catch.is_none())
}

fn hunt_patched(tree: &Tree, member: &'static Member, strategy: &str, seeds: &Range<u64>) -> Result<Hunt, ZooError> {
    tree.restore()?;
    tree.plant(member)?;
    let mut hunter = Command::new(tree.build()?);
    hunter.args([member.scenario, strategy, &seeds.start.to_string(), &seeds.end.to_string()]);
    // A whole design has other bugs too, and the first to show would end each run.
    if let Source::Port(_) = member.source {
        hunter.args([&member.kind.to_string(), member.check]);
    }
    let answer = run(hunter)?;
    serde_json::from_str(&answer).map_err(|error| ZooError::Answer { message: format!("{error}: {answer}") })
}

/// The scenario of that name.
///
/// # Errors
/// [`ZooError::Answer`] if there is none.
pub(super) fn scenario(name: &str) -> Result<&'static Scenario, ZooError> {
    let unknown = || ZooError::Answer { message: format!("there is no scenario `{name}`") };
    ALL.iter().find(|scenario| scenario.name == name).ok_or_else(unknown)
}
