//! Std's `thread::sleep` in a world takes virtual time: where a thread may block others go on meanwhile, elsewhere they wait.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "it is about std's calls")]

use seedbed::{
    World, ensure, run_calm, sweep,
    task::{block_in_place, spawn, spawn_blocking},
    time::{Duration, Instant, pause, sleep},
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    thread,
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

/// Counts seconds until it is dropped.
fn clock(ticks: &Arc<AtomicU32>) -> seedbed::task::JoinHandle<()> {
    let ticks = ticks.clone();
    spawn(async move {
        loop {
            sleep(SECOND).await;
            ticks.fetch_add(1, Relaxed);
        }
    })
}

#[test]
fn others_go_on_while_blocking_code_sleeps() {
    run_calm("sleeps", |_: World| async {
        let ticks = Arc::new(AtomicU32::new(0));
        let clock = clock(&ticks);
        let started = (Instant::now(), std::time::Instant::now());
        spawn_blocking(|| thread::sleep(SECOND * 10 + SECOND / 2)).await?;
        ensure!(ticks.load(Relaxed) == 10, "{ticks:?} ticks");
        block_in_place(|| thread::sleep(SECOND * 10));
        ensure!(ticks.load(Relaxed) == 20, "{ticks:?} ticks");
        let passed = SECOND * 20 + SECOND / 2;
        ensure!(started.0.elapsed() == passed, "{:?}", started.0.elapsed());
        ensure!(started.1.elapsed() == passed, "{:?} by std's clock", started.1.elapsed());
        clock.abort();
        Ok(())
    })
    .assert_clean();
}

#[test]
fn others_go_on_while_blocking_code_sleeps_and_the_clock_is_paused() {
    run_calm("paused", |_: World| async {
        pause();
        let is_set = Arc::new(AtomicU32::new(0));
        let sees = is_set.clone();
        let waits = spawn_blocking(move || {
            let started = std::time::Instant::now();
            while sees.load(Relaxed) == 0 {
                thread::sleep(SECOND);
            }
            started.elapsed()
        });
        spawn(async move { is_set.fetch_add(1, Relaxed) }).await?;
        let slept = waits.await?;
        ensure!((SECOND..SECOND * 10).contains(&slept), "{slept:?} by std's clock");
        ensure!(Instant::now().as_nanos() == 0, "it is paused");
        Ok(())
    })
    .assert_clean();
}

#[test]
fn std_s_clock_sees_a_sleep_whole_though_the_world_s_is_paused_meanwhile() {
    run_calm("paused meanwhile", |_: World| async {
        let slept = spawn_blocking(|| {
            let started = std::time::Instant::now();
            thread::sleep(SECOND * 10);
            started.elapsed()
        });
        sleep(SECOND).await;
        pause();
        sleep(SECOND * 20).await;
        let slept = slept.await?;
        ensure!(slept == SECOND * 10, "{slept:?}");
        Ok(())
    })
    .assert_clean();
}

/// To std its whole thread panics meanwhile, so that another's guard would poison its lock.
#[test]
fn who_sleeps_while_he_panics_does_so_in_his_turn() {
    struct Sleeps;
    impl Drop for Sleeps {
        fn drop(&mut self) {
            thread::sleep(SECOND);
        }
    }
    run_calm("panics", |world: World| async move {
        world.tasks_may_panic();
        let lock = Arc::new(Mutex::new(()));
        let holds = lock.clone();
        let other = spawn_blocking(move || {
            let _held = holds.lock().unwrap();
            thread::sleep(SECOND * 2);
        });
        let panics = spawn_blocking(|| {
            thread::sleep(SECOND * 3 / 2);
            let _sleeps = Sleeps;
            panic!("planned");
        });
        ensure!(panics.await.is_err(), "it has panicked");
        other.await?;
        ensure!(!lock.is_poisoned(), "its holder has not panicked");
        Ok(())
    })
    .assert_clean();
}

#[test]
fn days_take_no_real_time() {
    run_calm("days", |_: World| async {
        for _ in 0..100 {
            spawn_blocking(|| thread::sleep(DAY / 8)).await?;
            thread::sleep(DAY / 8);
        }
        Ok(())
    })
    .assert_clean();
}

#[test]
fn others_wait_while_async_code_sleeps() {
    run_calm("hogs", |_: World| async {
        let ticks = Arc::new(AtomicU32::new(0));
        let clock = clock(&ticks);
        sleep(SECOND / 2).await;
        let started = Instant::now();
        thread::sleep(SECOND * 10);
        ensure!(started.elapsed() == SECOND * 10, "{:?}", started.elapsed());
        ensure!(ticks.load(Relaxed) == 0, "{ticks:?} ticks in the midst of a turn");
        sleep(SECOND / 4).await;
        ensure!(ticks.load(Relaxed) == 1, "{ticks:?} ticks: the second sleep began after the turn");
        clock.abort();
        Ok(())
    })
    .assert_clean();
}

#[test]
fn what_came_due_in_the_midst_of_a_turn_fires_in_the_order_of_its_deadlines() {
    run_calm("overdue", |world: World| async move {
        let order = Arc::new(Mutex::new(Vec::new()));
        for ms in [40_u64, 10, 30, 20] {
            let order = order.clone();
            drop(spawn(async move {
                sleep(Duration::from_millis(ms)).await;
                order.lock().unwrap().push((ms, world.now().as_nanos()));
            }));
        }
        sleep(Duration::from_millis(5)).await;
        thread::sleep(SECOND);
        sleep(SECOND).await;
        let order = order.lock().unwrap().clone();
        let after = 1_005_000_000;
        ensure!(order == [(10, after), (20, after), (30, after), (40, after)], "{order:?}");
        Ok(())
    })
    .assert_clean();
}

#[test]
fn a_loop_that_sleeps_ends_with_its_world() {
    static DEAD_AND_ON: AtomicU32 = AtomicU32::new(0);
    sweep("loops", 0..30, |world: World| async move {
        let turns = Arc::new(AtomicU32::new(0));
        for _ in 0..3 {
            let turns = turns.clone();
            drop(spawn_blocking(move || {
                loop {
                    thread::sleep(SECOND);
                    turns.fetch_add(1, Relaxed);
                }
            }));
        }
        let node = world.new_node();
        drop(node.spawn("killed", async {
            block_in_place(|| thread::sleep(DAY));
            DEAD_AND_ON.fetch_add(1, Relaxed);
        }));
        sleep(SECOND * 10).await;
        node.kill();
        sleep(SECOND * 10 + SECOND / 2).await;
        let turns = turns.load(Relaxed);
        ensure!((30..=60).contains(&turns), "{turns} turns");
        Ok(())
    })
    .assert_clean();
    assert_eq!(DEAD_AND_ON.load(Relaxed), 0, "what is killed goes on nowhere");
}

#[test]
fn who_goes_on_after_the_end_may_come_to_its_own() {
    static ENDED: AtomicU32 = AtomicU32::new(0);
    run_calm("stops", |_: World| async {
        drop(spawn_blocking(|| {
            (0..100).for_each(|_| thread::sleep(SECOND));
            ENDED.fetch_add(1, Relaxed);
        }));
        sleep(SECOND * 10).await;
        Ok(())
    })
    .assert_clean();
    assert_eq!(ENDED.load(Relaxed), 1);
}

#[test]
fn a_stall_says_who_sleeps() {
    let report = run_calm("too long", |_: World| async {
        spawn_blocking(|| thread::sleep(DAY * 100)).await?;
        Ok(())
    });
    let found = report.findings[0].finding.to_string();
    assert!(found.contains("virtual time limit"), "{found}");
    assert!(found.contains("sleep waits"), "{found}");
}

#[test]
fn outside_worlds_real_time_passes() {
    let started = std::time::Instant::now();
    thread::sleep(Duration::from_millis(20));
    assert!(started.elapsed() >= Duration::from_millis(20));
}

#[test]
fn in_plain_code_between_two_calls_that_block_real_time_passes() {
    let runtime = seedbed::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { sleep(SECOND).await });
    let started = (std::time::Instant::now(), Instant::now());
    thread::sleep(Duration::from_millis(20));
    assert!(started.0.elapsed() >= Duration::from_millis(20));
    assert_eq!(started.1.elapsed(), Duration::ZERO);
    runtime.block_on(async { spawn_blocking(|| thread::sleep(DAY)).await }).unwrap();
    assert!(started.1.elapsed() >= DAY);
}
