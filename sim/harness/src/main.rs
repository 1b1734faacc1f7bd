//! The command line `sim`.

#[cfg(madsim)]
fn main() -> std::process::ExitCode {
    use seedbed::cli::App;
    App { scenarios: &[], command: Some("cargo sim"), ..App::BASE }.main()
}

#[cfg(not(madsim))]
fn main() {}
