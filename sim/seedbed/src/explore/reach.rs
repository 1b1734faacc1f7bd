//! Which awaits of the sources were never waited at.
#![expect(clippy::disallowed_methods, reason = "a report reads the sources it points at")]

use crate::finding::short_path;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
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

    /// The other source files of the same crates that have awaits, and how many: no task waited in them.
    pub(crate) fn untouched(&self) -> Vec<(String, usize)> {
        let roots: BTreeSet<_> = self.0.keys().filter_map(|path| source_root(Path::new(path))).collect();
        let files =
            roots.into_iter().flat_map(source_files).filter(|file| !self.0.contains_key(&*file.to_string_lossy()));
        let awaits = files.map(|file| {
            let text = fs::read_to_string(&file).unwrap_or_default();
            (short_path(&file.to_string_lossy()), missed(&text, &BTreeSet::new()).len())
        });
        awaits.filter(|(_, awaits)| *awaits > 0).collect()
    }
}

/// The crate's `src` that a file is in; a test's or an example's stands for itself.
fn source_root(path: &Path) -> Option<&Path> {
    path.ancestors().skip(1).find(|folder| folder.file_name().is_some_and(|name| name == "src"))
}

/// Every Rust file below a folder, in the order of their names.
fn source_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut entries: Vec<_> = entries.map(|entry| entry.path()).collect();
    entries.sort();
    let below = |path: PathBuf| match path.extension() {
        _ if path.is_dir() => source_files(&path),
        Some(extension) if extension == "rs" => vec![path],
        _ => Vec::new(),
    };
    entries.into_iter().flat_map(below).collect()
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
    use super::{Reach, missed};

    #[test]
    fn an_await_is_reached_by_any_line_of_its_expression() {
        let text = "let a = one().await;\nlet b = two()\n    .three()\n    .await;\n// four().await\nfive().await;\n";
        assert_eq!(missed(text, &[1, 2].into()), [(6, "five().await;")]);
        assert_eq!(missed(text, &[1, 4, 6].into()), []);
        assert_eq!(missed(text, &[6].into()), [(1, "let a = one().await;"), (4, ".await;")]);
    }

    #[test]
    fn a_file_of_the_same_crate_in_which_nobody_waited_is_told_with_its_awaits() {
        let crates = std::env::temp_dir().join(format!("seedbed-reach-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = crates.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("one/src/lib.rs", "one().await;\n");
        write("one/src/deep/down.rs", "two().await;\n// three().await\nfour().await;\n");
        write("one/src/calm.rs", "fn calm() {}\n");
        write("two/src/lib.rs", "five().await;\n");
        let reach = Reach::from_iter([(crates.join("one/src/lib.rs").display().to_string(), 1)]);
        assert_eq!(reach.untouched(), [(crates.join("one/src/deep/down.rs").display().to_string(), 2)]);
        std::fs::remove_dir_all(crates).unwrap();
    }
}
