//! The one command that replays a failure of a test.
#![expect(clippy::disallowed_methods, reason = "a test's command line and environment name its replay")]

use crate::case::Seed;
use std::{env, path::Path};

/// The command that runs the current test under `seed` alone, to be pasted into a fresh shell.
pub(crate) fn test_command(seed: Option<u64>) -> String {
    let test = std::thread::current().name().unwrap_or("main").to_owned();
    let given = seed.map_or_else(
        || env::var("SEEDBED_CASE").map(|path| format!("SEEDBED_CASE={path} ")).unwrap_or_default(),
        |seed| format!("SEEDBED_SEED={} ", Seed(seed)),
    );
    let target = env::current_exe().ok().and_then(|path| target_name(&path));
    match (env::var("CARGO_PKG_NAME"), target) {
        (Ok(package), Some(target)) => {
            let kind =
                if target == package.replace('-', "_") { "--lib".to_owned() } else { format!("--test {target}") };
            format!("{given}cargo test -p {package} {kind} -- --exact {test}")
        }
        _ => format!("{given}{} --exact {test}", env::args().next().unwrap_or_default()),
    }
}

/// `command` for the drawn value of this number alone.
pub(crate) fn with_value(number: u64, command: &str) -> String {
    format!("SEEDBED_VALUE={number} {command}")
}

/// `permits` of `target/debug/deps/permits-0123456789abcdef`.
fn target_name(executable: &Path) -> Option<String> {
    let stem = executable.file_stem()?.to_str()?;
    let (name, hash) = stem.rsplit_once('-')?;
    hash.chars().all(|digit| digit.is_ascii_hexdigit()).then(|| name.to_owned())
}
