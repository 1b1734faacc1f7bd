//! The one command that replays a failure of a test.
#![expect(clippy::disallowed_methods, reason = "a test's command line and environment name its replay")]

use crate::{
    case::{Case, Seed},
    decision::hash_str,
};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

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

/// `command` of a run under `seed`, or without one, for the drawn value of this number alone.
pub(crate) fn with_value(number: u64, seed: Option<u64>, command: &str) -> String {
    let without_seed = if seed.is_none() { "SEEDBED_SEEDS=0 " } else { "" };
    format!("SEEDBED_VALUE={number} {without_seed}{command}")
}

/// The command that runs the current test under `case` alone.
pub(crate) fn case_command(case: &Case) -> String {
    of_case(case, &test_command(None))
}

/// `command`, which runs a test, with `case` in a file for it to run alone.
pub(crate) fn of_case(case: &Case, command: &str) -> String {
    match keep(case) {
        Ok(path) => format!("SEEDBED_CASE={} {command}", path.display()),
        Err(error) => format!(
            "SEEDBED_CASE=case.toml {command}
(the case could not be written: {error})\n{}",
            case.to_toml()
        ),
    }
}

/// Writes a case beside the test's binary, under a name made of what it says.
fn keep(case: &Case) -> io::Result<PathBuf> {
    let text = case.to_toml();
    let folder = env::current_exe()?.with_file_name("seedbed-cases");
    fs::create_dir_all(&folder)?;
    // A word of a shell, and one name of a file.
    let is_plain = |character: char| character.is_alphanumeric() || "._".contains(character);
    let name: Vec<_> = case.scenario.split(|character| !is_plain(character)).filter(|part| !part.is_empty()).collect();
    let name = name.join("-");
    let path = folder.join(format!("{name}-{:08x}.toml", hash_str(&text) >> 32));
    // Another test may keep the same case now, and its reader is not to see a part of it.
    static PARTS: AtomicU64 = AtomicU64::new(0);
    let part = format!("{}.{}-{}", path.display(), process::id(), PARTS.fetch_add(1, Ordering::Relaxed));
    fs::write(&part, text)?;
    fs::rename(&part, &path)?;
    Ok(path)
}

/// `permits` of `target/debug/deps/permits-0123456789abcdef`.
fn target_name(executable: &Path) -> Option<String> {
    let stem = executable.file_stem()?.to_str()?;
    let (name, hash) = stem.rsplit_once('-')?;
    hash.chars().all(|digit| digit.is_ascii_hexdigit()).then(|| name.to_owned())
}
