//! What a program offers on its command line, and the way from arguments to an exit status.
//! Knows no command's workings.

use super::{
    arguments::{self, Asked, Command},
    corpus, explore, list,
    problem::Problem,
    query, replay, shrink, sweep, verify, worker,
};
use crate::{history::History, scenario::Scenario};
use std::{env, ffi::OsString, process::ExitCode};

/// An operator's questions to a history: labels and answers.
pub type Query = fn(&History) -> Vec<(String, String)>;

/// A program with scenarios.
#[derive(Clone, Copy, Debug)]
pub struct App<'a> {
    /// The scenarios, in the order of `list`.
    pub scenarios: &'a [Scenario],
    /// What a person types to start the program, e.g. `cargo sim`; `None`: as it was started.
    pub command: Option<&'a str>,
    /// What `query` answers; `None`: it refuses.
    pub query: Option<Query>,
    /// Names of the planted bugs, for `list`.
    pub zoo: &'a [&'a str],
    /// What the program can do beside the framework's commands.
    pub own: &'a [OwnCommand],
}

/// A command of the program's own.
#[derive(Clone, Copy, Debug)]
pub struct OwnCommand {
    /// Its name, options and help.
    pub grammar: fn() -> clap::Command,
    /// Does it. Of an error the first line is told; it ends the process with status 2.
    pub run: fn(&clap::ArgMatches) -> Result<Verdict, String>,
}

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found, or all is as it should be: exit status 0.
    Clean,
    /// Exit status 1.
    Findings,
}

/// The whole `main` of a program with these scenarios.
#[must_use]
pub fn main(scenarios: &[Scenario]) -> ExitCode {
    App { scenarios, ..App::BASE }.main()
}

impl App<'_> {
    /// A base to write others over: no scenarios, no query, no zoo, no commands of its own.
    pub const BASE: Self = Self { scenarios: &[], command: None, query: None, zoo: &[], own: &[] };

    /// Runs the command that the process's arguments ask for. 0: nothing found; 1: findings;
    /// 2: a usage or environment error, told in one line on stderr.
    #[must_use]
    pub fn main(&self) -> ExitCode {
        match self.run(env::args_os()) {
            Ok(Verdict::Clean) => ExitCode::SUCCESS,
            Ok(Verdict::Findings) => ExitCode::from(1),
            Err(problem) => {
                eprintln!("error: {problem}");
                ExitCode::from(2)
            }
        }
    }

    fn run(&self, words: impl IntoIterator<Item = OsString>) -> Result<Verdict, Problem> {
        match arguments::parse(&self.command_name(), self.own, words)? {
            Asked::Help => Ok(Verdict::Clean),
            Asked::Own(own, matches) => {
                (own.run)(&matches).map_err(|error| Problem::Own(error.lines().next().unwrap_or_default().to_owned()))
            }
            Asked::Command(command) => self.run_command(command),
        }
    }

    fn run_command(&self, command: Command) -> Result<Verdict, Problem> {
        match command {
            Command::List(arguments) => list::run(self, &arguments),
            Command::Sweep(arguments) => sweep::run(self, &arguments),
            Command::Replay(arguments) => replay::run(self, &arguments),
            Command::Shrink(arguments) => shrink::run(self, &arguments),
            Command::Corpus(arguments) => corpus::run(self, &arguments),
            Command::Explore(arguments) => explore::run(self, &arguments.what),
            Command::Query(arguments) => query::run(self, &arguments),
            Command::Verify(arguments) => verify::run(self, &arguments),
            Command::Worker => worker::run(self),
        }
    }

    /// What a person types to start the program.
    pub(super) fn command_name(&self) -> String {
        self.command.map(str::to_owned).or_else(|| env::args().next()).unwrap_or_else(|| "sim".to_owned())
    }

    pub(super) fn scenario(&self, name: &str) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.name == name)
    }
}
