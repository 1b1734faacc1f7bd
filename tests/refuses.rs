//! A production binary that was built for the simulator says so instead of serving.
#![cfg(not(real_side))]

use std::process::Command;

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

#[test]
fn the_production_binary_refuses_to_start_and_names_the_right_command() {
    let output = Command::new(env!("CARGO_BIN_EXE_shardwright")).arg("--help").output().expect("the binary is built");
    let message = String::from_utf8(output.stderr).expect("a message is text");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(message.lines().count(), 1, "one line: {message}");
    assert!(message.contains("cargo real run"), "{message}");
}
