//! The lines in the workspace's manifest that put the copies in place. They begin and end with a comment, and are all that
//! is ever changed there.

use crate::{FOLDER, copies::folder_name, plan::Planned, problem::Problem};
use std::{collections::BTreeMap, fs, path::Path};
use toml::{Table, Value};

const BEGIN: &str = "# Made by `cargo sim-patch";
const END: &str = "# End of what `cargo sim-patch` made.\n";

/// A manifest's text, and ours in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    before: String,
    ours: String,
    after: String,
}

impl Lines {
    /// # Errors
    /// There is no such file.
    pub(crate) fn read(path: &Path) -> Result<Self, Problem> {
        Ok(Self::of(&fs::read_to_string(path).map_err(Problem::io(path))?))
    }

    fn of(text: &str) -> Self {
        let found = text.find(BEGIN).and_then(|begin| {
            let end = begin + text[begin..].find(END)? + END.len();
            Some((begin, end))
        });
        let (begin, end) = found.unwrap_or((text.len(), text.len()));
        Self { before: text[..begin].to_owned(), ours: text[begin..end].to_owned(), after: text[end..].to_owned() }
    }

    /// Writes the file, if it says something else.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Problem> {
        if fs::read_to_string(path).ok().as_deref() == Some(&self.text()) {
            return Ok(());
        }
        fs::write(path, self.text()).map_err(Problem::io(path))
    }

    fn text(&self) -> String {
        [&*self.before, &self.ours, &self.after].concat()
    }

    /// The crates that were named when the lines were made.
    pub(crate) fn names(&self) -> Vec<String> {
        let first = self.ours.lines().next().unwrap_or_default().strip_prefix(BEGIN).unwrap_or_default();
        let names = first.split('`').next().unwrap_or_default();
        names.split_whitespace().map(str::to_owned).collect()
    }

    /// Names and versions of the copies that are in the place of what crates.io has.
    pub(crate) fn copies(&self) -> Vec<(String, String)> {
        let tables = self.ours.parse::<Table>().unwrap_or_default();
        let copies = tables.get("patch").and_then(|patch| patch.get("crates-io")?.as_table());
        let copy = |(key, copy): (&String, &Value)| {
            let name = copy.get("package").and_then(Value::as_str).unwrap_or(key);
            let folder = copy.get("path")?.as_str()?.strip_prefix(FOLDER)?.strip_prefix('/')?;
            Some((name.to_owned(), folder.strip_prefix(name)?.strip_prefix('-')?.to_owned()))
        };
        copies.into_iter().flatten().filter_map(copy).collect()
    }

    pub(crate) fn without_ours(&self) -> Self {
        Self { ours: String::new(), ..self.clone() }
    }

    pub(crate) fn with_ours(&self, names: &[String], plan: &[Planned<'_>]) -> Self {
        let mut versions: BTreeMap<&str, usize> = BTreeMap::new();
        plan.iter().for_each(|planned| *versions.entry(&planned.package.name).or_default() += 1);
        let mut ours = format!("{BEGIN} {}`; without names it makes the copies anew.\n", names.join(" "));
        for planned in plan {
            let package = planned.package;
            let path = Value::from(format!("{FOLDER}/{}", folder_name(package)));
            let source = patched_source(package.source.as_deref().unwrap_or_default());
            if versions[&*package.name] == 1 {
                ours += &format!("[patch.{source}.{}]\npath = {path}\n", package.name);
            } else {
                let key = folder_name(package).replace(['.', '+'], "_");
                ours += &format!("[patch.{source}.{key}]\npackage = \"{}\"\npath = {path}\n", package.name);
            }
        }
        let gap = match (self.ours.is_empty(), self.before.ends_with('\n')) {
            (false, _) => "",
            (true, true) => "\n",
            (true, false) => "\n\n",
        };
        Self { before: format!("{}{gap}", self.before), ours: ours + END, after: self.after.clone() }
    }
}

/// What a `[patch]` table calls a source.
fn patched_source(source: &str) -> String {
    if source.contains("crates.io") {
        return "crates-io".to_owned();
    }
    let url = source.split_once('+').map_or(source, |(_kind, url)| url);
    let url = url.split(['?', '#']).next().unwrap_or(url);
    Value::from(url).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[package]\nname = \"mine\"\n\n# Made by `cargo sim-patch bb8 tokio-util@0.7.20`; \
        without names it makes the copies anew.\n[patch.crates-io.bb8]\npath = \"patched/bb8-0.9.1\"\n\
        # End of what `cargo sim-patch` made.\n[profile.dev]\n";

    #[test]
    fn what_is_not_ours_stays() {
        let lines = Lines::of(TEXT);
        assert_eq!(lines.text(), TEXT);
        assert_eq!(lines.without_ours().text(), "[package]\nname = \"mine\"\n\n[profile.dev]\n");
        assert_eq!(lines.names(), ["bb8", "tokio-util@0.7.20"]);
        assert_eq!(lines.copies(), [("bb8".to_owned(), "0.9.1".to_owned())]);
    }

    #[test]
    fn a_manifest_without_our_lines_names_nobody() {
        let lines = Lines::of("[package]\n");
        assert_eq!((lines.names(), lines.without_ours()), (vec![], lines.clone()));
    }

    #[test]
    fn made_twice_the_lines_are_the_same() {
        let once = Lines::of("[package]\n").with_ours(&["bb8".to_owned()], &[]);
        let text = once.text();
        assert_eq!(Lines::of(&text).with_ours(&["bb8".to_owned()], &[]).text(), text);
        assert_eq!(Lines::of(&text).names(), ["bb8"]);
    }

    #[test]
    fn a_source_is_called_as_cargo_does() {
        assert_eq!(patched_source("registry+https://github.com/rust-lang/crates.io-index"), "crates-io");
        assert_eq!(patched_source("git+https://example.org/pool?branch=main#01"), "\"https://example.org/pool\"");
    }
}
