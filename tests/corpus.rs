//! The corpus: what went wrong once is replayed for ever. A case that finds nothing any more is a guard; one that
//! does not run any more is an error.
#![cfg(not(real_side))]

const _: () = assert!(
    cfg!(madsim),
    "build with `--cfg madsim`: .cargo/config.toml sets it, and an exported RUSTFLAGS replaces that"
);

use seedbed::corpus;
use shardwright_sim::ALL;
use std::path::Path;

fn seeds() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/seeds"))
}

#[test]
fn every_case_of_the_corpus_is_a_guard() {
    corpus::assert_guards(ALL, seeds());
}

#[test]
fn every_case_has_a_story_no_seed_and_stands_with_its_scenario() {
    let files = corpus::files(seeds()).expect("the corpus can be read");
    assert!(!files.is_empty(), "the corpus is empty");
    for path in files {
        let (scenario, case) = corpus::read(ALL, &path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(case.story.is_some_and(|story| !story.is_empty()), "{} has no story", path.display());
        assert_eq!(case.seed, None, "{} depends on how seeds are drawn", path.display());
        assert!(
            path.parent().is_some_and(|folder| folder.ends_with(scenario.name)),
            "{} stands elsewhere",
            path.display()
        );
    }
}
