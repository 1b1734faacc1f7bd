//! The watchdog names the run that never returns, then aborts.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "starts this test again as a process that will be aborted")]

use std::{env, os::unix::process::ExitStatusExt, process::Command};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const INSIDE: &str = "SEEDBED_TEST_INSIDE_WATCHDOG";

#[test]
fn a_run_that_never_returns_is_named_with_its_replay_command_and_aborted() {
    if env::var(INSIDE).is_ok() {
        seedbed::sweep("never returns", 0..20, |world| async move {
            if world.draw(seedbed::decision::Site::new("doom"), &(0..8)) == 7 {
                loop {
                    std::hint::spin_loop();
                }
            }
            Ok(())
        })
        .assert_clean();
        return;
    }
    let test = std::thread::current().name().expect("a test has a name").to_owned();
    let output = Command::new(env::current_exe().expect("a test has an executable"))
        .args(["--exact", &test])
        .env(INSIDE, "1")
        .env("SEEDBED_WATCHDOG", "1")
        .output()
        .expect("the test can start itself");
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(6), "aborted: {message}");
    let failed = message.lines().find(|line| line.starts_with("FAILED")).expect("the run is named");
    let seed = failed.strip_prefix("FAILED never returns: seed ").and_then(|rest| rest.split(' ').next());
    let seed = seed.unwrap_or_else(|| panic!("no seed in `{failed}`"));
    let replay = format!("replay: SEEDBED_SEED={seed} cargo test -p seedbed --test watchdog -- --exact {test}");
    assert!(message.lines().any(|line| line == replay), "{message}\nwithout: {replay}");
}
