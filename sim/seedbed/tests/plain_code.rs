//! What plain code with a runtime of its own says of itself.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "starts its test again as a process that fails")]

use seedbed::runtime::Runtime;
use std::{env, process::Command};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

#[test]
fn a_panic_of_plain_code_that_has_entered_a_runtime_is_told() {
    const INSIDE: &str = "SEEDBED_TEST_INSIDE_HOOK";
    if env::var(INSIDE).is_ok() {
        let runtime = Runtime::new().expect("it fails never");
        let _entered = runtime.enter();
        panic!("plain code's own");
    }
    let test = std::thread::current().name().expect("a test has a name").to_owned();
    let output = Command::new(env::current_exe().expect("a test has an executable"))
        .args(["--exact", &test, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("the test can start itself");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(told.contains("plain code's own"), "{told}");
}
