//! The committed list: which of tokio's tests are left out, and why; which run apart from the others; and which want
//! something else of their world.

use crate::problem::Problem;
use serde::Deserialize;
use std::{fs, path::Path};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    /// The files that are run, as patterns.
    pub(crate) files: Vec<String>,
    #[serde(default)]
    pub(crate) left_out: Vec<LeftOut>,
    /// Tests in which a task panics as planned: in a world that is a finding, unless it is told.
    #[serde(default)]
    pub(crate) planned_panics: Vec<Name>,
    /// Functions in which a task is busy until time has passed: in a world none passes meanwhile, unless it is told.
    #[serde(default)]
    pub(crate) busy: Vec<Name>,
    /// Tests that count in a static: each of their seeds has a process of its own.
    #[serde(default)]
    pub(crate) alone: Vec<Name>,
    /// Tests that want what is ready first to run first, as a run without a seed has it.
    #[serde(default)]
    pub(crate) in_order: Vec<Name>,
}

/// Tests that are left out for one reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeftOut {
    pub(crate) why: String,
    pub(crate) tests: Vec<Name>,
}

/// `time_sleep::short_sleeps` is one test, and `fs_uring*` all tests of some files.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(from = "String")]
pub(crate) struct Name {
    file: String,
    pub(crate) test: Option<String>,
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        match text.split_once("::") {
            Some((file, test)) => Self { file: file.to_owned(), test: Some(test.to_owned()) },
            None => Self { file: text, test: None },
        }
    }
}

impl Name {
    pub(crate) fn is_of(&self, file: &str) -> bool {
        fits(&self.file, file)
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.test {
            Some(test) => write!(f, "{}::{test}", self.file),
            None => self.file.fmt(f),
        }
    }
}

/// How a test runs that does not run with the others of its file: in processes of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Apart {
    /// One for each seed.
    EachSeed,
    /// One, where no decision is drawn.
    WithoutSeed,
}

/// Whether a name is the pattern's; its `*` stands for any text.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| rest.ends_with(after)),
    }
}

impl List {
    /// The tests of a file that do not run with its others.
    pub(crate) fn apart(&self, file: &str) -> impl Iterator<Item = (&Name, Apart)> {
        let alone = self.alone.iter().map(|name| (name, Apart::EachSeed));
        let apart = alone.chain(self.in_order.iter().map(|name| (name, Apart::WithoutSeed)));
        apart.filter(move |(name, _)| name.is_of(file))
    }

    pub(crate) fn has(&self, file: &str) -> bool {
        self.files.iter().any(|pattern| fits(pattern, file))
    }

    /// # Errors
    /// There is no such file, or it is no list.
    pub(crate) fn read(path: &Path) -> Result<Self, Problem> {
        let text = fs::read_to_string(path).map_err(Problem::io(path))?;
        toml::from_str(&text).map_err(|error| Problem::List { path: path.to_owned(), why: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_of_one_test_or_of_whole_files() {
        let name = |text: &str| Name::from(text.to_owned());
        assert!(name("time_rt::starts").is_of("time_rt") && !name("time_rt::starts").is_of("time"));
        assert_eq!(name("time_rt::starts").test.as_deref(), Some("starts"));
        assert!(name("uds_*").is_of("uds_stream") && !name("uds_*").is_of("udp"));
        assert_eq!(name("uds_*").test, None);
        assert_eq!(name("time_rt::starts").to_string(), "time_rt::starts");
    }
}
