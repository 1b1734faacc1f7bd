//! The command line `sim` as it was built from patched sources: asked as a person would ask it. Its runs are made in
//! worker processes, so a bug that ends the process does not end the answer.

use crate::zoo::{Member, ZooError};
use seedbed::{Finding, FindingKind};
use serde::{Deserialize, de::DeserializeOwned};
use std::{collections::BTreeMap, ops::Range, path::PathBuf, process::Command};

/// Real seconds for one run: all of these are over in a moment, but for those that never are.
const LIMIT_REAL_S: &str = "5";
/// Real time for one shrinking.
const SHRINK_FOR: &str = "30s";
/// Seeds that are swept at a time, until one finds what is wanted.
const PORTION: u64 = 250;

/// One build.
pub(crate) struct Sim {
    pub(crate) program: PathBuf,
    /// Where it is run: paths in findings are relative to this.
    pub(crate) directory: PathBuf,
}

/// How the picks are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Portfolio,
    Baseline,
}

/// All findings of one signature.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Found {
    /// The least that has it.
    pub(crate) seed: u64,
    pub(crate) runs: u64,
    pub(crate) kind: FindingKind,
    pub(crate) check: String,
    pub(crate) signature: String,
}

impl Found {
    pub(crate) fn is_of(&self, member: &Member) -> bool {
        member.is_shown_by(self.kind, &self.check)
    }
}

#[derive(Deserialize)]
struct Swept {
    findings: Vec<Found>,
}

/// One case or seed again.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Replayed {
    pub(crate) finding: Option<Finding>,
    #[serde(default)]
    pub(crate) unmatched: Vec<String>,
}

/// What became of shrinking.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Shrunk {
    Shrunk { decisions: BTreeMap<String, u64>, decisions_before: usize, runs: u64, minimal: bool, story: Vec<String> },
    Refused { why: String },
}

impl By {
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Portfolio => &[],
            Self::Baseline => &["--strategy", "madsim"],
        }
    }
}

impl Sim {
    pub(crate) fn sweep(&self, scenario: &str, by: By, seeds: Range<u64>) -> Result<Vec<Found>, ZooError> {
        let seeds = format!("{}..{}", seeds.start, seeds.end);
        let words = [&["sweep", scenario, "--seeds", &seeds, "--no-shrink", "--jobs", "1"], by.words()].concat();
        self.ask::<Swept>(&words)?.map(|swept| swept.findings).map_err(|message| ZooError::Answer { message })
    }

    /// The first seed below `cap` whose finding is wanted.
    pub(crate) fn first(
        &self,
        scenario: &str,
        by: By,
        cap: u64,
        is_wanted: impl Fn(&Found) -> bool,
    ) -> Result<Option<Found>, ZooError> {
        for start in (0..cap).step_by(PORTION as usize) {
            let found = self.sweep(scenario, by, start..cap.min(start + PORTION))?;
            let first = found.into_iter().filter(|found| is_wanted(found)).min_by_key(|found| found.seed);
            if first.is_some() {
                return Ok(first);
            }
        }
        Ok(None)
    }

    /// Writes the smallest case with the finding of the seed to `path`.
    pub(crate) fn shrink(&self, scenario: &str, seed: u64, path: &str) -> Result<Shrunk, ZooError> {
        let words = ["shrink", scenario, "--seed", &seed.to_string(), "--for", SHRINK_FOR, "--out", path];
        self.ask(&words)?.map_err(|message| ZooError::Answer { message })
    }

    /// A seed again. `Err` within: it is refused.
    pub(crate) fn replay_seed(&self, scenario: &str, by: By, seed: u64) -> Result<Result<Replayed, String>, ZooError> {
        self.ask(&[&["replay", scenario, "--seed", &seed.to_string()], by.words()].concat())
    }

    /// A case file again. `Err` within: it is refused.
    pub(crate) fn replay_case(&self, path: &str) -> Result<Result<Replayed, String>, ZooError> {
        self.ask(&["replay", path])
    }

    fn ask<T: DeserializeOwned>(&self, words: &[&str]) -> Result<Result<T, String>, ZooError> {
        let mut command = Command::new(&self.program);
        command.args(words).args(["--json", "--limit-real", LIMIT_REAL_S]).current_dir(&self.directory);
        let output = command.output().map_err(|error| ZooError::file(&self.program, &error))?;
        // 0 and 1 are answers: nothing was found, or something.
        if !matches!(output.status.code(), Some(0 | 1)) {
            return Ok(Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        let answer = serde_json::from_slice(&output.stdout);
        answer.map(Ok).map_err(|error| ZooError::Answer { message: format!("{command:?}: {error}") })
    }
}
