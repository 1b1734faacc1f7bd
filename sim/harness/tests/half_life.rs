//! The edits of the half-life fit their table, the chosen bugs and the sources. What survives them is for
//! `cargo sim half-life` to say, which builds them.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "reads patches, outside every world")]

const _: () = assert!(
    cfg!(madsim),
    "build with `--cfg madsim`: .cargo/config.toml sets it, and an exported RUSTFLAGS replaces that"
);

use shardwright_sim::zoo::half_life::{EDITS, Edit, HELD_OUT};
use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn all() -> impl Iterator<Item = &'static Edit> {
    EDITS.iter().chain(HELD_OUT)
}

fn text(edit: &Edit) -> String {
    fs::read_to_string(root().join(format!("edits/{}.patch", edit.name))).expect("a patch is readable")
}

#[test]
fn every_edit_is_in_the_table_and_still_applies() {
    let files = fs::read_dir(root().join("edits")).expect("the edits are readable");
    let files: BTreeSet<_> = files.map(|entry| entry.expect("readable").path()).collect();
    let patch = |edit: &Edit| root().join(format!("edits/{}.patch", edit.name));
    assert_eq!(files, all().map(patch).collect());
    for edit in all() {
        let apply =
            Command::new("git").args(["apply", "--check"]).arg(patch(edit)).current_dir(root().join("../..")).output();
        let output = apply.expect("git runs");
        assert!(output.status.success(), "{}: {}", edit.name, String::from_utf8_lossy(&output.stderr));
    }
}

/// A renaming that the patch does not make would forgive a loss.
#[test]
fn an_edit_is_forgiven_only_the_names_that_it_changes() {
    for edit in all() {
        let text = text(edit);
        let says = |sign: char, word: &str| {
            let last = word.trim_end_matches(':').rsplit("::").next().unwrap_or(word);
            let file = |line: &str| line.starts_with(if sign == '-' { "rename from " } else { "rename to " });
            text.lines().any(|line| (line.starts_with(sign) || file(line)) && line.contains(last))
        };
        for (from, to) in edit.renames {
            assert!(says('-', from) && says('+', to), "{} does not rename `{from}` to `{to}`", edit.name);
        }
        for file in text.lines().filter_map(|line| line.strip_prefix("rename from ")) {
            assert!(edit.renames.iter().any(|(from, _)| *from == file), "{} moves {file}", edit.name);
        }
    }
}
