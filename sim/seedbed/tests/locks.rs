//! Code that waits for std's locks and condition variables: its turn stands still and others go on.
#![cfg(all(not(real_side), target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#![expect(clippy::disallowed_methods, reason = "it is about std's locks, threads and clock")]
#![expect(clippy::await_holding_lock, reason = "to see what comes of it")]

use seedbed::{
    Case, FindingKind, World, ensure, run_calm, run_case, sweep,
    task::{block_in_place, spawn, spawn_blocking, spawn_local},
    time::{Duration, Instant, sleep},
};
use std::{
    collections::{BTreeSet, VecDeque},
    mem,
    sync::{
        Arc, Barrier, Condvar, Mutex, OnceLock, RwLock,
        atomic::{AtomicU32, Ordering::Relaxed},
        mpsc,
    },
    thread,
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const SECOND: Duration = Duration::from_secs(1);

fn seconds(now: Instant) -> u64 {
    now.as_nanos() / 1_000_000_000
}

/// Which of eight had the lock when, in seconds, three times each.
fn who_locks(seed: u64) -> Vec<(u32, u64)> {
    let story = Arc::new(Mutex::new(Vec::new()));
    let tells = story.clone();
    let report = run_case(&Case::of_seed("locks", seed), move |_: World| {
        let story = tells.clone();
        async move {
            let blockers: Vec<_> = (0..8)
                .map(|id| {
                    let story = story.clone();
                    spawn_blocking(move || {
                        for _ in 0..3 {
                            let mut story = story.lock().unwrap();
                            story.push((id, seconds(Instant::now())));
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
    mem::take(&mut *story.lock().unwrap())
}

#[test]
fn a_lock_that_is_held_over_a_sleep_goes_from_one_to_the_next_and_that_replays() {
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
fn async_code_waits_for_blocking_code_s_lock_and_others_go_on() {
    sweep("async", 0..50, |_: World| async {
        let lock = Arc::new(Mutex::new(0));
        let held = lock.clone();
        let blocking = spawn_blocking(move || {
            let mut held = held.lock().unwrap();
            thread::sleep(SECOND * 3);
            *held = 7;
        });
        sleep(SECOND).await;
        let ticks = spawn(async {
            sleep(SECOND).await;
            seconds(Instant::now())
        });
        ensure!(*lock.lock().unwrap() == 7, "after it");
        ensure!(seconds(Instant::now()) == 3, "{:?}", Instant::now());
        ensure!(ticks.await? == 2, "meanwhile");
        // Async as before: it may not block by tokio's own.
        let refused = std::panic::catch_unwind(|| tokio::sync::Mutex::new(()).blocking_lock().to_owned());
        ensure!(refused.is_err(), "it may not");
        sleep(SECOND).await;
        blocking.await?;
        Ok(())
    })
    .assert_clean();
}

#[test]
fn a_queue_with_a_condition_variable() {
    type Queue = (Mutex<VecDeque<u32>>, Condvar);
    fn take(queue: &Queue) -> u32 {
        let mut items = queue.0.lock().unwrap();
        loop {
            match items.pop_front() {
                Some(item) => return item,
                None => items = queue.1.wait(items).unwrap(),
            }
        }
    }
    sweep("queue", 0..50, |_: World| async {
        let queue = Arc::new(Queue::default());
        let takers: Vec<_> = (0..4)
            .map(|_| {
                let queue = queue.clone();
                spawn_blocking(move || (0..5).map(|_| take(&queue)).sum::<u32>())
            })
            .collect();
        for item in 0..20 {
            if item % 3 == 0 {
                sleep(SECOND).await;
            }
            queue.0.lock().unwrap().push_back(item);
            queue.1.notify_one();
        }
        let mut sum = 0;
        for taker in takers {
            sum += taker.await?;
        }
        ensure!(sum == 190, "each once: {sum}");
        Ok(())
    })
    .assert_clean();
}

#[test]
fn who_is_notified_is_one_or_all() {
    sweep("notified", 0..50, |_: World| async {
        let pair = Arc::new((Mutex::new(0), Condvar::new()));
        for _ in 0..5 {
            let pair = pair.clone();
            drop(spawn_blocking(move || {
                let waits = pair.0.lock().unwrap();
                *pair.1.wait(waits).unwrap() += 1;
            }));
        }
        sleep(SECOND).await;
        pair.1.notify_one();
        sleep(SECOND).await;
        ensure!(*pair.0.lock().unwrap() == 1, "one");
        pair.1.notify_all();
        sleep(SECOND).await;
        ensure!(*pair.0.lock().unwrap() == 5, "all");
        Ok(())
    })
    .assert_clean();
}

#[test]
fn a_wait_ends_at_its_time_or_before() {
    /// In seconds, whatever moment the schedule held somebody back.
    fn took(began: std::time::Instant) -> u64 {
        (began.elapsed() + SECOND / 2).as_secs()
    }
    sweep("timed", 0..50, |_: World| async {
        let pair = Arc::new((Mutex::new(false), Condvar::new()));
        let theirs = pair.clone();
        let waits = spawn_blocking(move || {
            let (lock, changed) = &*theirs;
            let began = std::time::Instant::now();
            let (is_set, end) = changed.wait_timeout(lock.lock().unwrap(), SECOND * 2).unwrap();
            assert!(end.timed_out() && !*is_set && took(began) == 2, "{:?}", began.elapsed());
            let (is_set, end) = changed.wait_timeout_while(is_set, SECOND * 60, |is_set| !*is_set).unwrap();
            assert!(!end.timed_out() && *is_set && took(began) == 5, "{:?}", began.elapsed());
        });
        sleep(SECOND * 5).await;
        *pair.0.lock().unwrap() = true;
        pair.1.notify_all();
        waits.await?;
        ensure!(seconds(Instant::now()) == 5, "{:?}", Instant::now());
        Ok(())
    })
    .assert_clean();
}

#[test]
fn readers_writers_and_who_comes_first() {
    sweep("others", 0..50, |_: World| async {
        let lock = Arc::new(RwLock::new(0));
        let once = Arc::new(OnceLock::new());
        let barrier = Arc::new(Barrier::new(6));
        let work: Vec<_> = (0..6)
            .map(|id| {
                let (lock, once, barrier) = (lock.clone(), once.clone(), barrier.clone());
                spawn_blocking(move || {
                    let first = *once.get_or_init(|| {
                        thread::sleep(SECOND);
                        id
                    });
                    barrier.wait();
                    if id % 2 == 0 {
                        let mut written = lock.write().unwrap();
                        thread::sleep(SECOND);
                        *written += 1;
                    } else {
                        let read = lock.read().unwrap();
                        let before = *read;
                        thread::sleep(SECOND);
                        assert_eq!(*read, before);
                    }
                    first
                })
            })
            .collect();
        let mut first = BTreeSet::new();
        for each in work {
            first.insert(each.await?);
        }
        ensure!(first.len() == 1 && *lock.read().unwrap() == 3, "{first:?}");
        // The readers at once or apart, between the three that write.
        ensure!((5..=7).contains(&seconds(Instant::now())), "{:?}", Instant::now());
        Ok(())
    })
    .assert_clean();
}

#[test]
fn two_that_wait_for_each_other_are_a_stall_that_names_where() {
    let report = run_calm("deadlock", |_: World| async {
        let [one, other] = [(); 2].map(|()| Arc::new(Mutex::new(())));
        let locks = |first: &Arc<Mutex<()>>, then: &Arc<Mutex<()>>| {
            let (first, then) = (first.clone(), then.clone());
            spawn_blocking(move || {
                let _first = first.lock().unwrap();
                thread::sleep(SECOND);
                let _then = then.lock().unwrap();
            })
        };
        let both = [locks(&one, &other), locks(&other, &one)];
        for each in both {
            each.await?;
        }
        Ok(())
    });
    let finding = &report.findings[0].finding;
    assert_eq!(finding.kind, FindingKind::Stall, "{finding}");
    let told = finding.to_string();
    println!("{told}");
    assert!(told.matches("waits for a lock or a condition variable of std").count() == 2, "{told}");
    assert!(told.matches("locks.rs").count() >= 2, "{told}");
}

#[test]
fn a_killed_process_waits_no_more() {
    static WENT_ON: AtomicU32 = AtomicU32::new(0);
    sweep("killed", 0..50, |world: World| async move {
        let lock = Arc::new(Mutex::new(0));
        let node = world.new_node();
        let theirs = lock.clone();
        drop(node.spawn("waits", async move {
            block_in_place(|| *theirs.lock().unwrap() += 1);
            WENT_ON.fetch_add(1, Relaxed);
        }));
        let held = lock.lock().unwrap();
        sleep(SECOND).await;
        node.kill();
        sleep(SECOND).await;
        drop(held);
        sleep(SECOND).await;
        ensure!(*lock.lock().unwrap() == 0, "it is dead");
        Ok(())
    })
    .assert_clean();
    assert_eq!(WENT_ON.load(Relaxed), 0, "nor after the world's end");
}

#[test]
fn who_waits_at_the_world_s_end_has_what_is_given_back_and_else_ends_too() {
    let ended = Arc::new(Mutex::new([0; 3]));
    let counts = ended.clone();
    sweep("end", 0..50, move |_: World| {
        let ended = counts.clone();
        async move {
            let pair = Arc::new((Mutex::new(()), Condvar::new()));
            let (held, waits) = (pair.clone(), [(); 3].map(|()| (pair.clone(), ended.clone())));
            drop(spawn_local(async move {
                let _held = held.0.lock().unwrap();
                sleep(SECOND * 100).await;
            }));
            sleep(SECOND).await;
            let [locks, for_ever, timed] = waits;
            drop(spawn_blocking(move || {
                drop(locks.0.0.lock().unwrap());
                locks.1.lock().unwrap()[0] += 1;
            }));
            drop(spawn_blocking(move || {
                let own = Mutex::new(());
                let _never = for_ever.0.1.wait_while(own.lock().unwrap(), |()| true);
                for_ever.1.lock().unwrap()[1] += 1;
            }));
            drop(spawn_blocking(move || {
                let own = Mutex::new(());
                // Ended by the world's end first, and then by its time.
                let ends = [(); 2].map(|()| Condvar::new().wait_timeout(own.lock().unwrap(), SECOND * 100).unwrap().1);
                timed.1.lock().unwrap()[2] += ends.map(|end| u32::from(end.timed_out()))[1];
            }));
            sleep(SECOND * 10).await;
            Ok(())
        }
    })
    .assert_clean();
    assert_eq!(*ended.lock().unwrap(), [50, 0, 50]);
}

/// Turns and order of five that lock at once, while another thread may have the lock at first, for some real time.
fn beside_a_thread(seed: u64, holds: Duration) -> Vec<u32> {
    let lock = Arc::new(Mutex::new(Vec::new()));
    let (begins, begun) = mpsc::channel();
    let (has, had) = mpsc::channel();
    let theirs = lock.clone();
    let thread = thread::spawn(move || {
        begun.recv().unwrap();
        let held = theirs.lock().unwrap();
        has.send(()).unwrap();
        thread::sleep(holds);
        drop(held);
    });
    let ends = Arc::new(Mutex::new(Some((begins, had))));
    let locks = lock.clone();
    let report = run_case(&Case::of_seed("beside", seed), move |_: World| {
        let (begins, had) = ends.lock().unwrap().take().expect("one run");
        let lock = locks.clone();
        async move {
            begins.send(())?;
            had.recv()?;
            let all: Vec<_> = (0..5)
                .map(|id| {
                    let lock = lock.clone();
                    spawn_blocking(move || lock.lock().unwrap().push(id))
                })
                .collect();
            for each in all {
                each.await?;
            }
            Ok(())
        }
    });
    report.assert_clean();
    thread.join().unwrap();
    mem::take(&mut *lock.lock().unwrap())
}

#[test]
fn a_lock_that_another_thread_has_is_waited_for_in_real_time() {
    for seed in 0..5 {
        let calm = beside_a_thread(seed, Duration::ZERO);
        assert_eq!(calm, beside_a_thread(seed, Duration::from_millis(100)), "seed {seed}");
    }
}
