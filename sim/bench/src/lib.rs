//! What a run costs, in processor time.
//!
//! `bench` alone (or `cargo bench`) compares all variants in interleaved rounds;
//! `bench --variant V --shards S --slots K --secs T` measures one and prints one line.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the real clock")]

#[cfg(madsim)]
mod compare;
#[cfg(madsim)]
mod measure;
#[cfg(madsim)]
mod on_madsim;
#[cfg(madsim)]
mod on_seedbed;
#[cfg(madsim)]
mod workload;

#[cfg(not(any(madsim, real_side)))]
compile_error!(
    "the benchmark needs `--cfg madsim`: build it with the repository's .cargo/config.toml, RUSTFLAGS unset"
);

/// Both programs' `main`.
#[cfg(madsim)]
#[must_use]
pub fn main() -> std::process::ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if words.is_empty() {
        compare::all();
        return std::process::ExitCode::SUCCESS;
    }
    let Some((variant, size, span)) = arguments(&words) else {
        let names: Vec<_> = measure::Variant::ALL.iter().map(|variant| variant.name()).collect();
        eprintln!("usage: bench [--variant {} --shards S --slots K --secs T]", names.join("|"));
        return std::process::ExitCode::from(2);
    };
    measure::measure(variant, size, span / 5);
    let cost = measure::measure(variant, size, span);
    println!("seeds={} cpu_us_per_seed={:.2}", cost.seeds, cost.cpu_us_per_seed());
    std::process::ExitCode::SUCCESS
}

/// Nothing to measure on the real side.
#[cfg(not(madsim))]
pub fn main() {}

#[cfg(madsim)]
fn arguments(words: &[String]) -> Option<(measure::Variant, workload::Size, std::time::Duration)> {
    let value = |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1));
    let count = |name: &str| value(name)?.parse().ok().filter(|&count: &usize| count > 0);
    let size = workload::Size { shards: count("--shards")?, slots: count("--slots")? };
    let secs: f64 = value("--secs")?.parse().ok()?;
    let span = std::time::Duration::try_from_secs_f64(secs).ok()?;
    Some((measure::Variant::parse(value("--variant")?)?, size, span))
}
