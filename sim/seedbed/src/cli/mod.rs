//! The command line of a program that has scenarios: `sweep`, `replay`, `verify`, `query`, `list`.
//! Runs happen in worker processes; this process only hands out seeds, watches, and tells people.
#![expect(clippy::disallowed_methods, reason = "lives outside every world: real files, threads, processes and clock")]

// Modules in reading order: what is asked for, how workers do it, what is told of it.
mod app;
mod arguments;
mod problem;
mod seeds;
mod selection;
mod protocol;
mod announcement;
mod scratch;
mod tally;
mod lane;
mod worker;
mod process;
mod death;
mod errand;
mod plan;
mod ledger;
mod interrupt;
mod progress;
mod sweep;
mod results;
mod summary;
mod replay;
mod perfetto;
mod page;
mod query;
mod circumstance;
mod twin;
mod difference;
mod verify;
mod list;

pub use app::{App, Query, main};
