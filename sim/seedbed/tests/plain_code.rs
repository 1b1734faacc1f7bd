//! What plain code with a runtime of its own says of itself.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "starts its test again as a process that fails")]

use seedbed::{
    World,
    runtime::Runtime,
    task::{block_in_place, spawn, spawn_blocking},
    time::{Duration, Instant, sleep},
};
use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    process::{Command, Output},
    sync::LazyLock,
    thread,
};
use tokio::sync::{mpsc, oneshot};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const INSIDE: &str = "SEEDBED_TEST_INSIDE";

fn is_inside() -> bool {
    env::var(INSIDE).is_ok()
}

/// Runs the calling test again, as a process that knows itself to be inside; what it says when it fails.
fn failure_of_this_test(variables: &[(&str, &str)]) -> String {
    let test = std::thread::current().name().expect("a test has a name").to_owned();
    let Output { status, stdout, stderr } = Command::new(env::current_exe().expect("a test has an executable"))
        .args(["--exact", &test])
        .envs(variables.iter().copied())
        .env(INSIDE, "1")
        .output()
        .expect("the test can start itself");
    assert!(!status.success());
    [stdout, stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat()
}

#[test]
fn a_panic_of_plain_code_that_has_entered_a_runtime_is_told() {
    if is_inside() {
        let runtime = Runtime::new().expect("it fails never");
        let _entered = runtime.enter();
        panic!("plain code's own");
    }
    let told = failure_of_this_test(&[]);
    assert!(told.contains("plain code's own"), "{told}");
}

/// Plain code cannot be run again by its world to find the call.
#[test]
fn a_task_that_it_spawns_on_the_real_tokio_is_told() {
    if is_inside() {
        let runtime = Runtime::new().expect("it fails never");
        runtime.block_on(async { drop(tokio::spawn(async {})) });
        // At the latest the end of its runtime tells.
        return;
    }
    let told = failure_of_this_test(&[]);
    assert!(told.contains("block_on has spawned a task on the real tokio, which no world runs"), "{told}");
    assert!(told.contains("`cargo sim-patch` says which"), "{told}");
    assert!(told.contains("with SEEDBED_REAL_TOKIO=absent the call panics and is named"), "{told}");

    let named = failure_of_this_test(&[("SEEDBED_REAL_TOKIO", "absent")]);
    assert!(named.contains("the real tokio has no runtime in a world"), "{named}");
    assert!(
        named.contains("runtime.block_on(async { drop(tokio::spawn(async {})) });"),
        "the line of the call: {named}"
    );

    let refused = failure_of_this_test(&[("SEEDBED_REAL_TOKIO", "none")]);
    assert!(refused.contains("SEEDBED_REAL_TOKIO: `none` is not `absent`, which is all it can be"), "{refused}");
}

/// Nobody ends the world of a runtime that lives as long as the process.
#[test]
fn what_the_last_turn_of_what_it_blocks_on_has_found_is_told_at_once() {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("it fails never"));
    let told = catch_unwind(|| RUNTIME.block_on(async { drop(tokio::spawn(async {})) })).expect_err("it is told");
    let told = told.downcast_ref::<String>().expect("it has a text");
    assert!(told.contains("has spawned a task on the real tokio"), "{told}");
}

#[test]
fn what_it_spawns_by_a_handle_of_the_real_tokio_is_told_when_the_world_ends() {
    let told = catch_unwind(|| {
        let runtime = Runtime::new().expect("it fails never");
        let real = runtime.block_on(async { tokio::runtime::Handle::current() });
        drop(real.spawn(async {}));
    });
    let told = told.expect_err("it is told");
    let told = told.downcast_ref::<String>().expect("it has a text");
    assert!(told.contains("plain code has spawned a task on the real tokio"), "{told}");
}

/// What the first world of a process was given spoils no other.
#[test]
fn the_next_world_may_spawn_and_block_as_ever() {
    let spoilt = catch_unwind(|| {
        let runtime = Runtime::new().expect("it fails never");
        runtime.block_on(async { drop(tokio::spawn(async {})) });
    });
    assert!(spoilt.is_err());
    let runtime = Runtime::new().expect("it fails never");
    let lock = tokio::sync::Mutex::new(1);
    *lock.blocking_lock() += 1;
    assert_eq!(runtime.block_on(async { *lock.lock().await }), 2);
}

#[test]
fn to_drop_a_runtime_takes_no_time_whatever_turns_take() {
    let keeps = Runtime::new().expect("it fails never");
    let dropped = Runtime::new().expect("it fails never");
    World::current().turns_take(Duration::from_hours(480));
    for _ in 0..5 {
        drop(dropped.spawn(std::future::pending::<()>()));
    }
    let before = World::current().now();
    drop(dropped);
    assert_eq!(World::current().now(), before);
    drop(keeps);
}

#[test]
fn what_it_blocks_on_may_wait_in_place() {
    let runtime = Runtime::new().expect("it fails never");
    let got = runtime.block_on(async {
        let (sender, mut receiver) = mpsc::channel(1);
        drop(spawn(async move {
            for value in 0..10 {
                sleep(Duration::from_secs(1)).await;
                sender.send(value).await.expect("it is received");
            }
        }));
        block_in_place(|| std::iter::from_fn(|| receiver.blocking_recv()).sum::<u32>())
    });
    assert_eq!(got, 45);
}

#[test]
fn who_waits_in_place_for_ever_is_told() {
    if is_inside() {
        Runtime::new().expect("it fails never").block_on(async {
            let (_sender, receiver) = oneshot::channel::<()>();
            block_in_place(|| receiver.blocking_recv()).expect("it is never sent");
        });
    }
    let told = failure_of_this_test(&[]);
    assert!(told.contains("FAILED Stall: deadlock"), "{told}");
    assert!(told.contains("block_in_place(|| receiver.blocking_recv())"), "{told}");
}

#[test]
fn what_it_blocks_on_may_hand_on_to_blocking_work_and_wait_for_it() {
    let runtime = Runtime::new().expect("it fails never");
    let got = runtime.block_on(async {
        let (there, mut from_here) = mpsc::channel::<u32>(1);
        let (back, mut from_there) = mpsc::channel::<u32>(1);
        drop(spawn_blocking(move || {
            while let Some(value) = from_here.blocking_recv() {
                back.blocking_send(value + 1).expect("it is received");
            }
        }));
        sleep(Duration::from_secs(1)).await;
        block_in_place(|| {
            there.blocking_send(1).expect("it is received");
            from_there.blocking_recv()
        })
    });
    assert_eq!(got, Some(2));
}

#[test]
fn an_unpark_too_many_is_none_of_the_next_world_s() {
    for _ in 0..2 {
        Runtime::new().expect("it fails never").block_on(async {
            let parks = spawn_blocking(|| {
                let before = Instant::now();
                thread::park();
                before.elapsed()
            });
            sleep(Duration::from_secs(1)).await;
            thread::current().unpark();
            assert!(parks.await.expect("it is not cancelled") >= Duration::from_secs(1));
            thread::current().unpark();
        });
    }
}

#[test]
fn who_parks_for_a_time_comes_to_its_own_end_after_the_world_s() {
    let mut rounds = 0;
    let ended = catch_unwind(AssertUnwindSafe(|| {
        Runtime::new().expect("it fails never").block_on(async {
            drop(spawn(async {
                sleep(Duration::from_secs(3)).await;
                panic!("planned");
            }));
            block_in_place(|| {
                for _ in 0..10 {
                    thread::park_timeout(Duration::from_secs(1));
                    rounds += 1;
                }
            });
        });
    }));
    assert!(ended.is_err(), "the task has panicked");
    assert_eq!(rounds, 10);
}
