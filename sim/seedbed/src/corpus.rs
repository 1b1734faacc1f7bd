//! The corpus: case files of what went wrong once, each replayed for ever after.
#![expect(clippy::disallowed_methods, reason = "reads case files, outside every world")]

use crate::{
    case::{Case, CaseError},
    finding::Finding,
    scenario::Scenario,
};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// The case files below `directory`, sorted by path.
///
/// # Errors
/// The directory, or one below it, cannot be read.
pub fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let path = entry.path();
            // A link to a directory may lead round in a circle.
            if entry.file_type()?.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Why a case file does not run.
#[derive(Debug)]
pub enum CorpusError {
    /// The file or its directory cannot be read.
    File(io::Error),
    /// It is no case, or its case does not fit.
    Case(CaseError),
}

impl fmt::Display for CorpusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => write!(f, "{error}"),
            Self::Case(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for CorpusError {}

impl From<CaseError> for CorpusError {
    fn from(error: CaseError) -> Self {
        Self::Case(error)
    }
}

/// The case in a file, and the one of `scenarios` that it is of.
///
/// # Errors
/// The file cannot be read, is no case, or does not fit its scenario.
pub fn read<'a>(scenarios: &'a [Scenario], path: &Path) -> Result<(&'a Scenario, Case), CorpusError> {
    let case = Case::from_toml(&fs::read_to_string(path).map_err(CorpusError::File)?)?;
    let known = || scenarios.iter().map(|scenario| scenario.name.to_owned()).collect();
    let scenario = scenarios.iter().find(|scenario| scenario.name == case.scenario);
    let scenario = scenario.ok_or_else(|| CaseError::Scenario { name: case.scenario.clone(), known: known() })?;
    case.fits(scenario)?;
    Ok((scenario, case))
}

/// Replays every case below `directory` in this process. A case that finds nothing any more is a guard, unless
/// none of its decisions comes up any more: then it tests nothing.
///
/// # Panics
/// If there is no case, or one still fails, does not run or tests nothing; the message has a line for each, the
/// finding and its story.
pub fn assert_guards(scenarios: &[Scenario], directory: &Path) {
    let files = files(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    assert!(!files.is_empty(), "no case below {}", directory.display());
    let failures: Vec<_> = files.iter().filter_map(|path| failure(scenarios, path)).collect();
    assert!(failures.is_empty(), "{} of {} cases\n{}", failures.len(), files.len(), failures.join("\n"));
}

fn failure(scenarios: &[Scenario], path: &Path) -> Option<String> {
    let file = path.display();
    let replayed = read(scenarios, path).and_then(|(scenario, case)| Ok((scenario.replay(&case)?, case)));
    match replayed {
        Ok((outcome, case)) => match outcome.finding {
            Some(finding) => Some(told(&finding, &case, path)),
            None if tests_nothing(&case, outcome.unmatched.len()) => Some(format!(
                "tests nothing: {file}: none of its decisions comes up any more, by these names; find it again or delete it"
            )),
            None => None,
        },
        Err(error) => Some(format!("does not run: {file}: {error}")),
    }
}

/// Whether none of its decisions came up, though it has some.
pub(crate) fn tests_nothing(case: &Case, unmatched: usize) -> bool {
    unmatched > 0 && unmatched == case.decisions.len()
}

fn told(finding: &Finding, case: &Case, path: &Path) -> String {
    let story = case.story.as_deref().unwrap_or_default();
    format!("still fails: {}: {finding}\n{story}", path.display())
}
