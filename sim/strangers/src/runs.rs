//! Builds the copies, and runs them.

use crate::{list::Apart, package::Package, problem::Problem};
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    env,
    fs::{self, File},
    path::PathBuf,
    process::{self, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// A file of tests that was built.
#[derive(Debug)]
pub(crate) struct Binary {
    pub(crate) file: String,
    executable: PathBuf,
}

/// How the tests of a file ended, over all its runs.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    pub(crate) passed: BTreeSet<String>,
    pub(crate) failed: BTreeSet<String>,
    /// What the first run printed that failed.
    pub(crate) printed: Option<String>,
}

struct Run {
    is_success: bool,
    printed: String,
}

/// What cargo says of what it has built.
#[derive(Debug, Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
}

/// Builds the files that fit one of the patterns, or all.
///
/// # Errors
/// They do not compile, or a pattern fits none.
pub(crate) fn build(package: &Package, patterns: &[String]) -> Result<Vec<Binary>, Problem> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    command.args(["test", "--no-run", "--quiet", "--message-format", "json-render-diagnostics"]);
    command.args(patterns.iter().flat_map(|pattern| ["--test", pattern]));
    command.current_dir(&package.folder).stderr(Stdio::inherit());
    let output = command.output().map_err(Problem::io(cargo))?;
    if !output.status.success() {
        return Err(Problem::Build);
    }
    let messages = output.stdout.split(|&byte| byte == b'\n');
    let messages = messages.filter_map(|line| serde_json::from_slice::<Message>(line).ok());
    let mut built: Vec<_> = messages
        .filter_map(|message| Some(Binary { file: message.target?.name, executable: message.executable? }))
        .collect();
    built.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(built)
}

/// Runs a file's tests over `seeds` seeds each; and then the whole file by each of the seeds below `plain_seeds`, as a
/// `#[test]` that builds runtimes runs by one. Those of `apart` have processes of their own.
///
/// # Errors
/// It cannot be started.
pub(crate) fn run(binary: &Binary, apart: &[(String, Apart)], seeds: u64, plain_seeds: u64) -> Result<Ran, Problem> {
    let mut ran = Ran::default();
    let limit = LIMIT_OF_SEED.saturating_mul(u32::try_from(seeds).unwrap_or(u32::MAX)).max(LIMIT_MIN);
    let others: Vec<_> = apart.iter().flat_map(|(test, _)| ["--skip", test]).collect();
    ran.add(run_once(binary, &others, ("SEEDBED_SEEDS", seeds.to_string()), limit)?);
    for seed in 1..plain_seeds {
        if ran.printed.is_none() && !ran.passed.is_empty() {
            ran.add(run_once(binary, &others, ("SEEDBED_SEED", seed.to_string()), LIMIT_MIN)?);
        }
    }
    for (test, how) in apart {
        let mut alone = Ran::default();
        for steered in steered(binary, test, *how, plain_seeds)? {
            if alone.printed.is_none() {
                alone.add(run_once(binary, &[test], steered, LIMIT_MIN)?);
            }
        }
        // One that did not run at all, as its file does not have it on this machine.
        if !alone.passed.contains(test) {
            alone.failed.insert(test.clone());
        }
        ran.add_all(alone);
    }
    Ok(ran)
}

/// The variables of a test's processes, one for each.
fn steered(binary: &Binary, test: &str, how: Apart, seeds: u64) -> Result<Vec<(&'static str, String)>, Problem> {
    match how {
        Apart::EachSeed => Ok((0..seeds).map(|seed| ("SEEDBED_SEED", seed.to_string())).collect()),
        Apart::WithoutSeed => {
            let case = binary.executable.with_file_name(format!("{}-{test}.toml", binary.file));
            fs::write(&case, format!("format = 1\nscenario = \"{test}\"\n")).map_err(Problem::io(&case))?;
            Ok(vec![("SEEDBED_CASE", case.display().to_string())])
        }
    }
}

/// Longer than any file needs, all its tests over a seed; who waits in plain code for a world that stands still waits for
/// ever.
const LIMIT_OF_SEED: Duration = Duration::from_secs(3);
const LIMIT_MIN: Duration = Duration::from_secs(600);

/// Runs the tests of a file that are asked for, by their whole names.
fn run_once(
    binary: &Binary,
    asked: &[&str],
    (variable, value): (&str, String),
    limit: Duration,
) -> Result<Run, Problem> {
    let folder = binary.executable.parent().unwrap_or(&binary.executable);
    // Two of these may run at a time.
    let (printed, until) = (folder.join(format!("printed-{}", process::id())), Instant::now() + limit);
    let file = File::create(&printed).map_err(Problem::io(&printed))?;
    let errors = file.try_clone().map_err(Problem::io(&printed))?;
    let mut command = Command::new(&binary.executable);
    command.current_dir(folder).env(variable, value).stdout(file).stderr(errors);
    command.arg("--exact").args(asked);
    let io = || Problem::io(&binary.executable);
    let mut child = command.spawn().map_err(io())?;
    let is_success = loop {
        match child.try_wait().map_err(io())? {
            Some(status) => break status.success(),
            None if Instant::now() > until => child.kill().map_err(io())?,
            None => sleep(Duration::from_millis(10)),
        }
    };
    let text = fs::read_to_string(&printed).map_err(Problem::io(&printed))?;
    fs::remove_file(&printed).map_err(Problem::io(&printed))?;
    Ok(Run { is_success, printed: text })
}

impl Ran {
    fn add(&mut self, run: Run) {
        for (test, ended) in run.printed.lines().filter_map(ending) {
            match ended {
                "ok" => drop(self.passed.insert(test.to_owned())),
                "FAILED" => drop(self.failed.insert(test.to_owned())),
                _ => {}
            }
        }
        self.forget_failed();
        if !run.is_success {
            self.printed.get_or_insert(run.printed);
        }
    }

    fn add_all(&mut self, other: Self) {
        self.passed.extend(other.passed);
        self.failed.extend(other.failed);
        self.forget_failed();
        self.printed = self.printed.take().or(other.printed);
    }

    /// One that has failed once has not passed.
    fn forget_failed(&mut self) {
        self.passed.retain(|test| !self.failed.contains(test));
    }
}

/// `test name ... ok`, `test name - should panic ... FAILED`
fn ending(line: &str) -> Option<(&str, &str)> {
    let (name, ended) = line.strip_prefix("test ")?.split_once(" ... ")?;
    Some((name.split(" - ").next().unwrap_or(name), ended))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_test_says_how_it_ended() {
        assert_eq!(ending("test one ... ok"), Some(("one", "ok")));
        assert_eq!(ending("test two::three - should panic ... FAILED"), Some(("two::three", "FAILED")));
        assert_eq!(ending("test result: ok. 1 passed"), None);
    }
}
