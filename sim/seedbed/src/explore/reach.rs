//! Which awaits of the sources were never waited at.
#![expect(clippy::disallowed_methods, reason = "a report reads the sources it points at")]

use crate::{executor::AwaitStack, finding::short_path};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

/// The awaits in the files that `stacks` go through, `path:line  text`, that are on none of them.
pub(super) fn never_reached<'a>(stacks: impl Iterator<Item = &'a AwaitStack>) -> Vec<String> {
    let mut reached: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (path, line) in stacks.flat_map(AwaitStack::own_places) {
        reached.entry(path).or_default().insert(line);
    }
    let of_file = |(path, lines): (&String, &BTreeSet<usize>)| -> Vec<String> {
        let text = fs::read_to_string(path).unwrap_or_default();
        let missed = missed(&text, lines);
        missed.into_iter().map(|(line, text)| format!("{}:{line}  {text}", short_path(path))).collect()
    };
    reached.iter().flat_map(of_file).collect()
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
