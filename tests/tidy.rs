//! House rules that a machine can look for.
#![expect(clippy::disallowed_methods, reason = "reads the sources it judges")]

use std::{
    fs,
    path::{Path, PathBuf},
};

fn sources(below: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(below)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository").flatten() {
            let path = entry.path();
            // A folder that git does not keep has copies of what is others'.
            if path.is_dir() && !path.join(".gitignore").exists() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file is text");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "no sources below {below}");
    found
}

fn assert_none_says(below: &str, words: &[&str], why: &str) {
    for (path, text) in sources(below) {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or(line);
            for word in words {
                assert!(!code.contains(word), "{}:{} says `{word}`: {why}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn the_product_has_never_heard_of_its_simulator() {
    // main.rs alone asks for the cfg, to refuse to start under it.
    let sources: Vec<_> = sources("src").into_iter().filter(|(path, _)| !path.ends_with("main.rs")).collect();
    for (path, text) in sources {
        for word in ["seedbed", "madsim", "cfg(madsim)", "std::thread::spawn", "std::time::Instant"] {
            let code = text.lines().map(|line| line.split("//").next().unwrap_or(line));
            assert!(!code.into_iter().any(|line| line.contains(word)), "{} says `{word}`", path.display());
        }
    }
}

#[test]
fn the_framework_has_never_heard_of_agents() {
    assert_none_says("sim/seedbed/src", &["shardwright", "llm::", "agent", "Shard"], "seedbed serves any crate");
}

#[test]
fn every_source_file_says_what_it_owns() {
    for below in [
        "src",
        "sim/seam/src",
        "sim/seedbed/src",
        "sim/seedbed-tokio/src",
        "sim/harness/src",
        "sim/bench/src",
        "sim/patch/src",
        "sim/strangers/src",
        "sim/strangers/tempfile/src",
        "sim/service/src",
        "sim/store-bench/src",
    ] {
        for (path, text) in sources(below) {
            assert!(text.starts_with("//!"), "{} does not open with what it owns", path.display());
        }
    }
}

#[test]
fn no_test_is_ignored_and_nothing_is_left_undone() {
    let words = [concat!("#[", "ignore"), concat!("todo", "!("), concat!("unimpl", "emented!("), concat!("db", "g!(")];
    for below in ["src", "sim", "tests"] {
        assert_none_says(below, &words, "assert today's wrong result instead, or do it");
    }
}
