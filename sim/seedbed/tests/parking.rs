//! Code that waits where a thread may block, for tokio's `sync` or parked by std: its turn stands still and others go on.
#![cfg(all(not(real_side), target_os = "linux"))]
#![expect(clippy::disallowed_methods, reason = "it is about std's calls")]
#![expect(unsafe_code, reason = "a futex is woken as another thread would")]

use futures::executor;
use seedbed::{
    Case, Scenario, ScenarioFuture, World, ensure, run_calm, run_case, sweep,
    task::{block_in_place, spawn, spawn_blocking},
    time::{Duration, Instant, pause, sleep},
};
use std::{
    collections::BTreeSet,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
        mpsc as std_mpsc,
    },
    task::{Context, Poll, Wake},
    thread::{self, Thread},
};
use tokio::sync::{Mutex, Semaphore, mpsc, oneshot};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn others_go_on_while_blocking_code_receives() {
    run_calm("receives", |_: World| async {
        let (sender, mut receiver) = mpsc::channel(1);
        let sum = spawn_blocking(move || {
            let mut sum = 0;
            while let Some(value) = receiver.blocking_recv() {
                sum += value;
            }
            sum
        });
        for value in 0..10 {
            sleep(SECOND).await;
            sender.send(value).await?;
        }
        drop(sender);
        ensure!(sum.await? == 45, "all were received");
        ensure!(Instant::now().as_nanos() == 10_000_000_000, "{:?}", Instant::now());
        Ok(())
    })
    .assert_clean();
}

#[test]
fn many_wait_at_once_and_each_for_its_own() {
    sweep("many", 0..100, |_: World| async {
        let lock = Arc::new(Mutex::new(Vec::new()));
        let permits = Arc::new(Semaphore::new(2));
        let (senders, tasks): (Vec<_>, Vec<_>) = (0..12)
            .map(|id| {
                let (sender, receiver) = oneshot::channel::<u32>();
                let (lock, permits) = (lock.clone(), permits.clone());
                let task = spawn_blocking(move || {
                    let _permit = permits.blocking_acquire().unwrap();
                    let got = receiver.blocking_recv().unwrap();
                    lock.blocking_lock().push(got);
                    id == got
                });
                (sender, task)
            })
            .unzip();
        for (id, sender) in (0..).zip(senders) {
            sleep(SECOND).await;
            let _held = lock.lock().await;
            sender.send(id).unwrap();
            sleep(SECOND).await;
        }
        for task in tasks {
            ensure!(task.await?, "its own value");
        }
        ensure!(lock.lock().await.len() == 12, "all");
        Ok(())
    })
    .assert_clean();
}

/// The turns of a world in which so many are parked while one gets so many messages.
#[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
fn turns_beside<const PARKED: u32, const MESSAGES: u32>() -> u64 {
    let run = |_: World, _| -> ScenarioFuture {
        Box::pin(async {
            let (sender, mut receiver) = mpsc::channel(1);
            let actors: Vec<_> = (0..PARKED)
                .map(|_| {
                    let (sender, mut receiver) = mpsc::channel::<u32>(1);
                    drop(spawn_blocking(move || while receiver.blocking_recv().is_some() {}));
                    sender
                })
                .collect();
            let sum = spawn_blocking(move || {
                let mut sum = 0;
                while let Some(message) = receiver.blocking_recv() {
                    sum += message;
                }
                sum
            });
            for _ in 0..MESSAGES {
                sleep(SECOND).await;
                sender.send(1).await?;
            }
            drop((sender, actors));
            ensure!(sum.await? == MESSAGES, "all were received");
            Ok(())
        })
    };
    let scenario = Scenario { name: "parked beside", run, ..Scenario::CALM };
    let outcome = scenario.replay(&Case::of_seed(scenario.name, 7)).unwrap();
    assert!(outcome.finding.is_none(), "{:?}", outcome.finding);
    outcome.polls
}

#[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
#[test]
fn only_who_is_unparked_goes_on() {
    let a_message_s = |[few, many]: [u64; 2]| many - few;
    let alone = a_message_s([turns_beside::<0, 10>(), turns_beside::<0, 50>()]);
    let beside_eight = a_message_s([turns_beside::<8, 10>(), turns_beside::<8, 50>()]);
    // What the schedule does not decide: 40 times 8 if all went on to see.
    assert!(alone.abs_diff(beside_eight) < 40, "turns of 40 messages: {alone} and {beside_eight}");
}

#[test]
fn two_pass_a_token_to_and_fro() {
    sweep("to and fro", 0..100, |_: World| async {
        let (there, mut from_here) = mpsc::channel(1);
        let (back, mut from_there) = mpsc::channel(1);
        let far = spawn_blocking(move || {
            while let Some(token) = from_here.blocking_recv() {
                if back.blocking_send(token + 1).is_err() {
                    break;
                }
            }
        });
        let near = spawn_blocking(move || {
            let mut token = 0;
            for _ in 0..20 {
                there.blocking_send(token).unwrap();
                token = from_there.blocking_recv().unwrap();
            }
            token
        });
        ensure!(near.await? == 20, "each time one more");
        far.await?;
        Ok(())
    })
    .assert_clean();
}

#[test]
fn who_is_parked_by_std_is_unparked() {
    sweep("std", 0..100, |_: World| async {
        let (told, hears) = oneshot::channel();
        let heard = spawn_blocking(move || executor::block_on(hears));
        sleep(SECOND).await;
        told.send(7).unwrap();
        ensure!(heard.await? == Ok(7), "what was told");

        let world_s = thread::current();
        let rounds = Arc::new(AtomicU32::new(0));
        let counts = rounds.clone();
        let parks = spawn_blocking(move || {
            while counts.load(Relaxed) < 10 {
                thread::park();
            }
        });
        for _ in 0..10 {
            sleep(SECOND).await;
            rounds.fetch_add(1, Relaxed);
            world_s.unpark();
        }
        parks.await?;
        Ok(())
    })
    .assert_clean();
}

#[test]
fn who_waits_for_a_std_channel_is_told_that_it_sees_no_sender_of_its_thread() {
    let report = run_calm("std channel", |_: World| async {
        let (sender, receiver) = std_mpsc::channel();
        let gets = spawn_blocking(move || receiver.recv());
        sleep(SECOND).await;
        sender.send(7)?;
        ensure!(gets.await? == Ok(7), "what was sent");
        Ok(())
    });
    let told = report.findings[0].finding.to_string();
    assert!(told.contains("a std channel never unparks for a sender on its own thread"), "{told}");
}

#[test]
fn who_parks_for_a_time_goes_on_after_it() {
    run_calm("times out", |_: World| async {
        let started = Instant::now();
        block_in_place(|| thread::park_timeout(SECOND * 5));
        ensure!(started.elapsed() == SECOND * 5, "{:?}", started.elapsed());
        let (sender, receiver) = std_mpsc::channel::<()>();
        let waits = spawn_blocking(move || receiver.recv_timeout(SECOND * 6));
        let got = waits.await?;
        ensure!(got == Err(std_mpsc::RecvTimeoutError::Timeout), "{got:?}");
        drop(sender);
        ensure!(started.elapsed() == SECOND * 11, "{:?}", started.elapsed());
        Ok(())
    })
    .assert_clean();
}

#[test]
fn who_parks_for_a_time_sees_it_pass_though_the_clock_is_paused() {
    run_calm("paused", |_: World| async {
        pause();
        let (sender, receiver) = std_mpsc::channel::<()>();
        let got = spawn_blocking(move || receiver.recv_timeout(SECOND * 6)).await?;
        drop(sender);
        ensure!(got == Err(std_mpsc::RecvTimeoutError::Timeout), "{got:?}");
        Ok(())
    })
    .assert_clean();
}

/// Parks until it is woken, as many crates' own do.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unparks(Thread, AtomicBool);
    impl Wake for Unparks {
        fn wake(self: Arc<Self>) {
            self.1.store(true, Relaxed);
            self.0.unpark();
        }
    }
    let unparks = Arc::new(Unparks(thread::current(), false.into()));
    let waker = unparks.clone().into();
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(ready) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return ready;
        }
        while !unparks.1.swap(false, Relaxed) {
            thread::park();
        }
    }
}

/// Timers fire in the midst of the turn in which one of them goes on.
#[test]
fn who_is_unparked_while_another_goes_on_is_not_passed_over() {
    sweep("busy", 0..300, |world: World| async move {
        world.turns_take(Duration::from_millis(700));
        let sleepers: Vec<_> = (0..6)
            .map(|nth| {
                spawn_blocking(move || {
                    for nap in 0..10 {
                        block_on(sleep(Duration::from_millis(100 + 613 * nth + 17 * nap)));
                    }
                })
            })
            .collect();
        for sleeper in sleepers {
            sleeper.await?;
        }
        Ok(())
    })
    .assert_clean();
}

#[test]
fn who_waits_in_vain_is_told_with_the_call_and_the_line() {
    let report = run_calm("in vain", |_: World| async {
        let (sender, mut receiver) = mpsc::channel::<()>(1);
        spawn_blocking(move || receiver.blocking_recv()).await?; // It waits here.
        drop(sender);
        Ok(())
    });
    let finding = &report.findings[0].finding;
    assert_eq!(finding.check, "deadlock", "{finding}");
    let line = include_str!("parking.rs").lines().position(|line| line.contains("// It waits here.")).unwrap() + 1;
    let told = finding.to_string();
    assert!(told.contains(&format!("parking.rs:{line}")), "{told}");
}

#[test]
fn a_service_on_a_thread_of_its_own_ends_with_its_world() {
    static ENDED: AtomicU32 = AtomicU32::new(0);
    sweep("service", 0..50, |_: World| async {
        let (sender, mut receiver) = mpsc::channel::<u32>(1);
        drop(spawn_blocking(move || {
            while receiver.blocking_recv().is_some() {}
            ENDED.fetch_add(1, Relaxed);
        }));
        drop(spawn(async move {
            loop {
                sleep(SECOND).await;
                let _ = sender.send(7).await;
            }
        }));
        sleep(SECOND * 10).await;
        Ok(())
    })
    .assert_clean();
    assert!(ENDED.load(Relaxed) >= 50, "{ENDED:?}");
}

#[test]
fn who_waits_for_himself_ends_with_his_world() {
    sweep("himself", 0..50, |_: World| async {
        let (sender, mut receiver) = mpsc::channel::<u32>(1);
        drop(spawn_blocking(move || {
            let _sender = sender;
            receiver.blocking_recv()
        }));
        sleep(SECOND).await;
        Ok(())
    })
    .assert_clean();
}

#[test]
fn a_killed_process_waits_no_more() {
    static WENT_ON: AtomicU32 = AtomicU32::new(0);
    sweep("killed", 0..50, |world: World| async move {
        let went_on = Arc::new(AtomicU32::new(0));
        let (sender, mut receiver) = mpsc::channel::<u32>(1);
        let node = world.new_node();
        let counts = went_on.clone();
        drop(node.spawn("waits", async move {
            block_in_place(|| receiver.blocking_recv());
            counts.fetch_add(1, Relaxed);
            WENT_ON.fetch_add(1, Relaxed);
        }));
        sleep(SECOND).await;
        node.kill();
        sleep(SECOND).await;
        let _ = sender.try_send(7);
        sleep(SECOND).await;
        ensure!(went_on.load(Relaxed) == 0, "it is dead");
        Ok(())
    })
    .assert_clean();
    assert_eq!(WENT_ON.load(Relaxed), 0, "nor after the world's end");
}

/// Waits until `flag` is `from`, and has the others of its thread see that it is `to`.
fn hand_on(flag: &AtomicU32, from: u32, to: u32, thread: &Thread) {
    while flag.load(Relaxed) != from {
        thread::park();
    }
    flag.store(to, Relaxed);
    thread.unpark();
}

#[test]
fn those_who_share_std_s_parker_hand_on_to_each_other() {
    const TURNS: u32 = 4;
    sweep("hand on", 0..100, |_: World| async {
        let flag = Arc::new(AtomicU32::new(0));
        let world_s = thread::current();
        let hands: Vec<_> = (0..TURNS)
            .map(|id| {
                let (flag, world_s) = (flag.clone(), world_s.clone());
                spawn_blocking(move || {
                    for _ in 0..10 {
                        hand_on(&flag, id, (id + 1) % TURNS, &world_s);
                    }
                })
            })
            .collect();
        for hand in hands {
            hand.await?;
        }
        ensure!(flag.load(Relaxed) == 0, "all round");
        Ok(())
    })
    .assert_clean();
}

#[test]
fn another_thread_unparks_whom_it_means() {
    let (to_one, one) = mpsc::channel(1);
    let (begins, begun) = std_mpsc::channel();
    let (is_done, done) = std_mpsc::channel();
    let other_thread = thread::spawn(move || {
        begun.recv().unwrap();
        to_one.blocking_send(7).unwrap();
        is_done.send(()).unwrap();
    });
    let ends = Arc::new(std::sync::Mutex::new(Some((one, begins, done))));
    let run = move |_: World| {
        let (mut one, begins, done) = ends.lock().unwrap().take().expect("one run");
        async move {
            let (to_other, mut other) = mpsc::channel(1);
            let one = spawn_blocking(move || one.blocking_recv());
            let other = spawn_blocking(move || other.blocking_recv());
            sleep(SECOND).await;
            begins.send(())?;
            // Real time passes: it is not where it may block.
            done.recv()?;
            ensure!(one.await? == Some(7), "by the thread");
            sleep(SECOND).await;
            to_other.send(8).await?;
            ensure!(other.await? == Some(8), "by the world");
            Ok(())
        }
    };
    run_calm("another thread", run).assert_clean();
    other_thread.join().unwrap();
}

/// The order in which two go on that one turn unparks. A thread's futex may be woken after the first has parked.
fn who_goes_on_first(seed: u64, is_other_woken: bool) -> Vec<u32> {
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let goes_on = order.clone();
    let report = run_case(&Case::of_seed("first", seed), move |_: World| {
        let order = goes_on.clone();
        async move {
            let waits = |id| {
                let (sender, receiver) = oneshot::channel::<()>();
                let order = order.clone();
                let work = spawn_blocking(move || {
                    receiver.blocking_recv().unwrap();
                    order.lock().unwrap().push(id);
                });
                (sender, work)
            };
            let (to_one, one) = waits(1);
            sleep(SECOND).await;
            if is_other_woken {
                let address = AtomicU32::new(0);
                // SAFETY: `FUTEX_WAKE` writes nothing.
                unsafe { libc::syscall(libc::SYS_futex, address.as_ptr(), libc::FUTEX_WAKE, 1) };
            }
            let (to_other, other) = waits(2);
            sleep(SECOND).await;
            to_one.send(()).unwrap();
            to_other.send(()).unwrap();
            one.await?;
            other.await?;
            Ok(())
        }
    });
    report.assert_clean();
    std::mem::take(&mut *order.lock().unwrap())
}

#[test]
fn what_other_threads_do_changes_no_order() {
    for seed in 0..50 {
        assert_eq!(who_goes_on_first(seed, false), who_goes_on_first(seed, true), "seed {seed}");
    }
}

/// Which of `BLOCKERS` had the lock when, in seconds.
fn who_locks(seed: u64) -> Vec<(u32, u64)> {
    const BLOCKERS: u32 = 8;
    let story = Arc::new(std::sync::Mutex::new(Vec::new()));
    let tells = story.clone();
    let report = run_case(&Case::of_seed("locks", seed), move |world: World| {
        let story = tells.clone();
        async move {
            let lock = Arc::new(Mutex::new(()));
            let blockers: Vec<_> = (0..BLOCKERS)
                .map(|id| {
                    let (lock, story) = (lock.clone(), story.clone());
                    spawn_blocking(move || {
                        for _ in 0..3 {
                            let _held = lock.blocking_lock();
                            story.lock().unwrap().push((id, world.now().as_nanos() / 1_000_000_000));
                            thread::sleep(SECOND);
                        }
                    })
                })
                .collect();
            for blocker in blockers {
                blocker.await?;
            }
            Ok(())
        }
    });
    report.assert_clean();
    std::mem::take(&mut *story.lock().unwrap())
}

#[test]
fn who_goes_on_first_is_the_schedule_s_and_replays() {
    let mut stories = BTreeSet::new();
    for seed in 0..50 {
        let first = who_locks(seed);
        assert_eq!(first, who_locks(seed), "seed {seed}");
        assert!(first.len() == 24 && first.is_sorted_by(|(_, one), (_, next)| one < next), "one at a time: {first:?}");
        stories.insert(first);
    }
    assert!(stories.len() > 20, "{}", stories.len());
}

#[test]
fn outside_worlds_a_thread_parks_and_is_unparked() {
    let (sender, mut receiver) = mpsc::channel(1);
    let waits = thread::spawn(move || receiver.blocking_recv());
    thread::sleep(Duration::from_millis(5));
    sender.blocking_send(7).unwrap();
    assert_eq!(waits.join().unwrap(), Some(7));
}
