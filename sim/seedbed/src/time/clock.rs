//! tokio's calls of a test's clock. A world's time never flows by itself; what pausing changes is that no schedule holds
//! anything back, so that time is where a test expects it to be, to the nanosecond.

use super::{Duration, Instant, sleep_until};
use crate::context;

/// From now on time passes only when all tasks wait: no delay of the schedule's and no grain, and a sleep of years is no
/// finding.
///
/// # Panics
/// As tokio's: if it is paused already, or in a runtime of several threads. Outside a world.
#[track_caller]
pub fn pause() {
    let (is_paused, group) = context::with(|core| (core.is_paused(), core.current_home().group));
    assert!(
        !group.is_some_and(|group| group.is_multi_thread),
        "`time::pause()` requires the `current_thread` runtime, which `#[tokio::test]` has"
    );
    assert!(!is_paused, "time is already frozen");
    context::with(|core| core.set_paused(true));
}

/// From now on the schedule may hold tasks back again.
///
/// # Panics
/// As tokio's: if time is not paused. Outside a world.
#[track_caller]
pub fn resume() {
    assert_paused();
    context::with(|core| core.set_paused(false));
}

/// Lets `duration` pass. What is due meanwhile happens at its instant; tokio's clock jumps, and all of it happens at the
/// end.
///
/// # Panics
/// As tokio's: if time is not paused, and past the end of time (584 years). Outside a world.
///
/// # Cancel safety
/// Dropped, as much has passed as has.
pub async fn advance(duration: Duration) {
    assert_paused();
    sleep_until(Instant::now() + duration).await;
}

#[track_caller]
fn assert_paused() {
    assert!(context::with(|core| core.is_paused()), "time is not frozen");
}
