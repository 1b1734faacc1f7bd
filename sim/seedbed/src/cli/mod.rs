//! The command line of a program that has scenarios: `sweep`, `replay`, `shrink`, `corpus`, `verify`, `query`, `list`.
//! Runs happen in worker processes; this process only hands out seeds, watches, and tells people.
#![expect(clippy::disallowed_methods, reason = "lives outside every world: real files, threads, processes and clock")]

// Modules in reading order: what is asked for, how workers do it, what is told of it.
mod announcement;
mod app;
mod arguments;
mod circumstance;
mod corpus;
mod death;
mod difference;
mod errand;
mod explore;
mod interrupt;
mod ledger;
mod list;
mod output;
mod page;
mod perfetto;
mod plan;
mod problem;
mod process;
mod processor;
mod progress;
mod protocol;
mod query;
mod replay;
mod results;
mod scratch;
mod seeds;
mod selection;
mod shrink;
mod shrinker;
mod summary;
mod sweep;
mod tally;
mod team;
mod twin;
mod verify;
mod worker;

pub use app::{App, OwnCommand, Query, Verdict, main};
pub use clap;
pub use output::say_line;
pub use processor::processor_time;
