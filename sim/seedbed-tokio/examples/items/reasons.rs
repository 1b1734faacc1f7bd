//! What is said by hand: why items are refused, and where they differ.

use crate::Result;
use serde::Deserialize;

/// All of `items.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reasons {
    pub(crate) refused: Vec<Reason>,
    pub(crate) differs: Vec<Reason>,
}

/// Something about some items.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    /// Paths; a `*` stands for any text.
    pub(crate) items: Vec<String>,
    pub(crate) why: String,
    /// The items are there and panic when they are used; else they do not compile.
    #[serde(default)]
    pub(crate) when_used: bool,
}

pub(crate) fn read(text: &str) -> Result<Reasons> {
    Ok(toml::from_str(text)?)
}

impl Reason {
    pub(crate) fn is_about(&self, path: &str) -> bool {
        self.items.iter().any(|pattern| matches(pattern, path))
    }
}

/// Whether `path` is what `pattern` says.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, rest)) => path.strip_prefix(start).is_some_and(|path| {
            let ends = path.char_indices().map(|(at, _)| at).chain([path.len()]);
            ends.into_iter().any(|at| matches(rest, &path[at..]))
        }),
    }
}
