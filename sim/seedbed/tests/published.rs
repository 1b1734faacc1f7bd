//! A published bug of a public crate: one test finds it, finds that its first fix was none, and is content with the
//! second. The story is told in `crates/deadpool/tests/pool.rs`.
#![cfg(not(real_side))]

use std::process::{Command, Output};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const CRATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crates/deadpool");
/// Where `stranger.rs` has compiled seedbed already.
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/stranger/target");
const TEST: &str = "a_dropped_request_holds_up_nobody";

/// A command in the crate's folder, steered by nothing that steers this process.
fn in_crate(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(CRATE).env("CARGO_TARGET_DIR", TARGET);
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "SEEDBED_SEEDS", "SEEDBED_SEED", "SEEDBED_CASE"] {
        command.env_remove(name);
    }
    command
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

/// From the finding to the line with the replay.
fn finding(text: &str) -> (&str, &str) {
    let (_, finding) = text.split_once("\nFAILED ").unwrap_or_else(|| panic!("no finding in:\n{text}"));
    let (finding, rest) = finding.split_once("\nreplay: ").unwrap_or_else(|| panic!("no replay in:\n{text}"));
    (finding, rest.lines().next().unwrap_or_default())
}

#[test]
fn deadpool_loses_a_connection_until_its_second_fix() {
    let tested = in_crate(env!("CARGO")).args(["test", "--test", "pool"]).output().unwrap();
    let tested_text = text(&tested);
    assert!(!tested.status.success(), "{tested_text}");
    let fixed = format!("test deadpool_0_4_0::{TEST} ... ok");
    assert!(tested_text.contains(&fixed), "no `{fixed}` in:\n{tested_text}");

    for version in ["deadpool_0_2_3", "deadpool_0_3_0"] {
        let heading = format!("---- {version}::{TEST} stdout ----");
        let (_, report) = tested_text.split_once(&heading).unwrap_or_else(|| panic!("no report in:\n{tested_text}"));
        let (found, replay) = finding(report);
        assert!(found.starts_with("Stall: deadlock: nothing can run and no timer is set"), "{found}");
        let [_, waits, source, ..] = *found.lines().collect::<Vec<_>>() else { panic!("no stack in: {found}") };
        assert!(waits.starts_with("  request-") && waits.contains(" waits for channel "), "{found}");
        assert!(source.ends_with("let _connection = pool.get().await.unwrap();"), "{found}");

        let replayed = in_crate("sh").args(["-c", replay]).output().unwrap();
        let replayed_text = text(&replayed);
        assert!(!replayed.status.success(), "{replayed_text}");
        let (facts, what_was_done) = found.split_once("\n  after: ").expect("the cancellation is named");
        let place = "while it waits at tests/pool.rs:";
        assert!(what_was_done.contains(place), "no `{place}` in: {what_was_done}");
        assert!(finding(&replayed_text).0.starts_with(facts), "{replayed_text}");
    }
}
