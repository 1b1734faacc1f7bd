//! The command line. Owns nothing that is kept: a command opens the store, does one thing, and ends.

// Modules in reading order: what is asked for, what it does, what is told of it.
mod arguments;
mod item;
mod read;
mod write;
mod apply;
mod care;
mod transfer;
mod show;
mod problem;
mod output;

use arguments::{Arguments, Command};
use clap::{Parser, error::ErrorKind};
use problem::Problem;
use std::process::ExitCode;
use tokio::runtime::Builder;

/// Does what the process's arguments ask for.
pub(crate) fn main() -> ExitCode {
    let Command::Item(asked) = match Arguments::try_parse() {
        Ok(arguments) => arguments.command,
        Err(error) => return misread(&error),
    };
    // One thread for this and one for the store's writer: it starts sooner than with a pool.
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Problem::failed(format!("no runtime: {error}")).tell(asked.common.json),
    };
    let status = runtime.block_on(item::run(asked));
    // A thread may wait for a lock that never comes, or for a line of stdin.
    runtime.shutdown_background();
    status
}

/// What was asked for makes no sense, or is only the help.
fn misread(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        output::text(&error.to_string());
        return ExitCode::SUCCESS;
    }
    let is_json = std::env::args_os().any(|argument| argument == "--json");
    match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if is_json => Problem::usage("no command").tell(true),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            output::complain(&error.to_string());
            ExitCode::from(problem::USAGE)
        }
        _ => Problem::usage(in_a_line(&error.to_string())).tell(is_json),
    }
}

/// What is wrong, without what the help says better.
fn in_a_line(message: &str) -> String {
    let what = message.split("\n\nUsage:").next().unwrap_or(message);
    let what = what.split("\n\nFor more information").next().unwrap_or(what);
    what.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ")
}
