//! `tokio::time::{interval, interval_at, Interval, MissedTickBehavior}`.

use crate::{
    HOUR,
    hand::{Wakes, ask},
    support::world,
};
use tokio::time::{Duration, Instant, Interval, MissedTickBehavior, interval, interval_at, sleep, sleep_until};

/// One whose first tick, at the instant that comes with it, is over.
async fn hourly(missed: MissedTickBehavior) -> (Interval, Instant) {
    let mut ticks = interval(HOUR);
    ticks.set_missed_tick_behavior(missed);
    let start = ticks.tick().await;
    (ticks, start)
}

#[test]
fn its_first_tick_is_due_when_it_was_made() {
    world(|| async {
        let made = Instant::now();
        let mut ticks = interval(HOUR);
        sleep(HOUR / 2).await;
        assert_eq!(ticks.tick().await, made);
        assert_eq!(ticks.tick().await, made + HOUR, "and the next counts from there");
    });
}

#[test]
fn it_counts_the_time_between_the_calls_too() {
    world(|| async {
        let (mut ticks, start) = hourly(MissedTickBehavior::Burst).await;
        for nth in 1..4 {
            sleep(HOUR / 2).await;
            assert_eq!(ticks.tick().await, start + HOUR * nth);
        }
        assert!(start.elapsed() < HOUR * 4, "{:?}", start.elapsed());
    });
}

#[test]
fn a_start_in_the_past_is_its_first_tick() {
    world(|| async {
        let start = Instant::now();
        sleep(HOUR / 2).await;
        let late = Instant::now();
        let mut ticks = interval_at(start, HOUR);
        assert_eq!(ticks.tick().await, start);
        assert!(late.elapsed() < HOUR / 4);
    });
}

#[test]
fn burst_ticks_at_once_until_it_has_caught_up() {
    world(|| async {
        let (mut ticks, start) = hourly(MissedTickBehavior::Burst).await;
        sleep(HOUR * 7 / 2).await;
        for nth in 1..=3 {
            assert_eq!(ticks.tick().await, start + HOUR * nth);
        }
        assert!(start.elapsed() < HOUR * 4, "{:?}", start.elapsed());
        assert_eq!(ticks.tick().await, start + HOUR * 4);
        assert!(start.elapsed() >= HOUR * 4);
    });
}

#[test]
fn delay_keeps_its_ticks_a_period_apart() {
    world(|| async {
        let (mut ticks, start) = hourly(MissedTickBehavior::Delay).await;
        sleep(HOUR * 5 / 2).await;
        let asked = Instant::now();
        assert_eq!(ticks.tick().await, start + HOUR);
        let mut before = ticks.tick().await;
        assert!(before >= asked + HOUR);
        for _ in 0..3 {
            let tick = ticks.tick().await;
            assert!(tick >= before + HOUR, "{:?}", tick - before);
            before = tick;
        }
    });
}

#[test]
fn skip_ticks_at_multiples_of_its_period_alone() {
    world(|| async {
        let (mut ticks, start) = hourly(MissedTickBehavior::Skip).await;
        sleep(HOUR * 9 / 2).await;
        assert_eq!(ticks.tick().await, start + HOUR);
        for nth in 5..8 {
            assert_eq!(ticks.tick().await, start + HOUR * nth);
            assert!(start.elapsed() >= HOUR * nth);
        }
    });
}

#[test]
fn who_is_late_by_five_milliseconds_has_missed_nothing() {
    world(|| async {
        let limit = Duration::from_millis(5);
        for late in [limit, limit + Duration::from_millis(1)] {
            let (mut ticks, start) = hourly(MissedTickBehavior::Delay).await;
            let due = start + HOUR;
            sleep_until(due + late).await;
            let asked = Instant::now();
            assert_eq!(ticks.tick().await, due);
            let ended = Instant::now();
            let next = ticks.tick().await;
            // A world may hold the task back a little longer than it asked for.
            if ended - due <= limit {
                assert_eq!(next, due + HOUR);
            } else if asked - due > limit {
                assert!((asked..=ended).contains(&(next - HOUR)));
            }
        }
    });
}

#[test]
fn a_reset_into_the_past_is_caught_up_with_as_missed_ticks_are() {
    world(|| async {
        for missed in [MissedTickBehavior::Burst, MissedTickBehavior::Delay, MissedTickBehavior::Skip] {
            let (mut ticks, _) = hourly(missed).await;
            sleep(HOUR * 10).await;
            let now = Instant::now();
            let past = now - HOUR * 5 / 2;
            ticks.reset_at(past);
            assert_eq!(ticks.tick().await, past);
            let next = ticks.tick().await;
            match missed {
                MissedTickBehavior::Burst => assert_eq!(next, past + HOUR),
                MissedTickBehavior::Delay => assert!(next >= now + HOUR && next < now + HOUR * 2),
                MissedTickBehavior::Skip => assert_eq!(next, past + HOUR * 3),
            }
        }
    });
}

#[test]
fn a_reset_discards_what_was_missed() {
    world(|| async {
        type Reset = fn(&mut Interval);
        let resets: [(Reset, Duration); 4] = [
            (Interval::reset, HOUR),
            (Interval::reset_immediately, Duration::ZERO),
            (|ticks| ticks.reset_after(HOUR * 2), HOUR * 2),
            (|ticks| ticks.reset_at(Instant::now() + HOUR * 3), HOUR * 3),
        ];
        for (reset, after) in resets {
            let (mut ticks, _) = hourly(MissedTickBehavior::Burst).await;
            sleep(HOUR * 9 / 2).await;
            let now = Instant::now();
            reset(&mut ticks);
            assert_eq!(ticks.tick().await, now + after);
            assert_eq!(ticks.tick().await, now + after + HOUR);
        }
    });
}

#[test]
fn a_reset_moves_a_tick_that_is_waited_for() {
    world(|| async {
        let (mut ticks, _) = hourly(MissedTickBehavior::Burst).await;
        let (wakes, waker) = Wakes::new();
        assert!(ask(&waker, |cx| ticks.poll_tick(cx)).is_pending());
        ticks.reset_after(HOUR * 3);
        sleep(HOUR * 2).await;
        assert_eq!(wakes.count(), 0);
        sleep(HOUR * 2).await;
        assert_eq!(wakes.count(), 1);
    });
}

#[test]
fn who_polled_it_last_is_woken() {
    world(|| async {
        let (mut ticks, start) = hourly(MissedTickBehavior::Burst).await;
        let ((first, early), (last, late)) = (Wakes::new(), Wakes::new());
        assert!(ask(&early, |cx| ticks.poll_tick(cx)).is_pending());
        assert!(ask(&late, |cx| ticks.poll_tick(cx)).is_pending());
        sleep(HOUR * 2).await;
        assert_eq!((first.count(), last.count()), (0, 1));
        assert_eq!(ticks.tick().await, start + HOUR);
    });
}

#[test]
fn one_that_is_dropped_wakes_nobody() {
    world(|| async {
        let (mut ticks, _) = hourly(MissedTickBehavior::Burst).await;
        let (wakes, waker) = Wakes::new();
        assert!(ask(&waker, |cx| ticks.poll_tick(cx)).is_pending());
        drop(ticks);
        sleep(HOUR * 2).await;
        assert_eq!(wakes.count(), 0);
    });
}
