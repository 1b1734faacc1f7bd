//! `#[tokio::test]` and `#[tokio::main]`, on either side.

extern crate seedbed_tokio as tokio;

use std::{
    error::Error,
    fmt::Debug,
    future::{Future, pending},
    pin::pin,
    process::ExitCode,
    task::{Context, Waker},
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::coop::consume_budget,
    time::{Duration, Instant, advance, pause, resume, sleep, timeout},
};

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

/// A sleep, to the millisecond of tokio's timers.
async fn is_exact(length: Duration) -> bool {
    let began = Instant::now();
    sleep(length).await;
    let (late, slack) = (began.elapsed() - length, Duration::from_millis(1));
    late <= slack
}

#[tokio::test(start_paused = true)]
async fn nobody_is_late_while_time_is_paused() {
    for millis in [0, 1, 7, 250] {
        let length = Duration::from_millis(millis);
        assert!(is_exact(length).await);
        assert!(tokio::spawn(is_exact(length)).await.expect("it only sleeps"));
    }
}

#[tokio::test]
async fn paused_later_time_is_as_exact() {
    tokio::task::yield_now().await;
    pause();
    assert!(is_exact(Duration::from_millis(3)).await);
}

#[tokio::test(start_paused = true)]
async fn years_may_pass_while_time_is_paused() {
    let began = Instant::now();
    sleep(10 * 365 * 24 * HOUR).await;
    sleep(Duration::MAX).await;
    assert!(began.elapsed() >= 30 * 365 * 24 * HOUR);
}

mod misuse {
    use super::*;

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "time is already frozen")]
    async fn what_is_paused_cannot_be_paused() {
        pause();
    }

    #[tokio::test]
    #[should_panic(expected = "time is not frozen")]
    async fn what_is_not_paused_cannot_be_resumed() {
        resume();
    }

    #[tokio::test]
    #[should_panic(expected = "time is not frozen")]
    async fn what_is_not_paused_cannot_be_moved() {
        advance(HOUR).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    #[should_panic(expected = "requires the `current_thread`")]
    async fn time_of_several_threads_cannot_be_paused() {
        pause();
    }

    #[tokio::test]
    #[should_panic(expected = "can call blocking only when running on the multi-threaded runtime")]
    async fn the_only_thread_does_not_block() {
        tokio::task::block_in_place(|| {});
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    #[should_panic(expected = "can call blocking only when running on the multi-threaded runtime")]
    async fn nor_does_that_of_a_local_set() {
        tokio::task::LocalSet::new().run_until(async { tokio::task::block_in_place(|| {}) }).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3, name = "three")]
async fn a_test_is_of_the_runtime_that_it_asks_for() {
    let handle = Handle::current();
    assert_eq!(handle.runtime_flavor(), RuntimeFlavor::MultiThread);
    assert_eq!((handle.metrics().num_workers(), handle.name()), (3, Some("three")));
    assert_eq!(tokio::task::block_in_place(|| 7), 7);
    let inherited = tokio::spawn(async { Handle::current().metrics().num_workers() });
    assert_eq!(inherited.await.expect("it only looks"), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_blocks_has_no_budget_to_use_up() {
    let uses_some = || {
        let polled = pin!(consume_budget()).poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_ready());
    };
    tokio::task::block_in_place(|| (0..1_000).for_each(|_| uses_some()));
    let blocking = tokio::task::spawn_blocking(move || (0..1_000).for_each(|_| uses_some()));
    assert!(blocking.await.is_ok());
}

#[tokio::test]
async fn a_test_that_asks_for_nothing_is_of_one_thread() {
    assert_eq!(Handle::current().runtime_flavor(), RuntimeFlavor::CurrentThread);
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn slept(length: Duration) -> Duration {
    let began = Instant::now();
    sleep(length).await;
    began.elapsed()
}

struct Sleeper;

impl Sleeper {
    #[tokio::main]
    async fn dozes(&self) -> Result<u8, String> {
        sleep(Duration::from_millis(1)).await;
        refused("as planned")?;
        Ok(7)
    }
}

#[test]
fn another_function_than_main_blocks_and_returns() {
    assert!(slept(HOUR) >= HOUR);
    assert_eq!(Sleeper.dozes(), Err("as planned".to_owned()));
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
