//! The production binary: the command line of what this crate does.

use std::process::ExitCode;

#[cfg(not(madsim))]
mod cli;

/// A build for the simulated world would run without real time, tasks or network: it must not serve.
#[cfg(madsim)]
fn main() -> ExitCode {
    eprintln!("shardwright: this build lives in the simulated world; the real one is `cargo real run`");
    ExitCode::from(2)
}

#[cfg(not(madsim))]
fn main() -> ExitCode {
    cli::main()
}
