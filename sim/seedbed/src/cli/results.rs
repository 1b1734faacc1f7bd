//! A sweep's results: the rows that people and programs are told, the document of `--json`, and the files
//! of `--out`.

use super::{
    app::App,
    arguments::{LIMIT_REAL_S, Limits, MEMORY_MIB, SweepArguments},
    ledger::{Account, Conditions, Ledger},
    problem::Problem,
    selection::Selected,
    sweep::End,
    tally::Found,
};
use crate::{
    case::{Case, Seed},
    finding::{Finding, FindingKind},
    scenario::Scenario,
    shrink::Shrunk,
};
use serde::Deserialize as _;
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

/// Runs with a fault family on after which not one injection is a mistake of the scenario.
const FAMILY_RUNS: u64 = 100;
const FILE: &str = "results.json";

/// What a sweep came to.
pub(super) struct Report<'a> {
    pub(super) rows: Vec<Row<'a>>,
    pub(super) findings: Vec<FindingRow<'a>>,
    pub(super) elapsed_s: f64,
    pub(super) end: End,
}

/// A scenario's part of it.
pub(super) struct Row<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) account: &'a Account,
    pub(super) runs_per_s: f64,
    pub(super) marks_missing: Vec<&'static str>,
    /// Fault families that were on in so many runs and never struck.
    pub(super) never_struck: Vec<(&'a str, u64)>,
}

/// Findings of one signature.
pub(super) struct FindingRow<'a> {
    pub(super) scenario: &'a Scenario,
    /// Runs of that scenario.
    pub(super) runs: u64,
    pub(super) found: &'a Found,
    pub(super) case: Case,
    /// A smaller case of the same finding.
    pub(super) shrunk: Option<Shrunk>,
    pub(super) replay: String,
    /// Where `--out` puts its case file.
    pub(super) path: Option<PathBuf>,
}

impl<'a> Report<'a> {
    pub(super) fn new(
        app: &App<'_>,
        arguments: &SweepArguments,
        selected: &'a [Selected<'a>],
        ledger: &'a Ledger,
        end: End,
    ) -> Self {
        let jobs = arguments.jobs.count();
        let mut report = Self { rows: Vec::new(), findings: Vec::new(), elapsed_s: ledger.elapsed_s, end };
        for Selected { scenario, template } in selected {
            let Some(account) = ledger.accounts.get(scenario.name) else { continue };
            report.rows.push(Row::new(scenario, account, jobs));
            let mut found: Vec<_> = account.tally.findings.iter().collect();
            found.sort_by_key(|found| (found.seed, &found.finding.signature));
            report.findings.extend(found.into_iter().map(|found| {
                let case = Case { seed: Some(Seed(found.seed)), ..template.clone() };
                let replay = replay_command(&app.command_name(), &case, &found.finding, arguments.limits);
                let path = arguments.out.as_ref().map(|directory| directory.join(file_name(&case)));
                FindingRow { scenario, runs: account.tally.runs, found, case, shrunk: None, replay, path }
            }));
        }
        report
    }

    pub(super) fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.rows.iter().all(|row| row.never_struck.is_empty())
    }

    pub(super) fn runs(&self) -> u64 {
        self.rows.iter().map(|row| row.account.tally.runs).sum()
    }

    /// The document of `--json`.
    pub(super) fn document(&self) -> Value {
        json!({
            "seeds": self.rows.iter().map(|row| row.account.tally.runs).max().unwrap_or(0),
            "runs": self.runs(),
            "elapsed_s": self.elapsed_s,
            "end": match self.end {
                End::Done => "done",
                End::OutOfTime => "out of time",
                End::Interrupted => "interrupted",
            },
            "scenarios": self.rows.iter().map(Row::document).collect::<Vec<_>>(),
            "findings": self.findings.iter().map(FindingRow::document).collect::<Vec<_>>(),
        })
    }
}

impl<'a> Row<'a> {
    fn new(scenario: &'a Scenario, account: &'a Account, jobs: u64) -> Self {
        let tally = &account.tally;
        let struck = |family: &str| tally.injections.get(family).is_some_and(|&count| count > 0);
        let never_struck = tally.families_on.iter().filter(|(family, runs)| **runs >= FAMILY_RUNS && !struck(family));
        let busy_s = tally.busy_us as f64 / 1e6 / jobs as f64;
        Self {
            scenario,
            account,
            runs_per_s: if busy_s > 0.0 { tally.runs as f64 / busy_s } else { 0.0 },
            marks_missing: scenario.marks.iter().copied().filter(|&mark| !tally.marks.contains_key(mark)).collect(),
            never_struck: never_struck.map(|(family, runs)| (family.as_str(), *runs)).collect(),
        }
    }

    pub(super) fn virtual_s(&self) -> f64 {
        self.account.tally.virtual_us as f64 / 1e6
    }

    fn document(&self) -> Value {
        let tally = &self.account.tally;
        json!({
            "name": self.scenario.name,
            "runs": tally.runs,
            "runs_per_s": self.runs_per_s,
            "processor_s": tally.processor_us as f64 / 1e6,
            "virtual_s": self.virtual_s(),
            "polls": tally.polls,
            "digest": format!("{:016x}", tally.digest),
            "marks": tally.marks,
            "marks_missing": self.marks_missing,
            "injections": tally.injections,
            "counts": tally.counts,
            "families_on": tally.families_on,
            "families_never_injected": self.never_struck.iter().map(|(family, _)| *family).collect::<Vec<_>>(),
        })
    }
}

impl FindingRow<'_> {
    fn document(&self) -> Value {
        let Finding { kind, check, message, at_ns, signature, stuck, holders } = &self.found.finding;
        json!({
            "scenario": self.scenario.name,
            "seed": self.found.seed,
            "kind": kind,
            "signature": signature,
            "check": check,
            "message": message,
            "at_ns": at_ns,
            "stuck": stuck,
            "holders": holders,
            "runs": self.found.runs,
            "replay": self.replay,
            "case": self.path.as_ref().map_or_else(|| self.smallest().to_toml(), |path| path.display().to_string()),
            "story": self.shrunk.as_ref().map(|shrunk| &shrunk.story),
            "decisions": self.shrunk.as_ref().map(|shrunk| shrunk.case.decisions.len()),
            "minimal": self.shrunk.as_ref().is_some_and(|shrunk| shrunk.is_minimal),
        })
    }

    /// The case that says most.
    fn smallest(&self) -> &Case {
        self.shrunk.as_ref().map_or(&self.case, |shrunk| &shrunk.case)
    }

    /// The case as a file that tells its story to whoever opens it.
    fn file(&self) -> String {
        let Found { finding, runs, .. } = self.found;
        let mut text = String::new();
        for line in finding.to_string().lines() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# {}", commentable(line));
        }
        let _ = writeln!(
            text,
            "# Seen in {runs} of {} runs. Replay: {}\n{}",
            self.runs,
            self.replay,
            self.smallest().to_toml()
        );
        text
    }
}

/// TOML allows no control characters in a comment, and a message may have any.
fn commentable(line: &str) -> String {
    line.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// Of a case with a seed.
fn file_name(case: &Case) -> String {
    format!("{}-{}.toml", case.scenario, Seed(case.seed.map_or(0, |seed| seed.0)))
}

/// The command that shows a finding again, to be pasted into a shell.
pub(super) fn replay_command(program: &str, case: &Case, finding: &Finding, limits: Limits) -> String {
    let mut command = format!("{program} replay {}", case.scenario);
    // Writing to a String cannot fail.
    if let Some(seed) = case.seed {
        let _ = write!(command, " --seed {seed}");
    }
    for (name, value) in &case.params {
        let _ = write!(command, " --param {name}={value}");
    }
    if let Some(strategy) = &case.strategy {
        let _ = write!(command, " --strategy {strategy}");
    }
    command + &limits_of_death(finding, limits)
}

/// The same for a case in a file.
pub(super) fn replay_file(program: &str, file: &str, finding: &Finding, limits: Limits) -> String {
    format!("{program} replay {file}{}", limits_of_death(finding, limits))
}

/// What a case that ends its process needs to end it again.
fn limits_of_death(finding: &Finding, limits: Limits) -> String {
    let mut command = String::new();
    if finding.kind == FindingKind::Abort && limits.memory != MEMORY_MIB {
        let _ = write!(command, " --memory {}", limits.memory);
    }
    if finding.kind == FindingKind::Abort && limits.limit_real != LIMIT_REAL_S {
        let _ = write!(command, " --limit-real {}", limits.limit_real);
    }
    command
}

/// Writes `results.json`; with a report also a case file per finding.
pub(super) fn save(directory: &Path, ledger: &Ledger, report: Option<&Report<'_>>) -> Result<(), Problem> {
    let mut document = report.map_or_else(|| json!({}), Report::document);
    document["resume"] = serde_json::to_value(ledger).expect("a ledger is plain data");
    let refused = |error| Problem::File { path: directory.to_owned(), error };
    fs::create_dir_all(directory).map_err(refused)?;
    replace(&directory.join(FILE), &format!("{document:#}\n"))?;
    for row in report.iter().flat_map(|report| &report.findings) {
        if let Some(path) = &row.path {
            replace(path, &row.file())?;
        }
    }
    Ok(())
}

/// A reader sees the old file or the new one, never a part.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Problem> {
    let part = PathBuf::from(format!("{}.part", path.display()));
    let write = || fs::write(&part, text).and_then(|()| fs::rename(&part, path));
    write().map_err(|error| Problem::File { path: path.to_owned(), error })
}

/// The books of an earlier sweep under the same conditions; new ones if there was none.
pub(super) fn load(directory: &Path, conditions: Conditions) -> Result<Ledger, Problem> {
    let path = directory.join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ledger::new(conditions)),
        Err(error) => return Err(Problem::File { path, error }),
    };
    let document = serde_json::from_str::<Value>(&text);
    let ledger = document.and_then(|document| Ledger::deserialize(&document["resume"]));
    let ledger = ledger.map_err(|error| Problem::NotResults { path: path.clone(), error })?;
    let Conditions { params, strategy, slice } = &ledger.conditions;
    let differs = [
        (*params != conditions.params, "parameters"),
        (*strategy != conditions.strategy, "strategy"),
        (*slice != conditions.slice, "slice"),
    ];
    match differs.into_iter().find(|(differs, _)| *differs) {
        Some((_, what)) => Err(Problem::OtherSweep { path, what }),
        None => Ok(ledger),
    }
}

#[cfg(test)]
mod tests {
    use super::commentable;

    #[test]
    fn any_message_is_a_comment() {
        let line = commentable("\u{1b}[31mlost\u{1b}[0m\r\u{7f}\u{85} 3 of ü");
        assert_eq!(line, " [31mlost [0m    3 of ü");
        toml::from_str::<toml::Table>(&format!("# {line}\n")).expect("a comment and nothing else");
    }
}
