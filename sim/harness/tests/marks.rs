//! Marks guard the scenarios: a state that no seed ever reaches is a state that nobody tests.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "reads the sources, outside every world")]

const _: () = assert!(
    cfg!(madsim),
    "build with `--cfg madsim`: .cargo/config.toml sets it, and an exported RUSTFLAGS replaces that"
);

use seedbed::{Case, Threads};
use shardwright_sim::ALL;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A default sweep has as many.
const SEEDS_MAX: u64 = 10_000;

#[test]
fn every_mark_in_the_sources_is_declared_by_a_scenario_and_every_declared_one_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = [rust_files(&root.join("src")), rust_files(&root.join("sim/harness/src"))].concat();
    let marks: BTreeSet<_> =
        files.iter().flat_map(|file| marks_of(&fs::read_to_string(file).expect("a source file is readable"))).collect();
    let declared: BTreeSet<_> = ALL.iter().flat_map(|scenario| scenario.marks).map(|mark| (*mark).to_owned()).collect();
    assert!(!marks.is_empty());
    assert_eq!(marks, declared);
}

#[test]
fn every_declared_mark_is_reached() {
    for scenario in ALL {
        let mut missing: BTreeSet<_> = scenario.marks.iter().copied().collect();
        let case = Case::of_seed(scenario.name, 0);
        let seeds = (0..SEEDS_MAX).take(if missing.is_empty() { 0 } else { usize::MAX });
        let swept = scenario.run_seeds(&case, &Threads::reused(), seeds, |_, outcome| {
            for mark in &outcome.marks {
                missing.remove(mark);
            }
            !missing.is_empty()
        });
        swept.expect("the defaults fit the scenario");
        assert!(missing.is_empty(), "{} reached in {SEEDS_MAX} seeds everything but {missing:?}", scenario.name);
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a source folder is readable");
    let paths = entries.map(|entry| entry.expect("a source folder is readable").path());
    paths
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => rust_files(&path),
            Some(extension) if extension == "rs" => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

/// The last text in each `sometimes!(..)` is its name; a condition may stand before it.
fn marks_of(source: &str) -> Vec<String> {
    let calls = source.split("sometimes!(").skip(1);
    let name = |call: &str| {
        let call = call.split(");").next()?;
        call.rsplit('"').nth(1).map(str::to_owned)
    };
    calls.filter_map(name).collect()
}
