//! Which awaits of the sources were never waited at.
#![expect(clippy::disallowed_methods, reason = "a report reads the sources it points at")]

use crate::finding::short_path;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

/// The lines of each source file at which a task waited.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Reach(BTreeMap<String, BTreeSet<usize>>);

impl FromIterator<(String, usize)> for Reach {
    fn from_iter<I: IntoIterator<Item = (String, usize)>>(places: I) -> Self {
        let mut reach = Self::default();
        for (path, line) in places {
            reach.0.entry(path).or_default().insert(line);
        }
        reach
    }
}

impl Reach {
    pub(super) fn join(&mut self, other: Self) {
        for (path, lines) in other.0 {
            self.0.entry(path).or_default().extend(lines);
        }
    }

    /// The awaits of these files, `path:line  text`, at which no task waited.
    pub(crate) fn missed(&self) -> Vec<String> {
        let of_file = |(path, lines): (&String, &BTreeSet<usize>)| -> Vec<String> {
            let text = fs::read_to_string(path).unwrap_or_default();
            let missed = missed(&text, lines);
            missed.into_iter().map(|(line, text)| format!("{}:{line}  {text}", short_path(path))).collect()
        };
        self.0.iter().flat_map(of_file).collect()
    }
}

/// The awaits of a source text that none of the reached lines belongs to, with their lines from 1. An
/// expression over several lines is reached at whichever of them the compiler names.
fn missed<'a>(text: &'a str, reached: &BTreeSet<usize>) -> Vec<(usize, &'a str)> {
    let is_await = |line: &str| line.split("//").next().is_some_and(|code| code.contains(".await"));
    let mut missed = Vec::new();
    let mut begins = 1;
    for (number, line) in (1..).zip(text.lines()) {
        let ends = line.trim_end().ends_with([';', '{', '}', ',']);
        if is_await(line) {
            if reached.range(begins..=number).next().is_none() {
                missed.push((number, line.trim()));
            }
            begins = number + 1;
        } else if ends {
            begins = number + 1;
        }
    }
    missed
}

#[cfg(test)]
mod tests {
    use super::missed;

    #[test]
    fn an_await_is_reached_by_any_line_of_its_expression() {
        let text = "let a = one().await;\nlet b = two()\n    .three()\n    .await;\n// four().await\nfive().await;\n";
        assert_eq!(missed(text, &[1, 2].into()), [(6, "five().await;")]);
        assert_eq!(missed(text, &[1, 4, 6].into()), []);
        assert_eq!(missed(text, &[6].into()), [(1, "let a = one().await;"), (4, ".await;")]);
    }
}
