//! `bench --variant V --shards S --slots K --secs T`, or the whole comparison without arguments.

#[cfg(madsim)]
fn main() -> std::process::ExitCode {
    seedbed_bench::main()
}

#[cfg(not(madsim))]
fn main() {
    seedbed_bench::main();
}
