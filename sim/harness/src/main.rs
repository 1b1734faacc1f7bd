//! The command line `sim`.

#[cfg(not(any(madsim, real_side)))]
compile_error!(
    "the simulator needs `--cfg madsim`, and it is off: .cargo/config.toml turns it on, unless an exported RUSTFLAGS \
     or CARGO_ENCODED_RUSTFLAGS replaces it. Unset that, or add `--cfg madsim` to it."
);

#[cfg(madsim)]
fn main() -> std::process::ExitCode {
    let zoo: Vec<_> = shardwright_sim::zoo::MEMBERS.iter().map(|member| member.name).collect();
    let app = seedbed::cli::App {
        scenarios: shardwright_sim::ALL,
        command: Some("cargo sim"),
        query: Some(shardwright_sim::answers),
        zoo: &zoo,
        own: &[shardwright_sim::zoo::COMMAND, shardwright_sim::zoo::half_life::COMMAND],
    };
    app.main()
}

/// The real side has no simulator.
#[cfg(not(madsim))]
fn main() {}
