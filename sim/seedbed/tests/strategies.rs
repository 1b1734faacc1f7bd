//! Strategies find what first-come order hides, and cancellation comes at every moment.
#![cfg(not(real_side))]

use seedbed::{
    Case, Scenario, Threads, World, ensure,
    history::Event,
    strategy::StrategyName,
    task::yield_now,
    time::{Duration, sleep},
};
use std::{cell::Cell, collections::BTreeSet, rc::Rc};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

/// A lost update that takes the second task to start between the two steps of the first. First come,
/// first served never lets it: the second starts after one more step than the first needs.
async fn lost_update(world: World) -> seedbed::Result {
    let count = Rc::new(Cell::new(0));
    let (early, late) = (count.clone(), count.clone());
    world.spawn("early", async move {
        let seen = early.get();
        yield_now().await;
        early.set(seen + 1);
    });
    world.spawn("late", async move {
        for _ in 0..2 {
            yield_now().await;
        }
        late.set(late.get() + 1);
    });
    world.settle().await;
    ensure!(count.get() == 2, "counted {}", count.get());
    Ok(())
}

const LOST_UPDATE: Scenario =
    Scenario { name: "lost update", run: |world, _| Box::pin(lost_update(world)), ..Scenario::CALM };

fn seeds_that_find(strategy: StrategyName, seeds: u64) -> u64 {
    let case = Case { strategy: Some(strategy.to_string()), ..Case::of_seed(LOST_UPDATE.name, 0) };
    let mut found = 0;
    LOST_UPDATE
        .run_seeds(&case, &Threads::Fresh, 0..seeds, |_, outcome| {
            found += u64::from(outcome.finding.is_some());
            true
        })
        .unwrap();
    found
}

#[test]
fn each_strategy_but_first_come_finds_a_reordering() {
    for strategy in [StrategyName::Random, StrategyName::Pct, StrategyName::Urw, StrategyName::Portfolio] {
        let found = seeds_that_find(strategy, 300);
        assert!(found >= 6, "{strategy} found it in {found} of 300 seeds");
    }
}

#[test]
fn first_come_order_without_a_seed_hides_it() {
    let case = Case { seed: None, ..Case::of_seed(LOST_UPDATE.name, 0) };
    assert_eq!(LOST_UPDATE.replay(&case).unwrap().finding, None);
}

#[test]
fn a_strategy_by_name_is_the_one_that_runs() {
    for strategy in [StrategyName::Fifo, StrategyName::Random, StrategyName::Pct, StrategyName::Urw] {
        let case = Case { strategy: Some(strategy.to_string()), ..Case::of_seed(LOST_UPDATE.name, 7) };
        assert_eq!(LOST_UPDATE.replay(&case).unwrap().strategy, strategy);
    }
    let wrong = Case { strategy: Some("lifo".to_owned()), ..Case::of_seed(LOST_UPDATE.name, 7) };
    let message = LOST_UPDATE.replay(&wrong).unwrap_err().to_string();
    assert_eq!(message, "there is no strategy `lifo`; there are: portfolio, fifo, random, pct, urw, madsim");
}

#[test]
fn a_portfolio_uses_every_strategy() {
    let mut used = BTreeSet::new();
    LOST_UPDATE
        .run_seeds(&Case::of_seed(LOST_UPDATE.name, 0), &Threads::Fresh, 0..100, |_, outcome| {
            used.insert(outcome.strategy.as_str());
            true
        })
        .unwrap();
    assert_eq!(used, BTreeSet::from(["fifo", "pct", "random", "urw"]));
}

async fn cancellable(world: World) -> seedbed::Result {
    let clients = world.spawn_each("client", 0..6_u64, |number| async move {
        for _ in 0..6 {
            sleep(Duration::from_millis(number)).await;
        }
    });
    world.may_cancel(&clients);
    world.settle().await;
    Ok(())
}

#[test]
fn cancellation_comes_before_the_first_poll_between_wake_and_run_and_while_waiting() {
    const CANCELLABLE: Scenario =
        Scenario { name: "cancellable", run: |world, _| Box::pin(cancellable(world)), ..Scenario::CALM };
    let mut variants = BTreeSet::new();
    for seed in 0..150 {
        let outcome = CANCELLABLE.replay(&Case::of_seed(CANCELLABLE.name, seed)).unwrap();
        let history = outcome.history.unwrap();
        variants.extend(history.iter().filter_map(|(_, _, event)| match event {
            Event::Injected { family: "cancel", variant } => Some(variant),
            _ => None,
        }));
    }
    let expected = [
        "aborted before its first poll",
        "aborted between wake and run",
        "aborted while it waits",
        "dropped before its first poll",
        "dropped between wake and run",
        "dropped while it waits",
    ];
    assert_eq!(variants, BTreeSet::from(expected));
}

#[test]
fn the_baseline_runs_on_madsim_replays_and_leaves_cancelling_to_the_workload() {
    const CANCELLABLE: Scenario =
        Scenario { name: "cancellable", run: |world, _| Box::pin(cancellable(world)), ..Scenario::CALM };
    let mut digests = BTreeSet::new();
    for seed in 0..20 {
        let case = Case { strategy: Some("madsim".to_owned()), ..Case::of_seed(CANCELLABLE.name, seed) };
        let outcomes = [(); 2].map(|()| CANCELLABLE.replay(&case).unwrap());
        assert_eq!(outcomes[0].digest, outcomes[1].digest, "seed {seed}");
        assert_eq!((&outcomes[0].finding, &outcomes[0].injections), (&None, &Vec::new()), "seed {seed}");
        digests.insert(outcomes[0].digest);
    }
    assert!(digests.len() > 15, "madsim's picks differ between seeds: {} histories of 20", digests.len());
}

#[test]
fn extra_yields_part_two_awaits_that_are_ready_at_once() {
    // Both permits are there: without an extra yield nothing can come between the two acquires.
    let report = seedbed::sweep("yields", 0..2_000, |world: World| async move {
        let slots = std::sync::Arc::new(tokio::sync::Semaphore::new(2));
        let busy = Rc::new(Cell::new(false));
        let (taker, watcher) = (busy.clone(), busy.clone());
        world.spawn("taker", async move {
            let _first = slots.acquire().await;
            taker.set(true);
            let _second = slots.acquire().await;
            taker.set(false);
        });
        world.spawn("watcher", async move {
            assert!(!watcher.get(), "seen between the two");
        });
        world.settle().await;
        Ok(())
    });
    assert_eq!(report.findings.len(), 1, "no extra yield parted the two acquires in 2,000 seeds");
}
