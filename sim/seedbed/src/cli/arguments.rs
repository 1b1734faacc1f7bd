//! The grammar of the command line. Only words and numbers: whether a scenario of that name exists is
//! for others to say.

use super::{
    app::OwnCommand,
    problem::Problem,
    seeds::{SeedRange, Slice},
};
use crate::{case::Seed, shrink::Budget};
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches as _, Parser, Subcommand, error::ErrorKind};
use std::{ffi::OsString, path::PathBuf, str::FromStr, time::Duration};

/// Real seconds after which a case counts as one that never returns.
pub(super) const LIMIT_REAL_S: u64 = 30;
/// Address space of a worker.
pub(super) const MEMORY_MIB: u64 = 4096;

/// Deterministic simulation: one seed is one universe. Without a command: a short sweep over everything.
#[derive(Debug, Parser)]
#[command(disable_help_subcommand = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Scenarios with their parameters, strategies, fault families, checks and marks
    List(ListArguments),
    /// Runs many seeds and groups what they find
    Sweep(SweepArguments),
    /// One case again, with its timeline and finding
    Replay(ReplayArguments),
    /// The smallest case with the same finding, written as a case file, and its story
    Shrink(ShrinkArguments),
    /// Replays every case of a directory: guards, cases that still fail, files that do not run
    Corpus(CorpusArguments),
    /// One case in several circumstances: all must give one digest
    Verify(VerifyArguments),
    /// Tries every one of something, each in a run of its own
    Explore(ExploreArguments),
    /// Asks the operator's questions of one case's history
    Query(QueryArguments),
    /// Runs cases for a parent process
    #[command(hide = true)]
    Worker,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// One JSON document on stdout
    #[arg(long)]
    pub(super) json: bool,
}

/// How many run at once.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct Jobs {
    /// Worker processes [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    jobs: Option<u64>,
}

impl Jobs {
    pub(super) fn count(self) -> u64 {
        let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
        self.jobs.unwrap_or_else(cores)
    }
}

#[derive(Debug, Args)]
pub(super) struct SweepArguments {
    /// Names of scenarios; all if none is given
    pub(super) scenarios: Vec<String>,
    /// Seeds from A up to, but without, B [default: 0..1000, or all from 0 with --for]
    #[arg(long, value_name = "A..B")]
    pub(super) seeds: Option<SeedRange>,
    /// Goes on with later seeds until this much real time is over, such as 90s, 30m, 8h
    #[arg(long = "for", value_name = "TIME")]
    pub(super) time: Option<Span>,
    #[command(flatten)]
    pub(super) jobs: Jobs,
    /// Only the k-th of n parts of the seeds
    #[arg(long, value_name = "k/n")]
    pub(super) slice: Option<Slice>,
    #[command(flatten)]
    pub(super) variation: Variation,
    /// Writes results.json and a case file per finding into this directory
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Leaves findings as they are, rather than shrinking each for up to 5 s
    #[arg(long)]
    pub(super) no_shrink: bool,
    /// Goes on from the results in --out
    #[arg(long, requires = "out")]
    pub(super) resume: bool,
    /// Runs on one thread per worker, hash keys set anew: faster
    #[arg(long)]
    pub(super) reuse_threads: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) limits: Limits,
}

#[derive(Debug, Args)]
pub(super) struct ReplayArguments {
    #[command(flatten)]
    pub(super) which: Which,
    /// Every event, and nothing cut
    #[arg(long)]
    pub(super) all: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub(super) json: bool,
    /// Writes the history as a page with a lane per task
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// Writes the history as a trace for ui.perfetto.dev
    #[arg(long, value_name = "FILE")]
    pub(super) perfetto: Option<PathBuf>,
    /// Writes every event as a line of text
    #[arg(long, value_name = "FILE")]
    pub(super) events: Option<PathBuf>,
    #[command(flatten)]
    pub(super) limits: Limits,
}

#[derive(Debug, Args)]
pub(super) struct ShrinkArguments {
    #[command(flatten)]
    pub(super) which: Which,
    /// Writes the case here [default: SCENARIO-WHAT-WENT-WRONG.toml]
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// At most so many runs
    #[arg(long, value_name = "RUNS", default_value_t = Budget::BASE.runs, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) budget: u64,
    /// At most so much real time [default: 60s]
    #[arg(long = "for", value_name = "TIME")]
    pub(super) time: Option<Span>,
    /// One JSON document on stdout
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) limits: Limits,
}

#[derive(Debug, Args)]
pub(super) struct CorpusArguments {
    /// Where the cases are
    #[arg(value_name = "DIR", default_value = "seeds")]
    pub(super) directory: PathBuf,
    /// One JSON document on stdout
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) limits: Limits,
}

#[derive(Debug, Args)]
pub(super) struct ExploreArguments {
    #[command(subcommand)]
    pub(super) what: Explored,
}

/// What there is to explore.
#[derive(Debug, Subcommand)]
pub(super) enum Explored {
    /// Cancels every cancellable task at every suspension by every means; then samples of two at once
    Cancel(CancelArguments),
    /// Lets the power fail before every call of every machine that may lose it, with every state that this may leave
    Crash(CrashArguments),
}

#[derive(Debug, Args)]
pub(super) struct CancelArguments {
    /// Around so many runs: the calm one, where nothing is drawn, and those of the seeds from 0 on
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) bases: u64,
    /// Runs of two cancellations, or of one and a fault, after those of one alone
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(super) samples: u64,
    #[command(flatten)]
    pub(super) exploring: Exploring,
}

#[derive(Debug, Args)]
pub(super) struct CrashArguments {
    #[command(flatten)]
    pub(super) exploring: Exploring,
}

/// What any exploring needs to know.
#[derive(Debug, Args)]
pub(super) struct Exploring {
    /// The name of a scenario
    pub(super) scenario: String,
    #[command(flatten)]
    pub(super) variation: Variation,
    /// Ends after this much real time, complete or not, such as 90s, 30m, 8h
    #[arg(long = "for", value_name = "TIME")]
    pub(super) time: Option<Span>,
    #[command(flatten)]
    pub(super) jobs: Jobs,
    /// Where a case file per finding goes
    #[arg(long, value_name = "DIR", default_value = "sim-out")]
    pub(super) out: PathBuf,
    /// One JSON document on stdout
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) limits: Limits,
}

#[derive(Debug, Args)]
pub(super) struct QueryArguments {
    #[command(flatten)]
    pub(super) which: Which,
    /// One JSON document on stdout
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) limits: Limits,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// Names of scenarios; all if none is given
    pub(super) scenarios: Vec<String>,
    /// Seeds from A up to, but without, B
    #[arg(long, value_name = "A..B", default_value = "0..20")]
    pub(super) seeds: SeedRange,
    #[command(flatten)]
    pub(super) variation: Variation,
    /// One JSON document on stdout
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) limits: Limits,
}

/// One case: a file, or a scenario with a seed.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// A case file, or the name of a scenario
    #[arg(value_name = "CASE.toml|SCENARIO")]
    pub(super) case: String,
    /// The seed, such as 47 or 0x2f
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<Seed>,
    #[command(flatten)]
    pub(super) variation: Variation,
}

/// How a case differs from the scenario's defaults.
#[derive(Debug, Default, Args)]
pub(super) struct Variation {
    /// Picks this way under every seed [default: portfolio]
    #[arg(long, value_name = "STRATEGY")]
    pub(super) strategy: Option<String>,
    /// Sets a parameter
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(super) params: Vec<Setting>,
}

/// What a case may cost in the real world.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Limits {
    /// Real time after which a case counts as one that never returns
    #[arg(long, value_name = "SECONDS", default_value_t = LIMIT_REAL_S, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) limit_real: u64,
    /// Address space of a worker process
    #[arg(long, value_name = "MIB", default_value_t = MEMORY_MIB, value_parser = clap::value_parser!(u64).range(64..=1 << 24))]
    pub(super) memory: u64,
}

/// `name=value` of a parameter.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) value: u64,
}

/// A stretch of real time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span(pub(super) Duration);

/// What the words come to.
pub(super) enum Asked {
    /// Help was asked for, and given.
    Help,
    Command(Command),
    /// A command of the program's own.
    Own(OwnCommand, ArgMatches),
}

/// `name`: what a person types to start the program. Without a command: a sweep that is over well within a minute.
pub(super) fn parse(
    name: &str,
    own: &[OwnCommand],
    words: impl IntoIterator<Item = OsString>,
) -> Result<Asked, Problem> {
    let grammar = <Arguments as CommandFactory>::command().bin_name(name.to_owned());
    let grammar = grammar.subcommands(own.iter().map(|own| (own.grammar)()));
    match grammar.try_get_matches_from(words).and_then(|matches| asked(own, &matches)) {
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            // Whoever closed stdout wants no help.
            let _ = error.print();
            Ok(Asked::Help)
        }
        Err(error) => Err(Problem::Arguments(in_one_line(&error))),
        Ok(asked) => Ok(asked),
    }
}

fn asked(own: &[OwnCommand], matches: &ArgMatches) -> Result<Asked, clap::Error> {
    if let Some((name, matches)) = matches.subcommand()
        && let Some(&own) = own.iter().find(|own| (own.grammar)().get_name() == name)
    {
        return Ok(Asked::Own(own, matches.clone()));
    }
    let arguments = Arguments::from_arg_matches(matches)?;
    Ok(Asked::Command(arguments.command.unwrap_or_else(|| Command::Sweep(SweepArguments::short()))))
}

impl SweepArguments {
    fn short() -> Self {
        Self {
            scenarios: Vec::new(),
            seeds: Some(SeedRange { start: 0, end: 1000 }),
            time: Some(Span(Duration::from_secs(30))),
            jobs: Jobs::default(),
            slice: None,
            variation: Variation::default(),
            out: None,
            no_shrink: false,
            resume: false,
            reuse_threads: false,
            json: false,
            limits: Limits { limit_real: 10, memory: MEMORY_MIB },
        }
    }
}

/// The parser explains at length; what was wrong is in its first paragraph.
fn in_one_line(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "a word is missing; --help says which".to_owned();
    }
    let text = error.to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ").trim_start_matches("error: ").to_owned()
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` sets no parameter: write name=value, such as shards=3"))?;
        let value = value.parse().map_err(|_| format!("`{value}` is not a value for `{name}`: give a whole number"))?;
        Ok(Self { name: name.to_owned(), value })
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let seconds = match unit {
            "s" | "" => Some(1),
            "m" => Some(60),
            "h" => Some(3600),
            "d" => Some(86_400),
            _ => None,
        };
        let total = number.parse::<u64>().ok().zip(seconds).and_then(|(number, seconds)| number.checked_mul(seconds));
        match total {
            Some(total) if (1..=366 * 86_400).contains(&total) => Ok(Self(Duration::from_secs(total))),
            Some(_) => Err(format!("`{text}` is no time to sweep for: give from 1s to 366d")),
            None => Err(format!("`{text}` is not a stretch of time: write 90s, 30m or 8h")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::app::Verdict, *};

    fn parsed(words: &str) -> Result<Asked, Problem> {
        let own = OwnCommand {
            grammar: || clap::Command::new("count").arg(clap::arg!(<SHEEP> "how many")),
            run: |_| Ok(Verdict::Clean),
        };
        parse("sim", &[own], words.split_whitespace().map(OsString::from))
    }

    #[test]
    fn without_a_command_it_is_a_sweep_of_less_than_a_minute() {
        let Ok(Asked::Command(Command::Sweep(sweep))) = parsed("sim") else { panic!("not a sweep") };
        let time = sweep.time.expect("it has a time limit").0;
        assert!(time + Duration::from_secs(sweep.limits.limit_real) < Duration::from_secs(60));
        assert!(sweep.seeds.is_some() && sweep.scenarios.is_empty());
    }

    #[test]
    fn a_program_has_commands_of_its_own() {
        let Ok(Asked::Own(_, matches)) = parsed("sim count 3") else { panic!("not its own") };
        assert_eq!(matches.get_one::<String>("SHEEP").map(String::as_str), Some("3"));
    }

    #[test]
    fn what_is_wrong_is_told_in_one_line() {
        for words in ["sim count", "sim explore", "sim swep", "sim sweep --seeds", "sim replay"] {
            let Err(problem) = parsed(words) else { panic!("{words} is no mistake") };
            let told = problem.to_string();
            assert!(!told.is_empty() && told.lines().count() == 1, "{words}: {told}");
        }
    }

    #[test]
    fn stretches_of_time_have_units() {
        for (text, seconds) in [("90s", 90), ("30m", 1800), ("8h", 28_800), ("1d", 86_400), ("5", 5)] {
            assert_eq!(text.parse::<Span>().map(|span| span.0.as_secs()), Ok(seconds), "{text}");
        }
        for text in ["", "s", "5x", "0s", "-3s", "99999999999999999999s", "999d"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_grammar_has_no_contradictions() {
        <Arguments as CommandFactory>::command().debug_assert();
    }
}
