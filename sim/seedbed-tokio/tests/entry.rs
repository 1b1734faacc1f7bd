//! `#[tokio::test]` and `#[tokio::main]`, on either side.

extern crate seedbed_tokio as tokio;

use std::{error::Error, fmt::Debug, future::pending, process::ExitCode};
use tokio::time::{Duration, Instant, advance, pause, resume, sleep, timeout};

#[cfg(not(real_side))]
const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(start_paused = true)]
async fn a_test_has_a_clock_of_its_own() {
    let began = Instant::now();
    sleep(HOUR).await;
    assert!(began.elapsed() >= HOUR);
    assert!(timeout(HOUR, pending::<()>()).await.is_err());
}

#[cfg(madsim)]
#[tokio::test]
#[should_panic(expected = "as planned")]
async fn an_error_fails_the_test() -> Result<(), String> {
    refused("as planned")
}

fn refused(why: &str) -> Result<(), String> {
    Err(why.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_well_is_clean() -> Result<(), Box<dyn Error>> {
    let sum = tokio::spawn(async { 3 + 4 }).await?;
    if sum == 7 { Ok(()) } else { Err("it is not".into()) }
}

#[tokio::test(crate = "tokio")]
async fn the_drop_in_may_be_named() -> ExitCode {
    ExitCode::SUCCESS
}

#[tokio::test]
async fn a_clock_that_was_stopped_may_be_moved() {
    pause();
    let began = Instant::now();
    let ended = tokio::spawn(async {
        sleep(HOUR).await;
        Instant::now()
    });
    tokio::task::yield_now().await;
    advance(2 * HOUR).await;
    assert!(began.elapsed() >= 2 * HOUR);
    assert!(ended.await.expect("it only sleeps") >= began + HOUR);
    resume();
}

mod programs {
    use super::*;

    pub(super) mod good {
        #[tokio::main]
        pub(super) async fn main() {
            tokio::task::yield_now().await;
        }

        pub(crate) fn run() -> impl std::process::Termination {
            main()
        }
    }

    pub(super) mod bad {
        #[tokio::main(flavor = "current_thread")]
        async fn main() -> Result<(), String> {
            super::refused("as planned")
        }

        pub(crate) fn run() -> impl std::process::Termination {
            main()
        }
    }

    pub(super) fn ends_well(run: impl FnOnce() -> bool + std::panic::UnwindSafe) -> bool {
        std::panic::catch_unwind(run).unwrap_or(false)
    }

    pub(super) fn is_success(code: impl Debug) -> bool {
        format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS)
    }
}

#[test]
fn a_program_ends_as_its_main_does() {
    use std::process::Termination as _;
    assert!(programs::ends_well(|| programs::is_success(programs::good::run().report())));
    assert!(!programs::ends_well(|| programs::is_success(programs::bad::run().report())));
}
