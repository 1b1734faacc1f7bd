//! `zoo [NAME..]`: the command line of the zoo.

use super::{Effort, Hunt, MEMBERS, Member, Method, Score, Visit, median_ratio, visit};
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
    /// One JSON document on stdout
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
    if !asked.json {
        say_line(&heading(&effort.methods));
    }
    let visits = visit(&asked.members(), &effort, |visit| {
        if !asked.json {
            say_line(&row(visit, &effort.methods));
        }
    });
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

/// One method against the baseline, over all members.
struct Against {
    method: Method,
    /// How many times as many runs the baseline needs, by the median over the members compared.
    times_better: Option<f64>,
    compared: usize,
    /// The same without the members that both find in their very first run, which tell nothing of either.
    times_better_apart: Option<f64>,
    apart: usize,
    /// Members that this method finds and the baseline does not; the other way round; and those not compared.
    gained: Vec<&'static str>,
    lost: Vec<&'static str>,
    left_out: Vec<&'static str>,
}

/// The portfolio and `explore cancel` against the baseline, if they hunted.
fn compared(visits: &[Visit]) -> Vec<Against> {
    let hunted = |method| visits.iter().any(|visit| visit.scores.score(method).is_some());
    let methods = [Method::Portfolio, Method::Cancel].into_iter().filter(|method| hunted(*method));
    methods.filter(|_| hunted(Method::Baseline)).map(|method| Against::of(method, visits)).collect()
}

impl Against {
    fn of(method: Method, visits: &[Visit]) -> Self {
        let ratios: Vec<_> = visits.iter().filter_map(|visit| visit.scores.times_better(method)).collect();
        let is_at_once = |visit: &&Visit| {
            [method, Method::Baseline].iter().all(|&method| visit.scores.runs_to_find(method) == Some(1))
        };
        let apart = visits.iter().filter(|visit| !is_at_once(visit));
        let apart: Vec<_> = apart.filter_map(|visit| visit.scores.times_better(method)).collect();
        let among = |is: &dyn Fn(&Visit) -> bool| -> Vec<&'static str> {
            visits.iter().filter(|visit| is(visit)).map(|visit| visit.member.name).collect()
        };
        let is_compared = |visit: &Visit| visit.scores.times_better(method).is_some();
        let finds = |visit: &Visit, method| visit.scores.runs_to_find(method).is_some();
        Self {
            method,
            compared: ratios.len(),
            times_better: median_ratio(ratios),
            apart: apart.len(),
            times_better_apart: median_ratio(apart),
            gained: among(&|visit| is_compared(visit) && finds(visit, method) && !finds(visit, Method::Baseline)),
            lost: among(&|visit| finds(visit, Method::Baseline) && !finds(visit, method)),
            left_out: among(&|visit| !is_compared(visit)),
        }
    }

    fn told(&self) -> String {
        let Self { compared, apart, gained, lost, left_out, .. } = self;
        let told = |ratio: Option<f64>| ratio.map_or_else(|| "?".to_owned(), |ratio| format!("{ratio:.1}"));
        let (ratio, ratio_apart) = (told(self.times_better), told(self.times_better_apart));
        let listed = |names: &[&str]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        format!(
            "\n{}: the baseline needs {ratio} times as many runs, by the median over {compared} members, and {ratio_apart} \
             times over the {apart} that not both find in their first run\n  \
             found, and never by the baseline (its runs count as all that were made): {}\n  \
             found only by the baseline: {}\n  not compared, as a hunt was cut or died: {}",
            self.method.name(),
            listed(gained),
            listed(lost),
            listed(left_out)
        )
    }

    fn document(&self) -> Value {
        let Self { times_better, compared, times_better_apart, apart, gained, lost, left_out, .. } = self;
        json!({
            "times_better": times_better,
            "compared": compared,
            "times_better_not_at_once": times_better_apart,
            "not_at_once": apart,
            "never_by_baseline": gained,
            "only_by_baseline": lost,
            "not_compared": left_out,
        })
    }
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
