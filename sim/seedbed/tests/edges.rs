//! A run that goes wrong at its edges is never called clean, and a run that goes right never stalls.
#![cfg(not(real_side))]

use seedbed::{
    Case, Check, FindingKind, Report, Scenario, Threads, World,
    check::{Interest, Result},
    ensure,
    history::Event,
    task::{JoinSet, spawn, yield_now},
    time::{Duration, Instant, sleep, timeout},
};
use std::{
    cell::RefCell,
    future::{Future, poll_fn, ready},
    pin::Pin,
    rc::Rc,
    sync::{Arc, Mutex},
    task::Poll,
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const SEEDS: u64 = 20;

/// Every run has one finding, of this kind, with these words in it.
fn assert_all_find(report: &Report, kind: FindingKind, words: &str) {
    assert_eq!(report.findings.len(), 1, "{report}");
    let found = &report.findings[0];
    assert_eq!((found.runs, found.finding.kind), (report.runs, kind), "{report}");
    assert!(found.finding.message.contains(words), "{report}");
}

#[test]
fn a_rule_that_panics_is_a_finding() {
    let report = seedbed::sweep("rule", 0..SEEDS, |world: World| async move {
        world.always("arithmetic", || {
            assert_eq!(1 + 1, 3, "the rule itself is wrong");
            Ok(())
        });
        sleep(Duration::from_secs(1)).await;
        Ok(())
    });
    assert_all_find(&report, FindingKind::Panic, "the rule itself is wrong");
}

struct Fragile;

impl Check for Fragile {
    fn name(&self) -> &'static str {
        "fragile"
    }

    fn interest(&self) -> Interest {
        Interest::All
    }

    fn on_event(&mut self, _: Instant, event: &Event<'_>) -> Result {
        assert!(!matches!(event, Event::ClockMoved(_)), "no clock was expected");
        Ok(())
    }
}

struct FragileAtTheEnd;

impl Check for FragileAtTheEnd {
    fn name(&self) -> &'static str {
        "fragile at the end"
    }

    fn at_end(&mut self, _: Instant) -> Result {
        panic!("no end was expected");
    }
}

fn checked_by(checks: fn(&seedbed::Params) -> Vec<Box<dyn Check>>) -> Report {
    let run: fn(World, seedbed::Params) -> seedbed::ScenarioFuture = |_, _| {
        Box::pin(async {
            sleep(Duration::from_secs(1)).await;
            Ok(())
        })
    };
    Scenario { name: "fragile", checks, run, ..Scenario::CALM }.sweep(0..SEEDS)
}

#[test]
fn a_check_that_panics_is_a_finding_midway_and_at_the_end() {
    assert_all_find(&checked_by(|_| vec![Box::new(Fragile)]), FindingKind::Panic, "no clock was expected");
    assert_all_find(&checked_by(|_| vec![Box::new(FragileAtTheEnd)]), FindingKind::Panic, "no end was expected");
}

struct Sleepy;

impl Check for Sleepy {
    fn name(&self) -> &'static str {
        "sleepy"
    }

    fn interest(&self) -> Interest {
        Interest::All
    }

    #[expect(clippy::disallowed_methods, reason = "it is what a check should not do")]
    fn on_event(&mut self, now: Instant, event: &Event<'_>) -> Result {
        std::thread::sleep(Duration::from_secs(1));
        if matches!(event, Event::Finished(_)) {
            seedbed::ensure!(now.as_nanos() < 1_500_000_000, "it is {now:?}");
        }
        Ok(())
    }
}

#[test]
fn a_check_that_sleeps_holds_nobody_up() {
    checked_by(|_| vec![Box::new(Sleepy)]).assert_clean();
}

/// Panics on the first event of all.
struct FragileAtOnce;

impl Check for FragileAtOnce {
    fn name(&self) -> &'static str {
        "fragile at once"
    }

    fn interest(&self) -> Interest {
        Interest::All
    }

    fn on_event(&mut self, _: Instant, _: &Event<'_>) -> Result {
        panic!("no event was expected");
    }
}

#[test]
fn a_check_may_panic_before_any_task_has_run() {
    assert_all_find(&checked_by(|_| vec![Box::new(FragileAtOnce)]), FindingKind::Panic, "no event was expected");
}

/// Panics on what is logged, or logs in turn.
struct OnLog {
    in_turn: bool,
}

impl Check for OnLog {
    fn name(&self) -> &'static str {
        "on log"
    }

    fn on_event(&mut self, _: Instant, event: &Event<'_>) -> Result {
        let Event::Logged(_) = event else { return Ok(()) };
        assert!(self.in_turn, "no log was expected");
        tracing::info!("seen");
        Ok(())
    }
}

fn logging(
    checks: fn(&seedbed::Params) -> Vec<Box<dyn Check>>,
    run: fn(World, seedbed::Params) -> seedbed::ScenarioFuture,
) -> Report {
    Scenario { name: "logging", checks, run, ..Scenario::CALM }.sweep(0..1)
}

#[test]
fn no_code_under_test_can_swallow_a_checks_panic() {
    let report = logging(
        |_| vec![Box::new(OnLog { in_turn: false })],
        |_, _| {
            Box::pin(async {
                let _ = std::panic::catch_unwind(|| tracing::info!("said"));
                let _ = spawn(async { tracing::info!("said again") }).await;
                Ok(())
            })
        },
    );
    assert_all_find(&report, FindingKind::Panic, "no log was expected");
    assert!(report.to_string().contains("check `on log`"), "{report}");
}

#[test]
fn a_check_that_logs_is_told_that_it_may_not() {
    let report = logging(
        |_| vec![Box::new(OnLog { in_turn: true })],
        |_, _| {
            Box::pin(async {
                tracing::info!("said");
                Ok(())
            })
        },
    );
    assert_all_find(&report, FindingKind::Panic, "must log none");
}

#[test]
fn a_scenario_that_an_injected_panic_ends_is_not_clean() {
    let report = seedbed::sweep("raised again", 0..SEEDS, |_| async {
        let mut set = JoinSet::new();
        set.spawn(async { seedbed::inject_panic("planned") });
        set.join_all().await.into_iter().for_each(|(): ()| ());
        Ok(())
    });
    assert_all_find(&report, FindingKind::Panic, "did not return");
}

#[test]
fn what_is_spawned_before_the_first_await_is_the_scenarios_child() {
    const EARLY: Scenario = Scenario {
        name: "early",
        run: |world, _| {
            let early = world.spawn("early", async { 7 });
            Box::pin(async move {
                ensure!(early.await? == 7);
                ensure!(false, "the scenario's own end counts");
                Ok(())
            })
        },
        ..Scenario::CALM
    };
    assert_all_find(&EARLY.sweep(0..SEEDS), FindingKind::Violation, "the scenario's own end counts");
}

#[test]
fn a_panic_before_the_first_await_is_a_finding() {
    let report = seedbed::sweep("early panic", 0..SEEDS, |world: World| {
        world.spawn("early", std::future::pending::<()>());
        assert!(world.now() > Instant::START, "too early");
        ready(Ok(()))
    });
    assert_all_find(&report, FindingKind::Panic, "too early");
}

#[test]
fn the_result_of_a_detached_task_is_dropped_with_its_end_and_wakes_whom_it_should() {
    seedbed::sweep("detached", 0..SEEDS, |_| async {
        let (sender, mut receiver) = tokio::sync::mpsc::channel::<()>(1);
        drop(spawn(async move {
            yield_now().await;
            spawn(std::future::pending::<()>());
            sender
        }));
        ensure!(receiver.recv().await.is_none());
        Ok(())
    })
    .assert_clean();
}

#[test]
fn a_wake_by_a_rule_is_not_lost() {
    seedbed::sweep("waking rule", 0..SEEDS, |world: World| async move {
        let bell = Arc::new(tokio::sync::Notify::new());
        let ring = bell.clone();
        world.always("rings", move || {
            ring.notify_waiters();
            Ok(())
        });
        bell.notified().await;
        Ok(())
    })
    .assert_clean();
}

#[test]
fn two_tasks_may_settle_at_once() {
    seedbed::sweep("two settle", 0..SEEDS, |world: World| async move {
        world.spawn("work", sleep(Duration::from_secs(9)));
        let other = spawn(async move { world.settle().await });
        world.settle().await;
        other.await?;
        Ok(())
    })
    .assert_clean();
}

#[test]
fn settling_beside_another_future_waits_for_all_tasks() {
    seedbed::run_calm("beside", |world: World| async move {
        let done = Rc::new(RefCell::new(false));
        let doing = done.clone();
        seedbed::task::spawn_local(async move {
            for _ in 0..5 {
                yield_now().await;
            }
            *doing.borrow_mut() = true;
        });
        let settled = async {
            world.settle().await;
            *done.borrow()
        };
        let (at_rest, ()) = futures::join!(settled, yield_now());
        ensure!(at_rest, "settled although a task can run");
        Ok(())
    })
    .assert_clean();
}

#[test]
fn work_that_follows_work_is_settled_too() {
    seedbed::sweep("follows", 0..SEEDS, |world: World| async move {
        let done = Rc::new(RefCell::new(false));
        let doing = done.clone();
        let first = world.spawn("first", sleep(Duration::from_secs(1)));
        seedbed::task::spawn_local(async move {
            let _ = first.await;
            world.spawn("second", async move {
                sleep(Duration::from_secs(1)).await;
                *doing.borrow_mut() = true;
            });
        });
        world.settle().await;
        ensure!(*done.borrow(), "settled although work is left");
        Ok(())
    })
    .assert_clean();
}

#[test]
fn a_settling_that_is_given_up_bounds_nothing() {
    seedbed::sweep("given up", 0..SEEDS, |world: World| async move {
        world.spawn("work", sleep(Duration::from_secs(3 * 3_600)));
        timeout(Duration::from_secs(7_200), world.settle()).await.unwrap_err();
        for _ in 0..12 {
            sleep(Duration::from_secs(3_600)).await;
        }
        Ok(())
    })
    .assert_clean();
}

type Lent = Rc<RefCell<Pin<Box<seedbed::time::Sleep>>>>;

/// Polls a sleep that several tasks share.
fn lent(sleep: Lent) -> impl Future<Output = ()> {
    poll_fn(move |cx| sleep.borrow_mut().as_mut().poll(cx))
}

#[test]
fn a_timer_dies_with_who_waits_for_it_not_with_who_set_it() {
    seedbed::sweep("lent sleep", 0..SEEDS, |world: World| async move {
        let shared: Lent = Rc::new(RefCell::new(Box::pin(sleep(Duration::from_secs(60)))));
        let node = world.new_node();
        let set_on_node = shared.clone();
        node.spawn("setter", async move {
            let mut first = Box::pin(lent(set_on_node));
            poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx).is_pending())).await;
            std::future::pending::<()>().await;
        });
        sleep(Duration::from_secs(10)).await;
        let waiter = world.spawn("waiter", lent(shared));
        sleep(Duration::from_secs(10)).await;
        node.kill();
        waiter.await?;
        Ok(())
    })
    .assert_clean();
}

fn respawn(left: u32) -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move {
        yield_now().await;
        if left > 0 {
            drop(seedbed::task::spawn_local(respawn(left - 1)));
        } else {
            std::future::pending::<()>().await;
        }
    })
}

#[test]
fn a_long_chain_of_tasks_neither_overflows_the_stack_nor_fills_memory() {
    seedbed::run_calm("chain", |_| async {
        drop(seedbed::task::spawn_local(respawn(300_000)));
        sleep(Duration::from_secs(1)).await;
        Ok(())
    })
    .assert_clean();
    const CHAIN: Scenario = Scenario {
        name: "chain",
        run: |_, _| {
            Box::pin(async {
                drop(seedbed::task::spawn_local(respawn(5_000)));
                sleep(Duration::from_secs(1)).await;
                Ok(())
            })
        },
        ..Scenario::CALM
    };
    let history = CHAIN.replay(&Case { seed: None, ..Case::of_seed("chain", 0) }).unwrap().history.unwrap();
    let longest = history.iter().map(|(_, task, _)| history.task_name(task).len()).max();
    assert!(longest.is_some_and(|length| length < 2_000), "{longest:?}");
}

#[test]
fn a_sleep_kept_from_an_earlier_world_harms_no_later_one() {
    static KEPT: Mutex<Option<Pin<Box<seedbed::time::Sleep>>>> = Mutex::new(None);
    const KEEPER: Scenario = Scenario {
        name: "keeper",
        run: |_, _| {
            Box::pin(async {
                let mut own = Box::pin(sleep(Duration::from_secs(5)));
                poll_fn(|cx| Poll::Ready(own.as_mut().poll(cx).is_pending())).await;
                drop(KEPT.lock().unwrap().replace(own));
                sleep(Duration::from_secs(1)).await;
                drop(KEPT.lock().unwrap().take());
                let mut left = Box::pin(sleep(Duration::from_secs(5)));
                poll_fn(|cx| Poll::Ready(left.as_mut().poll(cx).is_pending())).await;
                *KEPT.lock().unwrap() = Some(left);
                Ok(())
            })
        },
        ..Scenario::CALM
    };
    let mut digests = Vec::new();
    let case = Case { strategy: Some("fifo".to_owned()), ..Case::of_seed("keeper", 0) };
    KEEPER
        .run_seeds(&case, &Threads::Fresh, [3, 3, 3], |_, outcome| {
            assert_eq!(outcome.finding, None);
            digests.push(outcome.digest);
            true
        })
        .unwrap();
    assert_eq!(digests[1], digests[2]);
}

#[test]
#[should_panic(expected = "no run, so nothing was tested")]
fn no_run_at_all_is_not_clean() {
    seedbed::sweep("nothing", 0..0, |_| async { Ok(()) }).assert_clean();
}

/// Panics when it is dropped; two of them in one future end the process.
struct Mine;

impl Drop for Mine {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[test]
fn a_failed_run_keeps_its_verdict_whatever_its_destructors_do() {
    let report = seedbed::sweep("mines", 0..3, |world: World| async move {
        world.spawn("mined", async {
            let _mines = (Mine, Mine);
            std::future::pending::<()>().await;
        });
        seedbed::task::yield_now().await;
        ensure!(world.now().as_nanos() > 0, "no time has passed");
        Ok(())
    });
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].finding.signature, "Violation: the scenario's own result: no time has passed");
}
