//! The names of decisions: sites and entities.

use super::mix::{fold, hash_str};
use std::fmt;

/// What is decided, e.g. `llm.latency`. A constant; its hash is made at compile time.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    name: &'static str,
    hash: u64,
}

impl Site {
    /// The site of this name. Two sites of one name are one site.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, hash: hash_str(name) }
    }

    /// The name as it stands in a case file.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }
}

/// Whom a decision is about: a task by its path, or any name a scenario gives, e.g. `shard-3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entity(pub(crate) u64);

impl Entity {
    /// Where every path begins; the scenario's own future.
    pub(crate) const ROOT: Self = Self(hash_str("main"));

    /// The child `name` of `self`, the `ordinal`-th (from 0) of that name.
    #[must_use]
    pub(crate) const fn child(self, name_hash: u64, ordinal: u32) -> Self {
        Self(fold(fold(self.0, name_hash), ordinal as u64))
    }

    /// The entity of a path as timelines and case files write it: names joined by `/`, each followed
    /// by `#n` if it is the n-th (from 0, left out) of its name, e.g. `client-3/worker#2`. One that no
    /// path leads to is written as `@` and 16 hex digits.
    #[must_use]
    pub fn of(path: &str) -> Self {
        if path == "main" {
            return Self::ROOT;
        }
        if let Some(bits) = path.strip_prefix('@').and_then(|hex| u64::from_str_radix(hex, 16).ok()) {
            return Self(bits);
        }
        path.split('/').fold(Self::ROOT, |parent, segment| {
            let (name, ordinal) = segment
                .rsplit_once('#')
                .and_then(|(name, digits)| Some((name, digits.parse().ok()?)))
                .unwrap_or((segment, 0));
            parent.child(hash_str(name), ordinal)
        })
    }
}

/// `@` and 16 hex digits.
impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{:016x}", self.0)
    }
}
