//! What the tests of all files add up to, in lines.

use crate::{package::Package, runs::Ran};

#[derive(Debug, Default)]
pub(crate) struct Tally {
    passed: usize,
    failed: Vec<String>,
}

impl Tally {
    /// Adds a file, and says its line; with what it printed, if a test failed.
    pub(crate) fn add(&mut self, file: &str, ran: &Ran, left_out: usize) -> String {
        self.passed += ran.passed.len();
        self.failed.extend(ran.failed.iter().map(|test| format!("{file}::{test}")));
        let mut line = format!("{file:<32} {:>4} passed", ran.passed.len());
        if left_out > 0 {
            line += &format!(", {left_out} left out");
        }
        if let Some(printed) = &ran.printed {
            if ran.failed.is_empty() {
                self.failed.push(format!("{file}, which was ended"));
            }
            line += &format!(", {} FAILED\n{printed}", ran.failed.len());
        }
        line
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.failed.is_empty()
    }

    /// What was left out of all files, for each reason, and how the others ended.
    pub(crate) fn summary(&self, package: &Package) -> String {
        let mut lines: Vec<_> = package.reasons().map(|(why, count)| format!("{count:>4} left out: {why}")).collect();
        lines.extend(self.failed.iter().map(|test| format!("FAILED {test}")));
        let left_out: usize = package.reasons().map(|(_, count)| count).sum();
        lines.push(format!("{} passed, {} failed, {left_out} left out", self.passed, self.failed.len()));
        lines.join("\n")
    }
}
