//! Workload W on seedbed and on madsim's own runner, compared.

#[cfg(madsim)]
fn main() -> std::process::ExitCode {
    seedbed_bench::main()
}

#[cfg(not(madsim))]
fn main() {
    seedbed_bench::main();
}
