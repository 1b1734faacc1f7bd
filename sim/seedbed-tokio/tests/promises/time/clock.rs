//! `tokio::time::{advance, pause, Instant}`.

use crate::{HOUR, hand::poll, marks::panics, quick, support::world};
use std::pin::pin;
use tokio::{
    task::yield_now,
    time::{Duration, Instant, advance, sleep},
};

#[test]
fn advance_lets_as_much_time_pass_as_it_says() {
    quick().block_on(async {
        for duration in [Duration::from_nanos(1), Duration::from_millis(7), HOUR * 100] {
            let before = Instant::now();
            advance(duration).await;
            assert!(before.elapsed() >= duration, "{:?} of {duration:?}", before.elapsed());
        }
    });
}

#[test]
fn advance_past_the_end_of_time_panics() {
    quick().block_on(async {
        let mut moves = pin!(advance(Duration::MAX));
        assert!(panics(|| poll(moves.as_mut())));
    });
}

#[test]
fn outside_a_runtime_no_time_can_be_moved() {
    let mut moves = pin!(advance(HOUR));
    assert!(panics(|| poll(moves.as_mut())));
}

#[test]
fn a_clock_that_stands_still_goes_on_to_the_next_timer() {
    world(|| async {
        let started = Instant::now();
        tokio::spawn(sleep(HOUR)).await.unwrap();
        assert!(started.elapsed() >= HOUR && started.elapsed() < HOUR * 2);
    });
}

#[test]
fn an_instant_is_never_before_an_earlier_one() {
    world(|| async {
        let mut before = Instant::now();
        for _ in 0..20 {
            yield_now().await;
            let now = Instant::now();
            assert!(now >= before);
            before = now;
        }
    });
}

#[test]
fn nothing_has_elapsed_since_the_future() {
    world(|| async {
        let later = Instant::now() + HOUR;
        assert_eq!(later.elapsed(), Duration::ZERO);
        sleep(HOUR * 2).await;
        assert!(later.elapsed() >= HOUR);
    });
}

#[test]
fn an_instant_past_the_end_of_time_panics() {
    world(|| async {
        assert!(panics(|| Instant::now() + Duration::MAX));
        assert!(panics(|| Instant::now() - Duration::MAX));
    });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is about std's clock")]
fn std_s_clock_stands_still_while_the_clock_is_paused() {
    quick().block_on(async {
        let started = std::time::Instant::now();
        let woken = tokio::spawn(sleep(HOUR * 100));
        advance(HOUR * 1_000).await;
        woken.await.unwrap();
        assert!(started.elapsed() < HOUR, "{:?}", started.elapsed());
    });
}

#[test]
fn an_instant_is_the_same_one_of_std_s_however_long_the_clock_is_paused() {
    quick().block_on(async {
        let instant = Instant::now();
        let std = instant.into_std();
        sleep(HOUR * 100).await;
        assert_eq!(Instant::from_std(std), instant);
        assert_eq!(instant.into_std(), std);
        assert_eq!(Instant::now().into_std() - std, instant.elapsed());
    });
}
