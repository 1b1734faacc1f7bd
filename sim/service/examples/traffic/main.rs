//! A command line for traffic over the service: `cargo run --profile sim -p jobs --example traffic -- sweep traffic`.

#[cfg(madsim)]
mod body;
#[cfg(madsim)]
mod check;
#[cfg(madsim)]
mod client;
#[cfg(madsim)]
mod requests;
#[cfg(madsim)]
mod scenario;
#[cfg(madsim)]
mod server;

#[cfg(madsim)]
fn main() -> std::process::ExitCode {
    seedbed::cli::main(&[scenario::TRAFFIC, scenario::RETRIES_BLINDLY])
}

#[cfg(not(madsim))]
fn main() {}
