//! A decision's key is its own: what is added elsewhere moves no other decision.
#![cfg(not(real_side))]

use seedbed::{
    Case, Outcome, Scenario, Threads, World,
    decision::Site,
    history::Event,
    task::{spawn, yield_now},
    time::{Duration, sleep},
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    rc::Rc,
    sync::{Arc, atomic::AtomicU64},
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const SEEDS: u64 = 60;
const LATENCY: Site = Site::new("latency");
const EXTRA: Site = Site::new("extra");
const NAP: Site = Site::new("nap");

/// What an edit of the code adds, at a place that the clients know nothing of.
#[derive(Clone, Copy, PartialEq)]
enum Edit {
    Nothing,
    Draw,
    Task,
    Await,
    LogLine,
    /// A loop that goes the other way round.
    Reversed,
    /// A function in another module.
    Moved,
}

mod here {
    pub(crate) struct Client;

    impl Client {
        pub(crate) async fn nap(world: super::World) {
            super::nap(world).await;
        }
    }
}

mod there {
    pub(crate) struct Client;

    impl Client {
        pub(crate) async fn nap(world: super::World) {
            super::nap(world).await;
        }
    }
}

async fn world_with(world: World, edit: Edit) -> seedbed::Result {
    if edit == Edit::Draw {
        world.draw(EXTRA, &(0..1_000));
        world.draws(EXTRA, "client-0").range(0..1_000);
    }
    if edit == Edit::Task {
        world.spawn("newcomer", async { sleep(Duration::from_millis(3)).await });
        spawn(async {});
    }
    if edit == Edit::Await {
        yield_now().await;
    }
    if edit == Edit::LogLine {
        tracing::info!(number = 7_u64, "a new line");
    }
    let numbers: Vec<u64> = if edit == Edit::Reversed { (0..4).rev().collect() } else { (0..4).collect() };
    let clients = world.spawn_each("client", numbers, |_| client(world));
    if edit == Edit::Moved {
        spawn(there::Client::nap(world));
    } else {
        spawn(here::Client::nap(world));
    }
    world.may_cancel(&clients);
    world.settle().await;
    Ok(())
}

/// Of a task without a name.
async fn nap(world: World) {
    let micros = world.draw(NAP, &(1..9_000));
    sleep(Duration::from_micros(micros)).await;
}

async fn client(world: World) {
    for _ in 0..4 {
        let micros = world.draw(LATENCY, &(1..9_000));
        spawn(sleep(Duration::from_micros(micros))).await.unwrap_or_default();
        sleep(Duration::from_micros(micros)).await;
    }
}

macro_rules! scenario {
    ($edit:ident) => {
        Scenario {
            name: "keys",
            run: |world, _| -> Pin<Box<dyn Future<Output = seedbed::Result>>> {
                Box::pin(world_with(world, Edit::$edit))
            },
            ..Scenario::CALM
        }
    };
}

fn replay(scenario: &Scenario, seed: u64) -> Outcome {
    scenario.replay(&Case::of_seed(scenario.name, seed)).expect("the case fits its own scenario")
}

type Decisions = BTreeMap<(&'static str, String, u64), u64>;

fn decisions(outcome: &Outcome) -> Decisions {
    let history = outcome.history.as_ref().expect("a replay keeps its history");
    let decided = history.iter().filter_map(|(_, _, event)| match event {
        Event::Decided { site, entity, nth, value } => {
            Some(((site.name(), history.entity_name(entity).to_owned(), nth), value))
        }
        _ => None,
    });
    decided.collect()
}

/// Clients' decisions under the edit are those without it, as far as both runs come to make them.
fn assert_moves_nothing(edited: &Scenario) {
    let (mut shared, mut total) = (0, 0);
    for seed in 0..SEEDS {
        let (before, after) = (decisions(&replay(&scenario!(Nothing), seed)), decisions(&replay(edited, seed)));
        for (key, value) in &before {
            total += 1;
            if let Some(now) = after.get(key) {
                shared += 1;
                assert_eq!(now, value, "seed {seed}: {key:?} moved");
            }
        }
        let latencies = |decisions: &Decisions| -> Vec<_> {
            decisions
                .iter()
                .filter(|((site, ..), _)| *site == "latency")
                .map(|(key, value)| (key.clone(), *value))
                .collect()
        };
        if !before.keys().any(|(site, ..)| site.starts_with("cancel")) {
            assert_eq!(latencies(&before), latencies(&after), "seed {seed}");
        }
    }
    assert!(shared * 10 >= total * 9, "only {shared} of {total} decisions are made in both runs");
}

#[test]
fn an_added_draw_moves_nothing() {
    assert_moves_nothing(&scenario!(Draw));
}

#[test]
fn an_added_task_moves_nothing() {
    assert_moves_nothing(&scenario!(Task));
}

#[test]
fn an_added_await_moves_nothing() {
    assert_moves_nothing(&scenario!(Await));
}

#[test]
fn an_added_log_line_moves_nothing() {
    assert_moves_nothing(&scenario!(LogLine));
}

#[test]
fn a_loop_that_spawns_the_other_way_round_moves_nothing_and_no_turn_of_a_case_without_a_seed() {
    assert_moves_nothing(&scenario!(Reversed));
    let case = Case { seed: None, ..Case::of_seed("keys", 0) };
    let turns = |scenario: &Scenario| -> Vec<String> {
        let history = scenario.replay(&case).expect("the case fits").history.expect("a replay keeps its history");
        let polled = history.iter().filter_map(|(_, _, event)| match event {
            Event::PollStarted { task, .. } => Some(history.task_name(task).to_owned()),
            _ => None,
        });
        polled.collect()
    };
    let before = turns(&scenario!(Nothing));
    assert!(before.iter().any(|name| name == "client-3"), "{before:?}");
    assert_eq!(before, turns(&scenario!(Reversed)));
}

#[test]
fn a_type_that_moves_to_another_module_keeps_its_draws() {
    let naps = |scenario: &Scenario| -> Vec<u64> {
        let nap = |seed| {
            decisions(&replay(scenario, seed)).into_iter().find(|((site, ..), _)| *site == "nap").map_or(1, |nap| nap.1)
        };
        (0..SEEDS).map(nap).collect()
    };
    let before = naps(&scenario!(Nothing));
    assert!(before.iter().any(|&nap| nap > 1), "nothing is drawn: {before:?}");
    assert_eq!(before, naps(&scenario!(Moved)));
}

#[test]
fn seeds_differ_and_a_seed_does_not() {
    let scenario = scenario!(Nothing);
    let mut digests = Vec::new();
    let case = Case::of_seed("keys", 0);
    scenario
        .run_seeds(&case, &Threads::Fresh, 0..SEEDS, |_, outcome| {
            digests.push(outcome.digest);
            true
        })
        .unwrap();
    let mut distinct = digests.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), digests.len());
    // Mid-sweep, alone and with the whole history kept: one digest.
    for seed in (0..SEEDS).rev() {
        assert_eq!(replay(&scenario, seed).digest, digests[usize::try_from(seed).unwrap()]);
    }
    let mut reused = Vec::new();
    scenario
        .run_seeds(&case, &Threads::reused(), 0..SEEDS, |_, outcome| {
            reused.push(outcome.digest);
            true
        })
        .unwrap();
    assert_eq!(reused, digests);
}

#[test]
fn names_that_a_scenario_gives_are_told_apart_to_the_letter() {
    let report = seedbed::sweep("names", 0..SEEDS, |world: World| async move {
        let drawn = |name| -> Vec<u64> {
            let mut draws = world.draws(EXTRA, name);
            (0..8).map(|_| draws.range(0..1_000)).collect()
        };
        seedbed::ensure!(drawn("eu::node") != drawn("us::node"));
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn what_a_rule_spawns_draws_for_itself() {
    let report = seedbed::sweep("rule", 0..SEEDS, |world: World| async move {
        let (drawn, spawned) = (Rc::new(RefCell::new(Vec::new())), Cell::new(0));
        let draws = drawn.clone();
        world.always("spawns", move || {
            if spawned.get() < 2 {
                spawned.set(spawned.get() + 1);
                let draws = draws.clone();
                seedbed::task::spawn_local(async move {
                    for _ in 0..4 {
                        draws.borrow_mut().push(world.draw(EXTRA, &(0..1_000_000)));
                    }
                });
            }
            Ok(())
        });
        let mut all: Vec<_> = (0..4).map(|_| world.draw(EXTRA, &(0..1_000_000))).collect();
        sleep(Duration::from_millis(1)).await;
        all.extend(drawn.borrow().iter());
        all.sort_unstable();
        all.dedup();
        seedbed::ensure!(all.len() > 9, "three tasks drew the same: {all:?}");
        Ok(())
    });
    report.assert_clean();
}

/// Two tasks that log nothing and touch nothing, polled in either order: `b` is woken before `a` or after.
#[test]
fn two_silent_polls_swapped_change_the_digest() {
    fn swapped(first: u64) -> Scenario {
        static FIRST: AtomicU64 = AtomicU64::new(0);
        FIRST.store(first, std::sync::atomic::Ordering::Relaxed);
        Scenario {
            name: "swap",
            run: |world, _| {
                let first = FIRST.load(std::sync::atomic::Ordering::Relaxed);
                Box::pin(async move {
                    let bells = [Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new())];
                    let ring = bells.clone();
                    let _silent = world.spawn_each("silent", 0..2_u64, |number| {
                        let bell = bells[usize::try_from(number).unwrap_or(0)].clone();
                        async move { bell.notified().await }
                    });
                    yield_now().await;
                    let first = usize::try_from(first).unwrap_or(0);
                    ring[first].notify_one();
                    yield_now().await;
                    ring[1 - first].notify_one();
                    world.settle().await;
                    Ok(())
                })
            },
            ..Scenario::CALM
        }
    }
    let case = Case { seed: None, ..Case::of_seed("swap", 0) };
    let digest = |first| swapped(first).replay(&case).unwrap().digest;
    assert_eq!(digest(0), digest(0));
    assert_ne!(digest(0), digest(1));
}

#[test]
fn a_listed_decision_beats_the_draw_and_a_case_without_a_seed_draws_nothing() {
    let scenario = scenario!(Nothing);
    let mut case = Case { seed: None, ..Case::of_seed("keys", 0) };
    let calm = decisions(&scenario.replay(&case).unwrap());
    assert_eq!(calm, Decisions::new(), "defaults are not recorded");
    case.decisions.insert("latency / client-2 / 1".to_owned(), 777);
    case.decisions.insert("delay / client-3 / 0".to_owned(), 5_000_000);
    let listed = decisions(&scenario.replay(&case).unwrap());
    let expected = [(("delay", "client-3".to_owned(), 0), 5_000_000), (("latency", "client-2".to_owned(), 1), 777)];
    assert_eq!(listed, Decisions::from(expected));
}
