//! What a run found.

use crate::{check::Violation, executor::AwaitStack, history::TaskId, panics::Panicked, time::Instant};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What sort of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FindingKind {
    /// A check failed.
    Violation,
    /// Deadlock, starvation past its bound, or a spin.
    Stall,
    /// A task panicked.
    Panic,
    /// One case gave two histories.
    Divergence,
    /// The process died, or the case never returned.
    Abort,
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The check that a scenario's own `Err` counts as.
pub(crate) const SCENARIOS_OWN: &str = "the scenario's own result";

/// A failure of one run. Findings with one signature count as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The sort.
    pub kind: FindingKind,
    /// The check that failed, the sort of stall, or where it panicked.
    pub check: String,
    /// What was wrong, with its evidence.
    pub message: String,
    /// Virtual nanoseconds into the run.
    pub at_ns: u64,
    /// The same for the same bug under any seed: no numbers, no lines.
    pub signature: String,
    /// Of a stall: who waits, and where.
    pub stuck: Vec<StuckTask>,
    /// Of a stall: who holds what, where seedbed or a check knows it.
    pub holders: Vec<String>,
}

/// A task that cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StuckTask {
    /// Its path.
    pub name: String,
    /// Its name without numbers.
    pub kind: String,
    /// How often it was polled.
    pub polls: u32,
    /// What it waits for: `semaphore`, `sleep`, .. or `unknown`.
    pub waits_for: String,
    /// Its awaits by source line, outermost first.
    pub awaits: Vec<String>,
    #[serde(skip)]
    pub(crate) task: Option<TaskId>,
}

impl StuckTask {
    pub(crate) fn new(task: TaskId, name: String, kind: String, polls: u32) -> Self {
        Self { name, kind, polls, waits_for: "unknown".to_owned(), awaits: Vec::new(), task: Some(task) }
    }

    /// Its last poll was seen to suspend there; none if nobody watched, or there was none.
    pub(crate) fn waits_at(&mut self, stack: Option<&AwaitStack>) {
        match stack {
            Some(stack) => (self.waits_for, self.awaits) = stack.describe(),
            None if self.polls == 0 => self.waits_for = "its first poll".to_owned(),
            None => {}
        }
    }
}

impl Finding {
    pub(crate) fn violation(check: &str, message: &str, at: Instant) -> Self {
        Self {
            kind: FindingKind::Violation,
            check: check.to_owned(),
            message: message.to_owned(),
            at_ns: at.as_nanos(),
            signature: format!("Violation: {check}"),
            stuck: Vec::new(),
            holders: Vec::new(),
        }
    }

    /// A scenario's own result has many rules under one name: the signature tells them apart by their words.
    pub(crate) fn own_violation(violation: &Violation, at: Instant) -> Self {
        let form = violation.form().map_or_else(|| without_numbers(violation.message()), str::to_owned);
        let signature = format!("Violation: {SCENARIOS_OWN}: {form}");
        Self { signature, ..Self::violation(SCENARIOS_OWN, violation.message(), at) }
    }

    pub(crate) fn panic(panicked: &Panicked, at: Instant, task: String) -> Self {
        let Panicked { file, line, advice, .. } = panicked;
        let (file, message) = (short_path(file), panicked.told());
        let advice = advice.as_ref().map(|advice| format!("\n{advice}")).unwrap_or_default();
        Self {
            kind: FindingKind::Panic,
            check: file.clone(),
            message: format!("{task} panicked at {file}:{line}: {message}{advice}"),
            at_ns: at.as_nanos(),
            signature: format!("Panic: {file}: {}", without_numbers(message)),
            stuck: Vec::new(),
            holders: Vec::new(),
        }
    }

    pub(crate) fn stall(
        check: &str,
        message: String,
        at: Instant,
        stuck: Vec<StuckTask>,
        holders: Vec<String>,
    ) -> Self {
        let mut finding = Self {
            kind: FindingKind::Stall,
            check: check.to_owned(),
            message,
            at_ns: at.as_nanos(),
            signature: String::new(),
            stuck,
            holders,
        };
        finding.sign_stall();
        finding
    }

    /// A finding about the process rather than the world.
    #[must_use]
    pub fn abort(check: &str, message: String) -> Self {
        Self {
            kind: FindingKind::Abort,
            check: check.to_owned(),
            message,
            at_ns: 0,
            signature: format!("Abort: {check}"),
            stuck: Vec::new(),
            holders: Vec::new(),
        }
    }

    /// A finding that one case gave two histories.
    #[must_use]
    pub fn divergence(message: String) -> Self {
        Self {
            kind: FindingKind::Divergence,
            check: "one case, two histories".to_owned(),
            message,
            at_ns: 0,
            signature: "Divergence".to_owned(),
            stuck: Vec::new(),
            holders: Vec::new(),
        }
    }

    /// The signature of a stall is the set of (sort of task, what it waits for).
    pub(crate) fn sign_stall(&mut self) {
        let mut waits: Vec<_> =
            self.stuck.iter().map(|task| format!("{} on {}", task.kind, without_numbers(&task.waits_for))).collect();
        waits.sort();
        waits.dedup();
        self.signature = format!("Stall: {}: {}", self.check, waits.join(", "));
    }
}

/// The finding as a failure prints it: one headline, then what else the message says, then the stuck tasks.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const STUCK_SHOWN: usize = 12;
        let (headline, evidence) = self.message.split_once('\n').unwrap_or((&self.message, ""));
        write!(f, "{}: {}: {headline}", self.kind, self.check)?;
        match self.kind {
            FindingKind::Violation | FindingKind::Stall | FindingKind::Panic => {
                write!(f, ", at {}.{:09} s", self.at_ns / 1_000_000_000, self.at_ns % 1_000_000_000)?;
            }
            // About the process, or about two runs: no virtual instant is theirs.
            FindingKind::Divergence | FindingKind::Abort => {}
        }
        evidence.lines().try_for_each(|line| write!(f, "\n{line}"))?;
        for task in self.stuck.iter().take(STUCK_SHOWN) {
            write!(f, "\n  {} waits for {} (polled {} times)", task.name, task.waits_for, task.polls)?;
            for line in &task.awaits {
                write!(f, "\n      {line}")?;
            }
        }
        if self.stuck.len() > STUCK_SHOWN {
            write!(f, "\n  and {} more", self.stuck.len() - STUCK_SHOWN)?;
        }
        match (self.kind, self.holders.as_slice()) {
            (FindingKind::Stall, []) => write!(f, "\n  holder: unknown"),
            (_, holders) => holders.iter().try_for_each(|holder| write!(f, "\n  holder: {holder}")),
        }
    }
}

/// Digits become `#`, so that ids do not make two findings of one.
fn without_numbers(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for character in message.chars() {
        if !character.is_ascii_digit() {
            text.push(character);
        } else if !text.ends_with('#') {
            text.push('#');
        }
    }
    text
}

/// A path without the part that differs between machines: relative paths stay, of the registry's and
/// std's sources the last parts do.
pub(crate) fn short_path(path: &str) -> String {
    for marker in ["/registry/src/", "/rustc/"] {
        if let Some((_, rest)) = path.split_once(marker) {
            return rest.split_once('/').map_or(rest, |(_, rest)| rest).to_owned();
        }
    }
    let current = std::env::current_dir().ok();
    current
        .and_then(|root| std::path::Path::new(path).strip_prefix(root).ok().map(|rest| rest.display().to_string()))
        .unwrap_or_else(|| path.trim_start_matches("./").to_owned())
}
