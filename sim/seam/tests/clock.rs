//! What code may rely on of `seam::clock`, on either side.

use seam::clock::wall;
use std::{future::Future, time::SystemTime};
use tokio::time::{Duration, sleep};

#[cfg(not(real_side))]
const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

/// Runs `body` in a world for each of some seeds.
#[cfg(madsim)]
fn claim<F: Future<Output = ()> + 'static>(body: fn() -> F) {
    let report = seedbed::sweep("clock", 0..20, |_| async move {
        body().await;
        Ok(())
    });
    report.assert_clean();
}

/// Runs `body` on real tokio.
#[cfg(not(madsim))]
fn claim<F: Future<Output = ()> + 'static>(body: fn() -> F) {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(body());
}

#[test]
fn the_date_is_plausible_and_goes_on_with_a_sleep() {
    const YEAR_2025: Duration = Duration::from_secs(1_735_689_600);
    const NAP: Duration = Duration::from_millis(50);
    claim(|| async {
        let before = wall();
        assert!(before > SystemTime::UNIX_EPOCH + YEAR_2025, "{before:?} is before 2025");
        sleep(NAP).await;
        let passed = wall().duration_since(before).expect("nobody sets the clock back meanwhile");
        // Real clocks are slewed, and a busy machine is late.
        assert!((NAP / 2..Duration::from_secs(30)).contains(&passed), "{NAP:?} of sleep took {passed:?}");
    });
}
