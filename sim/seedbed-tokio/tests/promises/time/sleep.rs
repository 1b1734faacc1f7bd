//! `tokio::time::{sleep, sleep_until, Sleep}`.

use crate::{
    HOUR,
    hand::{Wakes, poll_with},
    marks::panics,
    quick,
    support::world,
};
use std::pin::pin;
use tokio::time::{Instant, interval, interval_at, sleep, sleep_until, timeout};

#[test]
fn its_time_runs_from_when_it_was_made() {
    world(|| async {
        let made = Instant::now();
        let mut asleep = pin!(sleep(HOUR));
        assert_eq!(asleep.deadline(), made + HOUR);
        sleep(HOUR * 3).await;
        let late = Instant::now();
        asleep.as_mut().await;
        assert!(late.elapsed() < HOUR, "{:?}", late.elapsed());
    });
}

#[test]
fn one_that_is_dropped_wakes_nobody() {
    world(|| async {
        let (wakes, waker) = Wakes::new();
        let mut asleep = Box::pin(sleep(HOUR));
        assert!(poll_with(asleep.as_mut(), &waker).is_pending());
        drop(asleep);
        sleep(HOUR * 2).await;
        assert_eq!(wakes.count(), 0);
    });
}

#[test]
fn who_polled_it_last_is_woken() {
    world(|| async {
        let ((first, early), (last, late)) = (Wakes::new(), Wakes::new());
        let mut asleep = pin!(sleep(HOUR));
        assert!(poll_with(asleep.as_mut(), &early).is_pending());
        assert!(poll_with(asleep.as_mut(), &late).is_pending());
        sleep(HOUR * 2).await;
        assert_eq!((first.count(), last.count()), (0, 1));
        assert!(poll_with(asleep.as_mut(), &late).is_ready());
    });
}

#[test]
fn a_later_deadline_takes_the_place_of_the_earlier() {
    world(|| async {
        let (wakes, waker) = Wakes::new();
        let mut asleep = pin!(sleep(HOUR));
        assert!(poll_with(asleep.as_mut(), &waker).is_pending());
        asleep.as_mut().reset(Instant::now() + HOUR * 3);
        sleep(HOUR * 2).await;
        assert_eq!(wakes.count(), 0);
        assert!(!asleep.is_elapsed());
        sleep(HOUR * 2).await;
        assert_eq!(wakes.count(), 1);
        assert!(asleep.is_elapsed());
    });
}

#[test]
fn a_deadline_that_is_moved_into_the_past_has_been_reached() {
    world(|| async {
        let start = Instant::now();
        sleep(HOUR).await;
        let (wakes, waker) = Wakes::new();
        let mut asleep = pin!(sleep(HOUR * 100));
        assert!(poll_with(asleep.as_mut(), &waker).is_pending());
        asleep.as_mut().reset(start);
        sleep(HOUR).await;
        assert_eq!(wakes.count(), 1, "who waits is told");
        asleep.as_mut().await;
        assert_eq!(asleep.deadline(), start);
        assert!(start.elapsed() < HOUR * 3);
    });
}

#[test]
fn those_that_end_first_wake_first() {
    world(|| async {
        let (send, mut order) = tokio::sync::mpsc::unbounded_channel();
        for hours in [3, 1, 2] {
            let send = send.clone();
            tokio::spawn(async move {
                sleep_until(Instant::now() + HOUR * hours).await;
                send.send(hours).unwrap();
            });
        }
        for hours in 1..=3 {
            assert_eq!(order.recv().await, Some(hours));
        }
    });
}

#[test]
fn outside_a_runtime_none_can_be_made() {
    assert!(panics(|| sleep(HOUR)));
    assert!(panics(|| sleep_until(Instant::now())));
    assert!(panics(|| timeout(HOUR, async {})));
    assert!(panics(|| interval(HOUR)));
    assert!(panics(|| interval_at(Instant::now(), HOUR)));
}

#[test]
fn what_is_blocked_on_must_make_its_own() {
    let runtime = quick();
    assert!(panics(|| runtime.block_on(sleep(HOUR))), "its argument is made outside");
    runtime.block_on(async { sleep(HOUR).await });
    let _entered = runtime.enter();
    runtime.block_on(sleep(HOUR));
}
