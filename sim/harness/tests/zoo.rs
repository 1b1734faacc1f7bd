//! The zoo's table and its patches fit each other and the sources. Whether the bugs are found is for
//! `cargo sim zoo` to say, which builds them.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "reads patches, outside every world")]

const _: () = assert!(
    cfg!(madsim),
    "build with `--cfg madsim`: .cargo/config.toml sets it, and an exported RUSTFLAGS replaces that"
);

use seedbed::FindingKind;
use shardwright_sim::{
    ALL,
    zoo::{MEMBERS, Member, Source},
};
use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

/// A bug that takes more is a redesign.
const CHANGED_LINES_MAX: usize = 30;

/// What a finding names if the scenario itself returned it.
const OWN_RESULT: &str = "the scenario's own result";

fn patched() -> impl Iterator<Item = &'static Member> {
    MEMBERS.iter().filter(|member| member.source == Source::Patch)
}

fn patch(member: &Member) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("zoo/{}.patch", member.name))
}

#[test]
fn every_patch_is_in_the_table_and_is_small() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("zoo");
    let files: BTreeSet<_> =
        fs::read_dir(folder).expect("the zoo is readable").map(|entry| entry.expect("readable").path()).collect();
    assert_eq!(files, patched().map(patch).collect());
    for member in patched() {
        let text = fs::read_to_string(patch(member)).expect("a patch is readable");
        let is_change =
            |line: &&str| line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---");
        let changed = text.lines().filter(is_change).count();
        assert!((1..=CHANGED_LINES_MAX).contains(&changed), "{} changes {changed} lines", member.name);
        let is_elsewhere = |line: &&str| line.starts_with("+++ ") && !line.starts_with("+++ b/src/");
        assert_eq!(text.lines().find(is_elsewhere), None, "{} is not about src", member.name);
    }
}

#[test]
fn every_patch_still_applies() {
    for member in patched() {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        let output = Command::new("git").args(["apply", "--check"]).arg(patch(member)).current_dir(root).output();
        let output = output.expect("git runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", member.name);
    }
}

#[test]
fn every_member_names_a_scenario_and_one_of_its_checks() {
    for member in MEMBERS {
        let scenario = ALL.iter().find(|scenario| scenario.name == member.scenario);
        let scenario = scenario.unwrap_or_else(|| panic!("{} lives in no scenario", member.name));
        if matches!(member.kind, FindingKind::Panic | FindingKind::Stall) {
            continue;
        }
        let checks = (scenario.checks)(&scenario.defaults());
        for name in member.checks {
            // A scenario may judge by itself, with what it returns.
            let is_known = *name == OWN_RESULT || checks.iter().any(|check| check.name() == *name);
            assert!(is_known, "no check is named `{name}`");
        }
    }
}

#[test]
fn a_port_takes_the_place_of_sources_that_are_there() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let ports: BTreeSet<_> = MEMBERS
        .iter()
        .flat_map(|member| match member.source {
            Source::Patch => &[],
            Source::Port(parts) => parts,
        })
        .collect();
    let folders = fs::read_dir(root.join("ported")).expect("the ports are readable");
    let folders: BTreeSet<_> = folders.map(|entry| entry.expect("readable").path()).collect();
    assert_eq!(folders, ports.iter().map(|part| root.join("ported").join(part)).collect());
    for port in folders {
        let parts: Vec<_> = fs::read_dir(port.join("src")).expect("a port is about src").flatten().collect();
        assert!(!parts.is_empty(), "{} ports nothing", port.display());
        for part in parts {
            let ours = root.join("../../src").join(part.file_name());
            assert!(ours.is_dir(), "src has no {}", ours.display());
        }
    }
}
