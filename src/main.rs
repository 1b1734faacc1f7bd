//! The production binary. So far it only says what it is: the backend gets its front doors later.

use std::process::ExitCode;

/// A build for the simulated world would run without real time, tasks or network: it must not serve.
#[cfg(madsim)]
fn main() -> ExitCode {
    eprintln!("shardwright: this build lives in the simulated world; the real one is `cargo real run`");
    ExitCode::from(2)
}

#[cfg(not(madsim))]
fn main() -> ExitCode {
    let wish = std::env::args().nth(1);
    match wish.as_deref() {
        Some("--version") => println!("shardwright {}", env!("CARGO_PKG_VERSION")),
        Some("--help") => println!("{USAGE}"),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

#[cfg(not(madsim))]
const USAGE: &str = "usage: shardwright --version | --help";
