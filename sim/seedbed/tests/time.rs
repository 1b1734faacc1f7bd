//! Timers are exact, cost nothing once they are over, and tie in an order that is a decision.
#![cfg(not(real_side))]

use seedbed::{
    World, ensure,
    time::{Duration, Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout},
};
use std::{
    collections::BTreeSet,
    future::{Future, poll_fn},
    pin::pin,
    sync::{Arc, Mutex},
    task::Poll,
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

/// The calm world has no seed, so no schedule's grain or delay: instants are exact.
fn without_a_seed<F: Future<Output = seedbed::Result> + 'static>(body: fn(World) -> F) {
    seedbed::run_calm("calm", body).assert_clean();
}

#[test]
fn a_sleep_ends_at_its_nanosecond() {
    without_a_seed(|_| async {
        for nanos in [1, 999, 1_000_001, 86_400_000_000_000] {
            let started = Instant::now();
            sleep(Duration::from_nanos(nanos)).await;
            ensure!(started.elapsed() == Duration::from_nanos(nanos), "{:?} for {nanos} ns", started.elapsed());
        }
        Ok(())
    });
}

#[test]
fn a_reset_sleep_fires_at_its_new_deadline_earlier_or_later() {
    without_a_seed(|_| async {
        for (first, second) in [(10, 3), (3, 10)] {
            let started = Instant::now();
            let mut sleep = pin!(sleep(Duration::from_secs(first)));
            let mut was_reset = false;
            poll_fn(|cx| {
                let polled = sleep.as_mut().poll(cx);
                if !was_reset {
                    was_reset = true;
                    sleep.as_mut().reset(started + Duration::from_secs(second));
                }
                polled
            })
            .await;
            ensure!(started.elapsed() == Duration::from_secs(second), "after {:?}", started.elapsed());
        }
        Ok(())
    });
}

#[test]
fn a_reset_after_the_end_sleeps_again() {
    without_a_seed(|_| async {
        let mut sleep = pin!(sleep(Duration::from_secs(1)));
        sleep.as_mut().await;
        ensure!(sleep.is_elapsed());
        sleep.as_mut().reset(Instant::now() + Duration::from_secs(2));
        sleep.as_mut().await;
        ensure!(Instant::now().as_nanos() == 3_000_000_000);
        Ok(())
    });
}

#[test]
fn a_value_at_the_deadline_beats_it() {
    without_a_seed(|_| async {
        let second = Duration::from_secs(1);
        ensure!(timeout(second, sleep(second)).await.is_ok(), "the value is polled first");
        ensure!(timeout(second, sleep(second + Duration::from_nanos(1))).await.is_err());
        Ok(())
    });
}

#[test]
fn missed_ticks_follow_their_behaviour() {
    without_a_seed(|_| async {
        let expected = [
            (MissedTickBehavior::Burst, [0, 100, 200, 300]),
            (MissedTickBehavior::Delay, [0, 100, 350, 450]),
            (MissedTickBehavior::Skip, [0, 100, 300, 400]),
        ];
        for (behavior, due_ms) in expected {
            let started = Instant::now();
            let mut ticks = interval(Duration::from_millis(100));
            ticks.set_missed_tick_behavior(behavior);
            let mut seen = Vec::new();
            for _ in 0..4 {
                let due = ticks.tick().await;
                if seen.is_empty() {
                    sleep(Duration::from_millis(250)).await;
                }
                seen.push(u64::try_from((due - started).as_millis())?);
            }
            ensure!(seen == due_ms, "{behavior:?}: {seen:?}");
        }
        Ok(())
    });
}

#[test]
fn timers_of_one_instant_fire_in_many_orders() {
    let orders = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = orders.clone();
    seedbed::sweep("ties", 0..200, move |_| {
        let seen = seen.clone();
        async move {
            // One task with three timers: which fires first is seen in the order of the inner wakes.
            let mut wakes = futures::stream::FuturesUnordered::new();
            for number in 0..3 {
                wakes.push(async move {
                    sleep_until(Instant::START + Duration::from_secs(1)).await;
                    number
                });
            }
            let mut order = Vec::new();
            while let Some(number) = futures::StreamExt::next(&mut wakes).await {
                order.push(number);
            }
            seen.lock().unwrap().insert(order);
            Ok(())
        }
    })
    .assert_clean();
    assert_eq!(orders.lock().unwrap().len(), 6, "{orders:?}");
}

#[test]
fn a_million_polls_of_one_sleep_set_one_timer() {
    without_a_seed(|_| async {
        let mut sleep = pin!(sleep(Duration::from_secs(3_600)));
        poll_fn(|cx| {
            for _ in 0..1_000_000 {
                assert!(sleep.as_mut().poll(cx).is_pending());
            }
            Poll::Ready(())
        })
        .await;
        Ok(())
    });
}

/// Gives way until that much time has passed; how often it did.
async fn busy_for(span: Duration) -> u32 {
    let started = Instant::now();
    let mut turns = 0;
    while started.elapsed() < span {
        turns += 1;
        seedbed::task::yield_now().await;
    }
    turns
}

#[test]
fn who_is_busy_until_a_deadline_comes_to_it_if_turns_take_time() {
    without_a_seed(|world| async move {
        world.turns_take(Duration::from_micros(2));
        let turns = busy_for(Duration::from_millis(100)).await;
        ensure!(turns == 50_000, "{turns} turns of 2 us");
        world.turns_take(Duration::ZERO);
        let now = Instant::now();
        for _ in 0..10 {
            seedbed::task::yield_now().await;
        }
        ensure!(now.elapsed() == Duration::ZERO, "{:?} have passed", now.elapsed());
        Ok(())
    });
}

#[test]
fn what_comes_due_in_the_midst_of_a_turn_fires_at_its_instant() {
    without_a_seed(|world| async move {
        let ends: Vec<_> = [7, 3, 5]
            .map(|ms| {
                world.spawn(&format!("after {ms}"), async move {
                    sleep_until(Instant::START + Duration::from_millis(ms)).await;
                    ms
                })
            })
            .into();
        sleep(Duration::from_millis(1)).await;
        world.turns_take(Duration::from_millis(20));
        let order = Arc::new(Mutex::new(Vec::new()));
        for end in ends {
            let order = order.clone();
            drop(seedbed::task::spawn(async move {
                let ms = end.await;
                order.lock().unwrap().push(ms.unwrap());
            }));
        }
        sleep(Duration::from_secs(1)).await;
        let order = order.lock().unwrap().clone();
        ensure!(order == [3, 5, 7], "{order:?}");
        Ok(())
    });
}

#[test]
fn who_sleeps_is_woken_though_others_are_busy() {
    without_a_seed(|world| async move {
        world.turns_take(Duration::from_millis(3));
        let sleeper = world.spawn("sleeper", async {
            let due = Instant::now() + Duration::from_secs(1);
            sleep_until(due).await;
            due.elapsed()
        });
        while !sleeper.is_finished() {
            seedbed::task::yield_now().await;
        }
        let late = sleeper.await?;
        // It may have to wait for the turn in which it came due, and for one more.
        ensure!(late <= Duration::from_millis(6), "{late:?} late");
        Ok(())
    });
}

#[test]
fn a_spin_is_found_though_turns_take_time() {
    let report = seedbed::run_calm("spin", |world: World| async move {
        world.turns_take(Duration::from_nanos(1));
        let mut ticks = interval(Duration::from_micros(10));
        drop(seedbed::task::spawn(async move {
            loop {
                ticks.tick().await;
            }
        }));
        loop {
            seedbed::task::yield_now().await;
        }
    });
    let found = report.findings[0].finding.to_string();
    assert!(found.contains("spin: 2000001 turns without a rest and no end"), "{found}");
}

#[test]
fn a_run_that_is_busy_for_ever_comes_to_its_limit_of_time() {
    let report = seedbed::run_calm("too long", |world: World| async move {
        world.turns_take(Duration::from_secs(86_400));
        loop {
            seedbed::task::yield_now().await;
        }
    });
    let found = report.findings[0].finding.to_string();
    assert!(found.contains("virtual time limit: the run is not over after 2592000s"), "{found}");
}

#[seedbed::test]
async fn the_current_world_is_had_anywhere() {
    World::current().turns_take(Duration::from_millis(1));
    let turns = busy_for(Duration::from_secs(1)).await;
    assert!(turns <= 1_000, "{turns} turns of 1 ms");
}
