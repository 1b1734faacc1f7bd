//! `zoo [NAME..]`: the command line of the zoo.

use super::{Effort, Hunt, MEMBERS, Member, Method, Score, Visit, against::compared, visit};
use clap::{Args, FromArgMatches as _};
use seedbed::cli::{OwnCommand, Verdict, say_line};
use serde_json::{Map, Value, json};

/// Builds each planted bug from patched sources and looks for it by every method. Clean if each was found by the
/// portfolio as what it is and its twin is clean.
pub const COMMAND: OwnCommand = OwnCommand {
    grammar: || {
        Asked::augment_args(clap::Command::new("zoo").about("Plants bugs, and scores how soon each method finds them"))
    },
    run: |matches| {
        let asked = Asked::from_arg_matches(matches).map_err(|error| error.to_string())?;
        told(&asked)
    },
};

#[derive(Debug, Args)]
struct Asked {
    /// Planted bugs; all if none is given
    #[arg(value_name = "NAME", value_parser = member)]
    members: Vec<&'static Member>,
    /// Hunts with each method so many times, each time over other seeds
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    reps: u64,
    /// Gives a hunt up after so many runs
    #[arg(long, value_name = "CAP", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Hunts by this method, and by the portfolio; may be given again [default: all]
    #[arg(long = "method", value_name = "METHOD", value_parser = method)]
    methods: Vec<Method>,
    /// Shrinks what the portfolio finds first
    #[arg(long)]
    shrink: bool,
    /// One JSON document on stdout at the end, and the table's rows on stderr as they come
    #[arg(long)]
    json: bool,
}

impl Asked {
    fn members(&self) -> Vec<&'static Member> {
        if self.members.is_empty() { MEMBERS.iter().collect() } else { self.members.clone() }
    }

    fn effort(&self) -> Effort {
        let mut methods = if self.methods.is_empty() { Method::ALL.to_vec() } else { self.methods.clone() };
        if !methods.contains(&Method::Portfolio) {
            // What a member is, the portfolio says.
            methods.insert(0, Method::Portfolio);
        }
        Effort { methods, cap: self.seeds, reps: self.reps, shrinks: self.shrink }
    }
}

fn told(asked: &Asked) -> Result<Verdict, String> {
    let effort = asked.effort();
    // A hunt takes hours: what it has found so far is never held back.
    let say = |line: &str| if asked.json { eprintln!("{line}") } else { say_line(line) };
    say(&heading(&effort.methods));
    let visits = visit(&asked.members(), &effort, |visit| say(&row(visit, &effort.methods)));
    let visits = visits.map_err(|error| error.to_string())?;
    if asked.json {
        let members: Vec<_> = visits.iter().map(document).collect();
        let compared: Map<_, _> = compared(&visits)
            .into_iter()
            .map(|against| (against.method.name().to_owned(), against.document()))
            .collect();
        say_line(&format!("{:#}", json!({ "members": members, "against_baseline": compared })));
    } else {
        compared(&visits).iter().for_each(|against| say_line(&against.told()));
        if let Some(sizes) = sizes(&visits) {
            say_line(&format!("\n{sizes}"));
        }
    }
    Ok(if visits.iter().all(Visit::is_as_expected) { Verdict::Clean } else { Verdict::Findings })
}

fn member(name: &str) -> Result<&'static Member, String> {
    let names = || MEMBERS.iter().map(|member| member.name).collect::<Vec<_>>().join(", ");
    Member::named(name).ok_or_else(|| format!("there is no such planted bug; there are: {}", names()))
}

fn method(name: &str) -> Result<Method, String> {
    let names = || Method::ALL.map(Method::name).join(", ");
    Method::named(name).ok_or_else(|| format!("there is no such method; there are: {}", names()))
}

fn heading(methods: &[Method]) -> String {
    let methods: String = methods.iter().map(|method| format!(" {:>9}", method.name())).collect();
    format!("{:<24} {:<6} {:<13}{methods}   (runs until found)", "planted bug", "id", "scenario")
}

fn row(visit: &Visit, methods: &[Method]) -> String {
    let Visit { member, twin_is_clean, scores, told } = visit;
    let runs = |method| match scores.score(method) {
        Some(Score::Found(runs)) => runs.to_string(),
        Some(Score::Cut) => "cut".to_owned(),
        Some(Score::Died) => "died".to_owned(),
        Some(Score::NotFound) | None => "-".to_owned(),
    };
    let runs: String = methods.iter().map(|&method| format!(" {:>9}", runs(method))).collect();
    let verdict = match (visit.is_as_expected(), twin_is_clean) {
        (true, _) => String::new(),
        (false, false) => "  NOT AS EXPECTED: its twin is not clean".to_owned(),
        (false, true) => format!("  NOT AS EXPECTED: {}", found(visit).unwrap_or_else(|| "not found".to_owned())),
    };
    let told = told.as_ref().map(|told| format!("  {} of {} decisions", told.decisions, told.decisions_before));
    format!("{:<24} {:<6} {:<13}{runs}{}{verdict}", member.name, member.id, member.scenario, told.unwrap_or_default())
}

/// How small the shrunk cases are.
fn sizes(visits: &[Visit]) -> Option<String> {
    let told = visits.iter().filter_map(|visit| visit.told.as_ref());
    let mut decisions: Vec<_> = told.map(|told| told.decisions).collect();
    decisions.sort_unstable();
    let (median, most) = (decisions.get(decisions.len() / 2)?, decisions.last()?);
    let not_told: Vec<_> = visits.iter().filter(|visit| visit.told.is_none()).map(|visit| visit.member.name).collect();
    let not_told = if not_told.is_empty() { "none".to_owned() } else { not_told.join(", ") };
    Some(format!(
        "shrunk: {} cases, of {median} decisions by the median, {most} at most; not shrunk: {not_told}",
        decisions.len()
    ))
}

/// What the portfolio took it for: the first catch that is something else, if one is.
fn found(visit: &Visit) -> Option<String> {
    let catches: Vec<_> = visit.scores.of(Method::Portfolio).filter_map(Hunt::catch).collect();
    let other = catches.iter().find(|catch| !visit.member.is_shown_by(catch.kind, &catch.check));
    other.or(catches.first()).map(|catch| format!("{}: {}", catch.kind, catch.check))
}

fn expected(member: &Member) -> String {
    format!("{}: {}", member.kind, member.checks.join(", or "))
}

fn document(visit: &Visit) -> Value {
    let Visit { member, twin_is_clean, scores, told } = visit;
    let by_method = |value: &dyn Fn(Method) -> Value| -> Value {
        Value::Object(
            Method::ALL.iter().map(|&method| (method.name().to_owned(), value(method))).collect::<Map<_, _>>(),
        )
    };
    json!({
        "name": member.name,
        "id": member.id,
        "story": member.story,
        "scenario": member.scenario,
        "expected": expected(member),
        "found": found(visit),
        "as_expected": visit.is_as_expected(),
        "twin_clean": twin_is_clean,
        "shrunk": told,
        "seeds_to_find": by_method(&|method| json!(scores.runs_to_find(method))),
        "cpu_s_to_find": by_method(&|method| json!(scores.cpu_s_to_find(method))),
        "ends": by_method(&|method| json!(scores.of(method).map(|hunt| &hunt.end).collect::<Vec<_>>())),
    })
}
