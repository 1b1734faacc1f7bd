//! Destructors run in their world, at the end of a run too, and a killed node's not before the run is judged.
#![cfg(not(real_side))]

use futures::FutureExt;
use seedbed::{
    Case, FindingKind, Report, World, ensure, run_calm, run_case, sweep,
    task::{self, AbortHandle, JoinHandle, spawn},
    time::{Duration, Instant, sleep},
};
use std::{
    future::{Future, pending},
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    pin::Pin,
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
};
use tokio::sync::{Notify, mpsc};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A case without a seed in which one decision is listed.
fn listing(decision: &str) -> Case {
    let mut case = Case { seed: None, ..Case::of_seed("destructors", 0) };
    case.decisions.insert(decision.into(), 1);
    case
}

fn in_madsim() -> Case {
    Case { strategy: Some("madsim".into()), ..Case::of_seed("destructors", 1) }
}

#[test]
fn a_killed_nodes_guard_may_spawn_what_measures_its_time() {
    sweep("killed", 0..3, |world: World| async move {
        let node = world.new_node();
        node.spawn("server", async {
            let _guard = OnDrop(|| {
                spawn(async {
                    let started = Instant::now();
                    let _measured = OnDrop(move || assert!(started.elapsed() < Duration::from_secs(60)));
                    pending::<()>().await;
                });
            });
            pending::<()>().await;
        });
        sleep(Duration::from_secs(5)).await;
        node.kill();
        Ok(())
    })
    .assert_clean();
}

#[test]
fn a_task_that_killed_its_own_node_and_is_cancelled_runs_no_destructor() {
    static DROPS: AtomicU64 = AtomicU64::new(0);
    run_case(&listing("drop.waiting / server / 1"), |world: World| async move {
        let node = world.new_node();
        let served = node.spawn("server", async move {
            let _guard = OnDrop(|| _ = DROPS.fetch_add(1, Relaxed));
            node.kill();
            pending::<()>().await;
        });
        world.may_cancel([&served]);
        sleep(Duration::from_secs(5)).await;
        ensure!(DROPS.load(Relaxed) == 0, "a destructor of a killed node ran");
        Ok(())
    })
    .assert_clean();
}

#[test]
fn at_the_end_destructors_know_their_task() {
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    run_calm("end", |_| async {
        spawn(async {
            // Both panicked, once, and the second during the first one's unwinding.
            let own = task::id();
            let say = move || SAID.lock().unwrap().push(format!("{}", task::id() == own));
            let (_one, _two) = (OnDrop(say), OnDrop(say));
            pending::<()>().await;
        });
        sleep(Duration::from_secs(1)).await;
        Ok(())
    })
    .assert_clean();
    assert_eq!(*SAID.lock().unwrap(), ["true", "true"]);
}

/// Each destructor's successor is spawned by it.
struct Chain(u64, &'static AtomicU64);

impl Drop for Chain {
    fn drop(&mut self) {
        self.1.fetch_add(1, Relaxed);
        if self.0 > 0 {
            let next = Self(self.0 - 1, self.1);
            spawn(async move {
                let _next = next;
                pending::<()>().await;
            });
        }
    }
}

fn chain_of(length: u64, drops: &'static AtomicU64) {
    run_calm("chain", move |_| async move {
        spawn(async move {
            let _chain = Chain(length, drops);
            pending::<()>().await;
        });
        sleep(Duration::from_secs(1)).await;
        Ok(())
    })
    .assert_clean();
}

#[test]
fn destructors_that_spawn_end_with_the_run_or_are_forgotten() {
    static SHORT: AtomicU64 = AtomicU64::new(0);
    static ENDLESS: AtomicU64 = AtomicU64::new(0);
    chain_of(20, &SHORT);
    assert_eq!(SHORT.load(Relaxed), 21);
    chain_of(u64::MAX, &ENDLESS);
    assert!(ENDLESS.load(Relaxed) < 1_000, "bounded, and none outside the world");
}

/// The budget is the running task's: the destructor of another, which it or the world drops, has its own.
fn a_message_waits_for_the_destructor(case: &Case) -> Report {
    run_case(case, |world: World| async move {
        let (told, tell) = (Rc::new(Notify::new()), Rc::new(AtomicU64::new(0)));
        let (woken, seen) = (told.clone(), tell.clone());
        let (send, mut receive) = mpsc::unbounded_channel::<u8>();
        let reader = world.spawn("reader", async move {
            let _guard = OnDrop(move || {
                seen.store(1 + u64::from(receive.recv().now_or_never().is_some()), Relaxed);
            });
            woken.notified().await;
        });
        world.may_cancel([&reader]);
        sleep(Duration::from_secs(1)).await;
        send.send(1)?;
        world.spawn("spender", async move {
            told.notify_one();
            for _ in 0..200 {
                tokio::task::consume_budget().await;
            }
        });
        sleep(Duration::from_secs(1)).await;
        ensure!(tell.load(Relaxed) == 2, "there was a message, and the destructor saw {}", tell.load(Relaxed));
        Ok(())
    })
}

#[test]
fn a_destructor_has_a_budget_of_its_own() {
    for way in ["drop.woken", "abort.woken"] {
        a_message_waits_for_the_destructor(&listing(&format!("{way} / reader / 1"))).assert_clean();
    }
}

struct Injected;

impl Drop for Injected {
    fn drop(&mut self) {
        seedbed::inject_panic("as asked");
    }
}

#[test]
fn an_injected_panic_in_a_result_nobody_takes_is_no_finding() {
    run_calm("unwanted", |_| async {
        drop(spawn(async { Injected }));
        sleep(Duration::from_secs(1)).await;
        let late = spawn(async { Injected });
        sleep(Duration::from_secs(1)).await;
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(late)));
        ensure!(dropped.is_ok(), "dropping a handle panicked");
        Ok(())
    })
    .assert_clean();
}

struct Broken(&'static str);

impl Drop for Broken {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

#[test]
fn a_result_that_panics_while_its_handle_unwinds_is_not_the_end_of_the_process() {
    let report = run_calm("unwinding", |_| async {
        let held = spawn(async { Broken("closing failed") });
        sleep(Duration::from_secs(1)).await;
        let _held = held;
        ensure!(false, "the bug that is looked for");
        Ok(())
    });
    assert!(!report.findings.is_empty());
    let report = run_calm("unwinding", |_| async {
        let held = spawn(async { Broken("closing failed") });
        sleep(Duration::from_secs(1)).await;
        let _held = held;
        panic!("the bug that is looked for");
    });
    assert!(report.to_string().contains("the bug that is looked for"), "{report}");
}

/// Ends at once with what panics when dropped, and panics when dropped itself.
struct Both;

impl Drop for Both {
    fn drop(&mut self) {
        panic!("of the future");
    }
}

impl Future for Both {
    type Output = Broken;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Broken> {
        Poll::Ready(Broken("of the output"))
    }
}

#[test]
fn a_future_and_its_output_may_both_panic_when_dropped() {
    let body = |_: World| async {
        let _ = spawn(Both).await;
        Ok(())
    };
    for report in [run_calm("both", body), run_case(&in_madsim(), body)] {
        assert_eq!(report.findings.len(), 1, "{report}");
        let finding = &report.findings[0].finding;
        assert_eq!((finding.kind, finding.message.contains("of the future")), (FindingKind::Panic, true), "{report}");
    }
}

#[test]
fn a_task_has_finished_when_its_result_is_dropped() {
    run_calm("finished", |_| async {
        let own: Arc<Mutex<Option<AbortHandle>>> = Arc::default();
        let seen = Arc::new(AtomicU64::new(0));
        let (asked, saw) = (own.clone(), seen.clone());
        let look = move || {
            let finished = asked.lock().unwrap().as_ref().is_some_and(AbortHandle::is_finished);
            saw.store(1 + u64::from(finished), Relaxed);
        };
        let task = spawn(async move { OnDrop(look) });
        *own.lock().unwrap() = Some(task.abort_handle());
        drop::<JoinHandle<_>>(task);
        sleep(Duration::from_secs(1)).await;
        ensure!(seen.load(Relaxed) == 2);
        Ok(())
    })
    .assert_clean();
}

#[test]
fn a_panic_without_a_text_says_so() {
    let report = run_calm("textless", |_| async {
        let error = spawn(async { panic_any(41_u32) }).await.map(|(): ()| ()).unwrap_err();
        ensure!(false, "{error}");
        Ok(())
    });
    let message = &report.findings[0].finding.message;
    assert!(message.contains("panicked"), "{message}");
}
