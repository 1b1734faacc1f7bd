//! What becomes of a turn that stands still, because it blocks on a future, when other things happen to its task, its process
//! or its world.
#![cfg(not(real_side))]

use seedbed::{
    Case, FindingKind, Report, World, ensure, run_calm, run_case,
    runtime::{Builder, Handle, Runtime},
    sweep,
    task::{LocalSet, block_in_place, spawn, spawn_blocking, spawn_local, yield_now},
    time::{Duration, Instant, sleep},
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    future::{Future, pending},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};
use tokio::sync::{Notify, oneshot};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const SECOND: Duration = Duration::from_secs(1);

fn here<F: Future>(future: F) -> F::Output {
    Handle::current().block_on(future)
}

struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

fn finding(report: &Report) -> &seedbed::Finding {
    assert_eq!(report.findings.len(), 1, "{report}");
    &report.findings[0].finding
}

/// The line of this file that says `text`, from 1.
fn line_of(text: &str) -> usize {
    let line = include_str!("blocking.rs").lines().position(|line| line.contains(text) && !line.contains("line_of"));
    line.expect("the text is there") + 1
}

/// Blocks in turns of two kinds, and may be cancelled; what happened when, in nanoseconds.
async fn storm(world: World) -> Vec<(u32, u64)> {
    let told = Rc::new(RefCell::new(Vec::new()));
    let work = world.spawn_each("blocks", 0..6_u32, |nth| {
        let (told, world) = (told.clone(), world);
        async move {
            let nap = Duration::from_millis(u64::from(nth % 3));
            if nth.is_multiple_of(2) {
                block_in_place(|| here(sleep(nap)));
            } else {
                let work = spawn_blocking(move || {
                    here(async {
                        sleep(nap).await;
                        yield_now().await;
                    });
                });
                work.await.unwrap();
            }
            told.borrow_mut().push((nth, world.now().as_nanos()));
        }
    });
    world.may_cancel(&work);
    world.settle().await;
    told.take()
}

#[test]
fn what_blocks_replays() {
    let mut stories = BTreeSet::new();
    for seed in 0..50 {
        let run = || {
            let story = Arc::new(Mutex::new(Vec::new()));
            let report = run_case(&Case::of_seed("storm", seed), |world: World| {
                let story = story.clone();
                async move {
                    let happened = storm(world).await;
                    story.lock().unwrap().extend(happened);
                    Ok(())
                }
            });
            report.assert_clean();
            std::mem::take(&mut *story.lock().unwrap())
        };
        let first = run();
        assert_eq!(first, run(), "seed {seed}");
        stories.insert(first);
    }
    assert!(stories.len() > 20, "{}", stories.len());
}

#[test]
fn a_killed_process_goes_on_nowhere() {
    sweep("killed", 0..50, |world: World| async move {
        let (node, story) = (world.new_node(), Rc::new(RefCell::new(Vec::new())));
        let says = |word: &'static str| {
            let story = story.clone();
            move || story.borrow_mut().push(word)
        };
        let (dropped, after, inside) = (OnDrop(says("dropped")), says("after"), says("inside"));
        let in_place = node.spawn("in place", async move {
            let _dropped = dropped;
            block_in_place(|| here(sleep(5 * SECOND)));
            after();
        });
        let on_guest = node.spawn("in what it blocks on", async move {
            block_in_place(|| {
                here(async {
                    let _inside = OnDrop(inside);
                    sleep(5 * SECOND).await;
                });
            });
        });
        let elsewhere = spawn(async { block_in_place(|| here(sleep(5 * SECOND))) });
        sleep(SECOND).await;
        node.kill();
        ensure!(in_place.await.unwrap_err().is_cancelled() && on_guest.await.unwrap_err().is_cancelled());
        elsewhere.await.unwrap();
        sleep(10 * SECOND).await;
        ensure!(story.borrow().is_empty(), "{:?}", story.borrow());
        Ok(())
    })
    .assert_clean();
}

#[test]
fn its_destructors_run_when_the_world_ends() {
    static DROPS: AtomicU32 = AtomicU32::new(0);
    let guard = || OnDrop(|| _ = DROPS.fetch_add(1, Relaxed));
    run_calm("ends", move |world: World| async move {
        let node = world.new_node();
        for _ in 0..2 {
            let (in_turn, on_stack, in_guest) = (guard(), guard(), guard());
            node.spawn("blocks", async move {
                let _in_turn = in_turn;
                block_in_place(move || {
                    let _on_stack = on_stack;
                    here(async move {
                        let _in_guest = in_guest;
                        pending::<()>().await;
                    });
                });
            });
        }
        let on_stack = guard();
        drop(spawn_blocking(move || {
            let _on_stack = on_stack;
            here(pending::<()>());
        }));
        sleep(SECOND).await;
        node.kill();
        ensure!(DROPS.load(Relaxed) == 0);
        Ok(())
    })
    .assert_clean();
    assert_eq!(DROPS.load(Relaxed), 7);
}

#[test]
fn a_process_that_kills_itself_and_blocks_is_dead() {
    sweep("suicide", 0..50, |world: World| async move {
        let after = Rc::new(Cell::new(false));
        for where_it_kills in 0..2 {
            let (node, after) = (world.new_node(), after.clone());
            let own = node;
            let dies = node.spawn("dies", async move {
                block_in_place(|| {
                    if where_it_kills == 0 {
                        own.kill();
                    }
                    here(async {
                        own.kill();
                    });
                    after.set(true);
                });
            });
            ensure!(dies.await.unwrap_err().is_cancelled());
        }
        sleep(SECOND).await;
        ensure!(!after.get(), "it went on after its death");
        Ok(())
    })
    .assert_clean();
}

#[test]
fn a_power_loss_takes_what_blocks() {
    run_calm("power", |world: World| async move {
        let machine = world.machine_named("store");
        let blocks = machine.node().spawn("blocks", async { block_in_place(|| here(sleep(5 * SECOND))) });
        sleep(SECOND).await;
        machine.lose_power();
        ensure!(blocks.await.unwrap_err().is_cancelled());
        Ok(())
    })
    .assert_clean();
}

#[test]
fn who_blocks_for_ever_is_told_with_the_line() {
    let report = run_calm("stuck", |world: World| async move {
        world.spawn("waits", async {
            let (_sender, receiver) = oneshot::channel::<()>();
            block_in_place(|| {
                here(async {
                    let _ = receiver.await; // It waits here.
                });
            });
        });
        world.settle().await;
        Ok(())
    });
    let finding = finding(&report);
    assert_eq!((finding.kind, &*finding.check), (FindingKind::Stall, "deadlock"), "{finding}");
    assert_eq!(finding.stuck.len(), 1, "{finding}");
    assert_eq!(finding.stuck[0].name, "waits/block_on");
    let line = format!("blocking.rs:{}", line_of("// It waits here."));
    assert!(finding.stuck[0].awaits.iter().any(|frame| frame.contains(&line)), "{line}: {:?}", finding.stuck[0].awaits);
}

#[test]
fn a_panic_of_what_is_blocked_on_is_the_tasks() {
    let report = run_calm("panics", |_: World| async {
        let task = spawn(async {
            block_in_place(|| {
                here(async {
                    sleep(SECOND).await;
                    panic!("planned"); // It panics here.
                });
            });
        });
        let _ = task.await;
        Ok(())
    });
    let finding = finding(&report);
    assert_eq!(finding.kind, FindingKind::Panic);
    let line = format!("blocking.rs:{}", line_of("// It panics here."));
    assert!(finding.to_string().contains(&line) && finding.message.contains("planned"), "{finding}");
}

#[test]
fn a_world_that_has_found_something_ends_while_others_block() {
    let report = run_calm("found", |world: World| async move {
        world.spawn("blocks", async { block_in_place(|| here(sleep(5 * SECOND))) });
        drop(spawn_blocking(|| here(pending::<()>())));
        sleep(SECOND).await;
        ensure!(false, "planned");
        Ok(())
    });
    assert_eq!(finding(&report).kind, FindingKind::Violation);
}

/// A panic during its unwinding would end the process.
#[test]
fn a_destructor_that_would_block_when_the_world_is_over_does_not() {
    static BEGAN: AtomicU32 = AtomicU32::new(0);
    let cleans = || {
        OnDrop(|| {
            BEGAN.fetch_add(1, Relaxed);
            block_in_place(|| here(sleep(SECOND)));
        })
    };
    run_calm("over", move |_: World| async move {
        let (waits, unwinds) = (cleans(), cleans());
        spawn(async move {
            let _waits = waits;
            pending::<()>().await;
        });
        spawn(async move {
            let _unwinds = unwinds;
            block_in_place(|| here(pending::<()>()));
        });
        sleep(SECOND).await;
        Ok(())
    })
    .assert_clean();
    assert_eq!(BEGAN.load(Relaxed), 2);
}

#[test]
fn a_turn_that_panics_may_block_in_its_destructors() {
    static CLEAN: AtomicU32 = AtomicU32::new(0);
    let report = run_calm("unwinds", |_: World| async {
        let task = spawn(async {
            let _cleans = OnDrop(|| {
                block_in_place(|| here(sleep(SECOND)));
                CLEAN.fetch_add(1, Relaxed);
            });
            panic!("planned"); // It unwinds from here.
        });
        let _ = task.await;
        Ok(())
    });
    let line = format!("blocking.rs:{}", line_of("// It unwinds from here."));
    assert!(finding(&report).to_string().contains(&line), "{report}");
    assert!(CLEAN.load(Relaxed) > 0);
    assert!(!std::thread::panicking());
}

fn said(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("it panics");
    payload.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn where_no_turn_can_stand_still_it_is_said() {
    let report = run_calm("rule", |world: World| async move {
        world.always("blocks", || {
            block_in_place(|| here(sleep(SECOND)));
            Ok(())
        });
        sleep(SECOND).await;
        Ok(())
    });
    assert!(finding(&report).message.contains("what is no task's turn"), "{report}");

    let case = Case { strategy: Some("madsim".into()), ..Case::of_seed("rides", 1) };
    let report = run_case(&case, |_: World| async {
        block_in_place(|| here(sleep(SECOND)));
        Ok(())
    });
    assert!(finding(&report).message.contains("strategy `madsim`"), "{report}");

    run_calm("begins", |_: World| {
        let said = said(|| block_in_place(|| here(sleep(SECOND))));
        async move {
            ensure!(said.contains("a task cannot block"), "{said}");
            Ok(())
        }
    })
    .assert_clean();
}

#[test]
fn a_task_that_is_dropped_where_it_stands_cannot_block_in_its_destructors() {
    let mut case = Case { seed: None, ..Case::of_seed("dropped", 0) };
    case.decisions.insert("drop.waiting / waits / 1".into(), 1);
    let report = run_case(&case, |world: World| async move {
        let waits = world.spawn("waits", async {
            let _cleans = OnDrop(|| block_in_place(|| here(sleep(SECOND))));
            sleep(5 * SECOND).await;
        });
        world.may_cancel([&waits]);
        let _ = waits.await;
        Ok(())
    });
    assert!(finding(&report).message.contains("where its future is dropped"), "{report}");
}

#[test]
fn what_blocks_keeps_its_turn_and_others_have_theirs() {
    run_calm("turns", |_: World| async {
        let (go, steps) = (Rc::new(Notify::new()), Rc::new(Cell::new(0)));
        let others = spawn_local({
            let (go, steps) = (go.clone(), steps.clone());
            async move {
                for _ in 0..1_000 {
                    steps.set(steps.get() + 1);
                    yield_now().await;
                }
                go.notify_one();
            }
        });
        let began = Instant::now();
        block_in_place(|| here(go.notified()));
        ensure!(steps.get() == 1_000 && began.elapsed() == Duration::ZERO);
        others.await.unwrap();
        Ok(())
    })
    .assert_clean();
}

#[test]
fn plain_code_ends_its_world_while_a_turn_blocks() {
    static DROPS: AtomicU32 = AtomicU32::new(0);
    let runtime = Runtime::new().unwrap();
    let blocks = runtime.spawn_blocking(|| {
        let _dropped = OnDrop(|| _ = DROPS.fetch_add(1, Relaxed));
        here(pending::<()>());
    });
    runtime.block_on(async { sleep(SECOND).await });
    assert_eq!(DROPS.load(Relaxed), 0);
    drop(runtime);
    assert_eq!(DROPS.load(Relaxed), 1);
    let next = Builder::new_current_thread().enable_all().build().unwrap();
    assert!(next.block_on(blocks).unwrap_err().is_cancelled());
    assert!(next.block_on(async { spawn_blocking(|| here(async { true })).await.unwrap() }));
}

#[test]
fn what_a_turn_finds_while_plain_code_blocks_in_place_is_told() {
    let runtime = Runtime::new().unwrap();
    let told = said(|| {
        runtime.block_on(async {
            spawn(async {
                sleep(SECOND).await;
                panic!("planned");
            });
            block_in_place(|| here(sleep(5 * SECOND)));
        });
    });
    assert!(told.contains("FAILED") && told.contains("planned"), "{told}");
}

/// It is no panic of the turn that stands still, whose guards would be dropped with the thread's state being another's.
#[test]
fn a_rule_that_panics_while_a_turn_halts_is_the_rules() {
    for in_guest in [false, true] {
        let report = run_calm("rule", move |world: World| async move {
            let is_bad = Rc::new(Cell::new(false));
            let judged = is_bad.clone();
            world.always("sane", move || {
                assert!(!judged.get(), "the rule panics");
                Ok(())
            });
            world.spawn("blocks", async move {
                block_in_place(|| {
                    is_bad.set(!in_guest);
                    here(async {
                        is_bad.set(true);
                        sleep(SECOND).await;
                    });
                });
            });
            world.settle().await;
            Ok(())
        });
        let finding = finding(&report);
        assert!(finding.message.contains("the rule panics") && finding.message.contains("a rule"), "{finding}");
    }
}

#[test]
fn an_injected_panic_of_what_is_blocked_on_is_no_finding() {
    run_calm("injected", |_: World| async {
        let task = spawn(async { block_in_place(|| here(async { seedbed::inject_panic("a fault") })) });
        ensure!(task.await.unwrap_err().is_panic());
        Ok(())
    })
    .assert_clean();
}

#[test]
fn a_kill_ends_what_a_handle_of_elsewhere_blocks_on() {
    run_calm("elsewhere", |world: World| async move {
        let (node, steps, handle) = (world.new_node(), Rc::new(Cell::new(0)), Handle::current());
        let counted = steps.clone();
        node.spawn("blocks", async move {
            block_in_place(|| {
                handle.block_on(async {
                    loop {
                        counted.set(counted.get() + 1);
                        sleep(SECOND).await;
                    }
                });
            });
        });
        sleep(5 * SECOND).await;
        node.kill();
        let at_death = steps.get();
        sleep(5 * SECOND).await;
        ensure!(at_death > 3 && steps.get() == at_death);
        Ok(())
    })
    .assert_clean();
}

#[test]
fn who_blocks_goes_on_when_its_runtime_is_shut() {
    run_calm("shut", |_: World| async {
        let runtime = Runtime::new().unwrap();
        let (go, done) = (Arc::new(Notify::new()), Arc::new(AtomicU32::new(0)));
        let (waits, told, handle) = (go.clone(), done.clone(), runtime.handle().clone());
        drop(runtime.spawn_blocking(move || {
            for _ in 0..3 {
                handle.block_on(waits.notified());
                told.fetch_add(1, Relaxed);
            }
        }));
        sleep(SECOND).await;
        runtime.shutdown_background();
        for nth in 1..=3 {
            go.notify_one();
            sleep(SECOND).await;
            ensure!(done.load(Relaxed) == nth);
        }
        Ok(())
    })
    .assert_clean();
}

#[test]
fn a_set_that_a_turn_has_entered_is_no_other_turns() {
    run_calm("set", |_: World| async {
        let enters = |nap: u32| {
            spawn_blocking(move || {
                let set = LocalSet::new();
                let ran = Rc::new(Cell::new(false));
                let _entered = set.enter();
                here(sleep(nap * SECOND));
                let inside = ran.clone();
                drop(spawn_local(async move { inside.set(true) }));
                here(set);
                assert!(ran.get(), "it was spawned into another set");
            })
        };
        let both = [enters(1), enters(2)];
        let ran = Rc::new(Cell::new(false));
        let outside = ran.clone();
        yield_now().await;
        spawn_local(async move { outside.set(true) }).await.unwrap();
        ensure!(ran.get());
        for work in both {
            work.await.unwrap();
        }
        Ok(())
    })
    .assert_clean();
}

/// As a loop would that does its work whatever happens.
#[test]
fn who_goes_on_for_ever_is_stopped_when_the_world_is_over() {
    run_calm("stubborn", |_: World| async {
        drop(spawn_blocking(|| {
            loop {
                let _ = catch_unwind(|| here(pending::<()>()));
            }
        }));
        sleep(SECOND).await;
        Ok(())
    })
    .assert_clean();
}
