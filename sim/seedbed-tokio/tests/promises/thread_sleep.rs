//! Std's `thread::sleep`, which blocks its thread: where that may be, others go on.
#![expect(clippy::disallowed_methods, reason = "it is about std's calls")]

use crate::{quick, support::online};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    thread,
};
use tokio::{
    spawn,
    task::spawn_blocking,
    time::{Duration, Instant, sleep},
};

const MOMENT: Duration = Duration::from_millis(20);

#[test]
fn others_go_on_while_blocking_work_sleeps() {
    online(|| async {
        let ticks = Arc::new(AtomicU32::new(0));
        let counted = ticks.clone();
        let clock = spawn(async move {
            loop {
                sleep(MOMENT / 20).await;
                counted.fetch_add(1, SeqCst);
            }
        });
        let waits = move || {
            while ticks.load(SeqCst) < 3 {
                thread::sleep(MOMENT / 20);
            }
        };
        spawn_blocking(waits).await.unwrap();
        clock.abort();
    });
}

#[test]
fn a_sleep_takes_its_time_by_both_clocks() {
    online(|| async {
        let started = (Instant::now(), std::time::Instant::now());
        spawn_blocking(|| thread::sleep(MOMENT)).await.unwrap();
        thread::sleep(MOMENT);
        assert!(started.0.elapsed() >= MOMENT * 2, "{:?}", started.0.elapsed());
        assert!(started.1.elapsed() >= MOMENT * 2, "{:?} by std's", started.1.elapsed());
    });
}

#[test]
fn nobody_has_a_turn_while_the_only_thread_sleeps() {
    quick().block_on(async {
        let ran = Arc::new(AtomicU32::new(0));
        let counted = ran.clone();
        let other = spawn(async move { counted.fetch_add(1, SeqCst) });
        thread::sleep(MOMENT);
        assert_eq!(ran.load(SeqCst), 0);
        other.await.unwrap();
    });
}

#[test]
fn a_paused_clock_does_not_see_a_thread_sleep_and_std_s_does() {
    quick().block_on(async {
        let started = (Instant::now(), std::time::Instant::now());
        thread::sleep(MOMENT);
        spawn_blocking(|| thread::sleep(MOMENT)).await.unwrap();
        assert_eq!(started.0.elapsed(), Duration::ZERO);
        assert!(started.1.elapsed() >= MOMENT * 2, "{:?}", started.1.elapsed());
        let instant = Instant::now();
        let std = instant.into_std();
        sleep(MOMENT).await;
        assert_eq!(Instant::from_std(std), instant);
    });
}
