//! `tokio::time::{timeout, timeout_at, Timeout}`.

use crate::{
    HOUR, after_hours,
    hand::{Wakes, at_once, poll, poll_with},
    marks::{Dropped, forever},
    support::world,
};
use std::{
    future::{Ready, pending, ready},
    sync::atomic::Ordering::Relaxed,
};
use tokio::time::{Duration, Instant, sleep, timeout, timeout_at};

#[test]
fn its_time_runs_from_when_it_was_made() {
    world(|| async {
        let bounded = timeout(HOUR, pending::<()>());
        sleep(HOUR * 3).await;
        let late = Instant::now();
        assert!(bounded.await.is_err());
        assert!(late.elapsed() < HOUR, "{:?}", late.elapsed());
    });
}

#[test]
fn the_future_is_asked_before_the_deadline() {
    world(|| async {
        assert_eq!(timeout(HOUR, sleep(HOUR)).await, Ok(()));
        let deadline = Instant::now() + HOUR;
        assert_eq!(timeout_at(deadline, tokio::time::sleep_until(deadline)).await, Ok(()));
        let bounded = timeout(HOUR, ready(7));
        sleep(HOUR * 2).await;
        assert_eq!(bounded.await, Ok(7), "it was ready all the time");
    });
}

#[test]
fn a_future_that_is_ready_at_once_makes_it_so() {
    world(|| async {
        for limit in [Duration::ZERO, Duration::from_nanos(1), HOUR, Duration::MAX] {
            assert_eq!(at_once(timeout(limit, ready(1))), Ok(1));
        }
        assert_eq!(at_once(timeout_at(Instant::now(), async { 2 })), Ok(2));
    });
}

#[test]
fn an_hour_is_not_over_before_the_hour_is() {
    world(|| async {
        let started = Instant::now();
        assert!(timeout(HOUR, pending::<()>()).await.is_err());
        assert!(started.elapsed() >= HOUR);
        assert!(timeout_at(started + HOUR * 2, pending::<()>()).await.is_err());
        assert!(started.elapsed() >= HOUR * 2);
    });
}

#[test]
fn what_it_gives_back_goes_on_where_it_was() {
    world(|| async {
        let started = Instant::now();
        let mut bounded = timeout(HOUR, Box::pin(after_hours(3)));
        assert!(poll(bounded.get_mut().as_mut()).is_pending());
        sleep(HOUR * 2).await;
        assert_eq!(bounded.into_inner().await, 3);
        assert!(started.elapsed() < HOUR * 4, "{:?}", started.elapsed());
    });
}

#[test]
fn one_that_is_dropped_drops_its_future_and_wakes_nobody() {
    world(|| async {
        let ((count, held), (wakes, waker)) = (Dropped::new(), Wakes::new());
        let mut bounded = Box::pin(timeout(HOUR, forever(held)));
        assert!(poll_with(bounded.as_mut(), &waker).is_pending());
        drop(bounded);
        assert_eq!(count.load(Relaxed), 1);
        sleep(HOUR * 2).await;
        assert_eq!(wakes.count(), 0);
    });
}

#[test]
fn whatever_becomes_a_future_is_bounded() {
    struct Seven;
    impl IntoFuture for Seven {
        type Output = u32;
        type IntoFuture = Ready<u32>;
        fn into_future(self) -> Self::IntoFuture {
            ready(7)
        }
    }
    world(|| async {
        assert_eq!(timeout(HOUR, Seven).await, Ok(7));
        assert_eq!(timeout_at(Instant::now() + HOUR, Seven).await, Ok(7));
    });
}
