//! Findings of small services that are broken on purpose shrink to what caused them, and their stories say it.
#![cfg(not(real_side))]

use seedbed::{
    Budget, Case, Param, Params, Scenario, ScenarioFuture, Shrunk, Threads, Unshrinkable, World,
    decision::{Site, ratio},
    ensure,
    time::{Duration, sleep},
};
use std::{cell::Cell, rc::Rc};
use tokio::sync::{Notify, Semaphore, mpsc};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

/// The first finding of a scenario, shrunk.
fn shrunk(scenario: &Scenario) -> Shrunk {
    let mut failing = None;
    let any = Case::of_seed(scenario.name, 0);
    scenario
        .run_seeds(&any, &Threads::Fresh, 0..5_000, |seed, outcome| {
            failing = outcome.finding.map(|_| seed);
            failing.is_none()
        })
        .unwrap();
    let case = Case::of_seed(scenario.name, failing.expect("a broken service fails under one of 5,000 seeds"));
    let shrunk = scenario.shrink(&case, Budget::BASE).unwrap().unwrap();
    assert_is_minimal(scenario, &shrunk);
    shrunk
}

/// The case alone fails in the same way, and does not if any one decision is dropped.
fn assert_is_minimal(scenario: &Scenario, shrunk: &Shrunk) {
    assert!(shrunk.is_minimal, "{}", shrunk.summary());
    let case = Case::from_toml(&shrunk.case.to_toml()).unwrap();
    assert_eq!((case.seed, &case.strategy), (None, &None));
    let signature = |case: &Case| scenario.replay(case).unwrap().finding.map(|finding| finding.signature);
    assert_eq!(signature(&case), Some(shrunk.finding.signature.clone()));
    assert_eq!(scenario.replay(&case).unwrap().unmatched, [""; 0]);
    for name in shrunk.case.decisions.keys() {
        let mut without = case.clone();
        without.decisions.remove(name);
        assert_ne!(signature(&without), Some(shrunk.finding.signature.clone()), "{name} is not needed");
    }
}

/// Story, parameters and list, without line numbers: they change with every edit of this file.
fn told(shrunk: &Shrunk) -> String {
    let decisions: String = shrunk.case.decisions.iter().map(|(name, value)| format!("\n{name} = {value}")).collect();
    format!("{}\n{:?}{decisions}", shrunk.case.story.as_deref().unwrap_or_default(), shrunk.case.params)
}

/// Grants are handed to a waiter by a message; one that is cancelled with its grant in the mail takes it along.
async fn leaky_pool(world: World, clients: u64) -> seedbed::Result {
    let (give, mut grants) = mpsc::unbounded_channel::<()>();
    let idle = Rc::new(Cell::new(1_i64));
    give.send(()).map_err(|_| seedbed::Violation::new("the pool is closed"))?;
    let (asks, mut asked) = mpsc::unbounded_channel::<Rc<(Notify, Cell<bool>)>>();
    let dealer = idle.clone();
    let _dealer = world.new_node().spawn("dealer", async move {
        while let Some(waiter) = asked.recv().await {
            let Some(()) = grants.recv().await else { return };
            dealer.set(dealer.get() - 1);
            waiter.1.set(true);
            waiter.0.notify_one();
        }
    });
    let users = world.spawn_each("client", 0..clients, |id| {
        let (asks, give, idle) = (asks.clone(), give.clone(), idle.clone());
        async move {
            sleep(Duration::from_millis(10 * id)).await;
            let grant = Rc::new((Notify::new(), Cell::new(false)));
            if asks.send(grant.clone()).is_err() {
                return;
            }
            grant.0.notified().await;
            tracing::info!(id, "has the connection");
            sleep(Duration::from_millis(25)).await;
            idle.set(idle.get() + 1);
            let _ = give.send(());
        }
    });
    world.may_cancel(&users[..1]);
    sleep(Duration::from_secs(1)).await;
    ensure!(idle.get() == 1, "{} connections are idle at the end, not 1", idle.get());
    Ok(())
}

const LEAKY_POOL: Scenario = Scenario {
    name: "leaky-pool",
    params: &[Param { name: "clients", help: "clients", default: 6, min: 1, max: 50 }],
    run: |world, params: Params| -> ScenarioFuture { Box::pin(leaky_pool(world, params.get("clients"))) },
    ..Scenario::CALM
};

#[test]
fn a_connection_that_a_cancelled_client_keeps() {
    let shrunk = shrunk(&LEAKY_POOL);
    assert_eq!(
        told(&shrunk),
        "The scenario has clients = 1.\n\
         At 0 s client-0 was dropped while it waited for a notification (tests/shrink.rs `grant.0.notified().await`).\n\
         At 1 s the scenario found: 0 connections are idle at the end, not 1.\n\
         {\"clients\": 1}\n\
         drop.waiting / client-0 / 1 = 1"
    );
}

/// Two accounts are locked in the order of the transfer.
async fn crossed_locks(world: World) -> seedbed::Result {
    let accounts = Rc::new([Semaphore::new(1), Semaphore::new(1)]);
    for (name, from, to) in [("east", 0, 1), ("west", 1, 0)] {
        let accounts = accounts.clone();
        let mut draws = world.draws(Site::new("transfer.starts"), name);
        world.spawn(name, async move {
            sleep(draws.duration(Duration::ZERO..Duration::from_secs(1))).await;
            let _from = accounts[from].acquire().await;
            sleep(Duration::from_millis(5)).await;
            let _to = accounts[to].acquire().await;
        });
    }
    world.settle().await;
    Ok(())
}

const CROSSED_LOCKS: Scenario =
    Scenario { name: "crossed-locks", run: |world, _| Box::pin(crossed_locks(world)), ..Scenario::CALM };

#[test]
fn two_locks_taken_crosswise() {
    let shrunk = shrunk(&CROSSED_LOCKS);
    assert_eq!(
        told(&shrunk),
        "No decision is needed: it is so whenever everything takes its default.\n\
         At 0.005 s nothing can run and no timer is set (deadlock).\n\
         east waits for a semaphore and is not woken (tests/shrink.rs `let _to = accounts[to].acquire().await`).\n\
         west waits for a semaphore and is not woken (tests/shrink.rs `let _to = accounts[to].acquire().await`).\n\
         {}"
    );
}

/// Reads, gives way, and writes what it read plus one.
async fn lost_update(world: World) -> seedbed::Result {
    let count = Rc::new(Cell::new(0));
    let (early, late) = (count.clone(), count.clone());
    world.spawn("early", async move {
        let seen = early.get();
        seedbed::task::yield_now().await;
        early.set(seen + 1);
    });
    world.spawn("late", async move {
        for _ in 0..2 {
            seedbed::task::yield_now().await;
        }
        late.set(late.get() + 1);
    });
    world.settle().await;
    ensure!(count.get() == 2, "counted {} of 2", count.get());
    Ok(())
}

const LOST_UPDATE: Scenario =
    Scenario { name: "lost-update", run: |world, _| Box::pin(lost_update(world)), ..Scenario::CALM };

#[test]
fn an_update_between_two_steps_of_another() {
    let shrunk = shrunk(&LOST_UPDATE);
    assert_eq!(
        told(&shrunk),
        "At 0 s early could run on after tests/shrink.rs `seedbed::task::yield_now().await`, but late ran first.\n\
         At 0 s the scenario found: counted 1 of 2.\n\
         {}\n\
         rank / early / 1 = 1"
    );
}

/// A request that fails is not asked again, whatever the caller was told.
async fn forgotten_retry(world: World) -> seedbed::Result {
    const FAULT: Site = Site::new("server.refuses");
    const LATENCY: Site = Site::new("server.latency");
    let faults = world.fault_family("refusal", ratio(1, 2));
    let answered = Rc::new(Cell::new(0));
    for id in 0..4_u64 {
        let answered = answered.clone();
        let name = format!("request-{id}");
        let (mut refuses, mut latency) = (world.draws(FAULT, &name), world.draws(LATENCY, &name));
        world.spawn(&name, async move {
            sleep(latency.duration(Duration::from_millis(200)..Duration::from_secs(2))).await;
            if faults.strikes(&mut refuses, ratio(1, 8), "too busy") {
                tracing::warn!(id, "refused, will try again");
                return;
            }
            answered.set(answered.get() + 1);
        });
    }
    world.settle().await;
    ensure!(answered.get() == 4, "{} of 4 requests were answered", answered.get());
    Ok(())
}

const FORGOTTEN_RETRY: Scenario = Scenario {
    name: "forgotten-retry",
    families: &["refusal"],
    run: |world, _| Box::pin(forgotten_retry(world)),
    ..Scenario::CALM
};

#[test]
fn a_refused_request_that_nobody_repeats() {
    let shrunk = shrunk(&FORGOTTEN_RETRY);
    assert_eq!(
        told(&shrunk),
        "At 0.2 s the fault refusal struck in the turn of request-0: too busy. Then it said “refused, will try again id=0”.\n\
         At 0.2 s the scenario found: 3 of 4 requests were answered.\n\
         {}\n\
         fault family / refusal / 0 = 1\n\
         server.refuses / request-0 / 0 = 1"
    );
}

/// Fails under entropy that is odd, whatever is decided.
const FLIPS_A_COIN: Scenario = Scenario {
    name: "flips-a-coin",
    run: |_, _| {
        Box::pin(async {
            let coin: u32 = madsim::rand::random();
            ensure!(!coin.is_multiple_of(8), "the coin fell badly");
            Ok(())
        })
    },
    ..Scenario::CALM
};

#[test]
fn what_the_codes_own_randomness_causes_keeps_its_entropy() {
    let shrunk = shrunk(&FLIPS_A_COIN);
    assert!(shrunk.case.entropy.is_some() && shrunk.case.decisions.is_empty(), "{:?}", shrunk.case);
    assert!(shrunk.summary().contains("depends on the code's own randomness"));
}

/// Two rules under one name, the scenario's own result: what breaks the first with few breaks the second as well.
const TWO_RULES: Scenario = Scenario {
    name: "two rules",
    story: "Jobs are dropped, and there are too few.",
    params: &[Param { name: "jobs", help: "jobs", default: 96, min: 1, max: 100 }],
    run: |world, params| {
        Box::pin(async move {
            let jobs = params.get("jobs");
            let dropped = (0..jobs).filter(|job| world.draws(LOST, &format!("job-{job}")).chance(ratio(1, 64))).count();
            ensure!(jobs >= 11, "{jobs} jobs are too few");
            ensure!(dropped == 0, "{dropped} jobs were dropped");
            Ok(())
        })
    },
    ..Scenario::CALM
};

const LOST: Site = Site::new("job.is-dropped");

#[test]
fn one_rule_of_a_scenario_does_not_shrink_to_another() {
    let shrunk = shrunk(&TWO_RULES);
    assert_eq!(shrunk.finding.message, "1 jobs were dropped");
    assert!(shrunk.case.params["jobs"] >= 11, "{:?}", shrunk.case);
    assert!(shrunk.summary().contains("with jobs=16 are left"), "a sixth of the jobs: {}", shrunk.summary());
}

#[test]
fn what_finds_nothing_is_not_shrunk() {
    let calm = Case { seed: None, ..Case::of_seed(LOST_UPDATE.name, 0) };
    assert_eq!(LOST_UPDATE.shrink(&calm, Budget::BASE).unwrap().unwrap_err(), Unshrinkable::Clean);
}

#[test]
fn a_failing_test_prints_the_smallest_case_and_how_to_replay_it() {
    let report = seedbed::sweep("lost update", 0..300, lost_update);
    let text = report.to_string();
    let found = &report.findings[0];
    let shrunk = found.shrunk.as_ref().expect("two seconds are plenty");
    assert_eq!(shrunk.case.decisions.len(), 1, "{text}");
    for part in
        ["1 of ", "early could run", "late ran first", "replay of these: SEEDBED_CASE=", "replay: SEEDBED_SEED="]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let replay = found.replay_shrunk.as_deref().unwrap();
    let path = replay.split(['=', ' ']).nth(1).unwrap();
    let case = seedbed::corpus::read(&[Scenario { name: "lost update", ..LOST_UPDATE }], path.as_ref()).unwrap().1;
    assert_eq!(case.decisions, shrunk.case.decisions);
}
