//! `shrink`: the smallest case that still fails in the same way, as a file that tells its story.

use super::{
    app::{App, Verdict},
    arguments::ShrinkArguments,
    interrupt,
    output::say,
    problem::Problem,
    results::replace,
    selection,
    shrinker::Shrinker,
};
use crate::{
    case::Case,
    shrink::{self, Budget, Shrunk, Unshrinkable},
};
use serde_json::json;
use std::path::{Path, PathBuf};

pub(super) fn run(app: &App<'_>, arguments: &ShrinkArguments) -> Result<Verdict, Problem> {
    let case = selection::one_case(app, &arguments.which)?;
    let params = app.scenario(&case.scenario).map_or(&[][..], |scenario| scenario.params);
    interrupt::ends_process()?;
    let budget = Budget { runs: arguments.budget, time: arguments.time.map_or(Budget::BASE.time, |time| time.0) };
    let mut shrinker = Shrinker::new(arguments.limits)?;
    let shrunk = match shrink::shrink(&mut shrinker, &case, params, budget)? {
        Ok(shrunk) => shrunk,
        Err(why) => return Ok(refused(&case, &why, arguments.json)),
    };
    let path = arguments.out.clone().unwrap_or_else(|| default_path(&shrunk));
    replace(&path, &shrunk.case.to_toml())?;
    let replay = format!("{} replay {}", app.command_name(), path.display());
    if arguments.json {
        print_document(&shrunk, &path, &replay)
    } else {
        print(&shrunk, &path, &replay)
    }
    Ok(Verdict::Findings)
}

fn default_path(shrunk: &Shrunk) -> PathBuf {
    PathBuf::from(format!("{}-{}.toml", shrunk.case.scenario, shrunk.slug()))
}

/// A case that finds nothing, or that cannot be shrunk: it stays as it is.
fn refused(case: &Case, why: &Unshrinkable, as_json: bool) -> Verdict {
    if as_json {
        say!("{:#}", json!({ "case": case.to_toml(), "shrunk": false, "why": why.to_string() }));
    } else {
        say!("not shrunk: {why}");
    }
    if *why == Unshrinkable::Clean { Verdict::Clean } else { Verdict::Findings }
}

fn print(shrunk: &Shrunk, path: &Path, replay: &str) {
    let Shrunk { case, finding, story, .. } = shrunk;
    say!("FAILED {}: {}: {}", case.scenario, finding.kind, finding.check);
    say!("{}\n", shrunk.summary());
    for (name, value) in &case.params {
        say!("  {name} = {value}");
    }
    for (name, value) in &case.decisions {
        say!("  {name} = {value}");
    }
    say!();
    story.iter().for_each(|sentence| say!("  {sentence}"));
    say!("\ncase: {}\nreplay: {replay}", path.display());
}

fn print_document(shrunk: &Shrunk, path: &Path, replay: &str) {
    let Shrunk { case, finding, story, decisions_before, other_run, runs, is_minimal } = shrunk;
    let document = json!({
        "case": path.display().to_string(),
        "shrunk": true,
        "scenario": case.scenario,
        "params": case.params,
        "decisions": case.decisions,
        "decisions_before": decisions_before,
        "other_run": other_run.as_ref().map(Case::to_toml),
        "runs": runs,
        "minimal": is_minimal,
        "entropy": case.entropy,
        "signature": finding.signature,
        "finding": finding,
        "story": story,
        "replay": replay,
    });
    say!("{document:#}");
}
