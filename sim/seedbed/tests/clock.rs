//! Wall clocks: what scenarios and faults make of them, and that the world's own time does not care.
#![cfg(not(real_side))]

use seedbed::{
    Budget, Case, FindingKind, Outcome, Scenario, World,
    clock::{Change, START, Shift, wall},
    decision::ratio,
    ensure,
    history::Event,
    run_calm, run_case, sweep,
    time::{Instant, sleep},
};
use std::{
    collections::BTreeSet,
    future::{Future, pending},
    ops::Range,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const SEEDS: Range<u64> = 0..200;

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn forward(milliseconds: u64) -> Shift {
    Shift::Forward(ms(milliseconds))
}

fn back(milliseconds: u64) -> Shift {
    Shift::Back(ms(milliseconds))
}

/// How far ahead of the true time the clock here is, in nanoseconds.
fn ahead() -> i128 {
    let nanos = |time: SystemTime| match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i128::try_from(after.as_nanos()).unwrap(),
        Err(before) => -i128::try_from(before.duration().as_nanos()).unwrap(),
    };
    nanos(wall()) - nanos(SystemTime::UNIX_EPOCH + START) - i128::from(Instant::now().as_nanos())
}

/// The same in milliseconds, rounded down.
fn ahead_ms() -> i128 {
    ahead().div_euclid(1_000_000)
}

/// What `look` sees as a process of its own.
async fn on<T: 'static>(node: seedbed::Node, look: fn() -> T) -> T {
    node.spawn("process", async move { look() }).await.expect("nobody kills it")
}

#[test]
fn a_clock_shows_the_true_time_unless_it_is_put_wrong() {
    let report = sweep("true", 0..20, |world: World| async move {
        let began = SystemTime::UNIX_EPOCH + START;
        ensure!(wall() == began + Duration::from_nanos(world.now().as_nanos()), "at the start it is {:?}", wall());
        sleep(Duration::from_secs(86_400)).await;
        ensure!(wall() == began + Duration::from_nanos(world.now().as_nanos()), "a day later it is {:?}", wall());
        for node in [world.new_node(), world.machine().node()] {
            ensure!(on(node, ahead).await == 0, "on another node it is another time");
        }
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn skews_and_steps_are_exact_and_leave_the_true_time_alone() {
    let report = run_calm("steps", |world: World| async move {
        let clock = world.clock();
        clock.skew(forward(250));
        ensure!(ahead_ms() == 250, "skewed forward: {}", ahead_ms());
        clock.step(forward(1_000));
        ensure!(ahead_ms() == 1_250, "stepped forward: {}", ahead_ms());
        clock.step(back(4_000));
        ensure!(ahead_ms() == -2_750, "stepped back: {}", ahead_ms());
        ensure!(world.now() == Instant::START, "the true time went on to {:?}", world.now());
        sleep(ms(10)).await;
        ensure!(ahead() == -2_750_000_000, "some time later: {}", ahead());
        ensure!(world.now().as_nanos() == 10_000_000, "the true time is {:?}", world.now());
        clock.skew(back(1));
        ensure!(ahead() == -1_000_000, "skewed back: {}", ahead());
        clock.skew(forward(0));
        ensure!(ahead() == 0, "put right: {}", ahead());
        clock.step(Shift::Back(Duration::MAX));
        clock.step(Shift::Back(Duration::MAX));
        ensure!(ahead() == i128::from(i64::MIN), "as far back as clocks go: {}", ahead());
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn a_drift_is_exact_either_way_and_no_timer_follows_it() {
    let report = run_calm("drift", |world: World| async move {
        let clock = world.clock();
        clock.drift(250);
        sleep(Duration::from_secs(1_000)).await;
        ensure!(ahead_ms() == 250, "250 ppm of 1,000 s are {} ms", ahead_ms());
        ensure!(world.now().as_nanos() == 1_000_000_000_000, "the true time is {:?}", world.now());
        clock.drift(-1_000);
        sleep(Duration::from_secs(1)).await;
        ensure!(ahead_ms() == 249, "what was gained stays, and 1 ms is lost: {}", ahead_ms());
        clock.skew(forward(0));
        sleep(Duration::from_nanos(1)).await;
        ensure!(ahead() == -1, "it goes on from where it is put, rounded down: {}", ahead());
        clock.drift(0);
        sleep(Duration::from_secs(1_000)).await;
        ensure!(ahead() == -1, "without a drift: {}", ahead());
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn the_nodes_of_a_machine_have_one_clock_and_machines_their_own() {
    let report = run_calm("machines", |world: World| async move {
        let [one, other] = [world.machine(), world.machine()];
        one.clock().skew(forward(5));
        other.node().clock().skew(back(7));
        let nodes = [one.node(), one.node(), other.node(), world.new_node()];
        let mut seen = Vec::new();
        for node in nodes {
            seen.push(on(node, ahead_ms).await);
        }
        ensure!(seen == [5, 5, -7, 0], "{seen:?}");
        ensure!(ahead() == 0, "the scenario's own clock is its own");
        nodes[3].clock().step(forward(1));
        ensure!(ahead_ms() == 1, "a node without a machine is on the scenario's own");
        one.lose_power();
        nodes[0].kill();
        ensure!(on(nodes[0], ahead_ms).await == 5, "a machine's clock outlives its power");
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn a_wrong_clock_keeps_no_deadlocked_world_alive() {
    let report = sweep("deadlock", 0..20, |world: World| async move {
        world.clocks_may_jump(ratio(1, 1));
        world.clock().drift(500);
        let _ = wall();
        pending::<seedbed::Result>().await
    });
    let found = &report.findings[0];
    assert_eq!((found.finding.kind, found.finding.at_ns, found.runs), (FindingKind::Stall, 0, 20), "{report}");
}

/// Reads the clocks of two machines, a hundred times each.
async fn readings(world: World, seen: Arc<Mutex<Vec<i128>>>) -> seedbed::Result {
    world.clocks_may_jump(ratio(1, 2));
    let readers = [world.machine(), world.machine()].map(|machine| {
        let seen = seen.clone();
        machine.node().spawn("reader", async move {
            for _ in 0..100 {
                seen.lock().unwrap().push(ahead());
                sleep(ms(100)).await;
            }
        })
    });
    for reader in readers {
        reader.await?;
    }
    Ok(())
}

fn seen_by<F>(case: &Case, body: fn(World, Arc<Mutex<Vec<i128>>>) -> F) -> Vec<i128>
where
    F: Future<Output = seedbed::Result> + 'static,
{
    let seen: Arc<Mutex<Vec<i128>>> = Arc::default();
    run_case(case, |world| body(world, seen.clone())).assert_clean();
    Arc::into_inner(seen).expect("the run is over").into_inner().unwrap()
}

#[test]
fn one_seed_has_one_set_of_readings_and_another_seed_another() {
    let of_seed = |seed| seen_by(&Case::of_seed("readings", seed), readings);
    let all: Vec<_> = (0..20).map(of_seed).collect();
    let again: Vec<_> = (0..20).map(of_seed).collect();
    assert_eq!(all, again);
    let (right, wrong): (Vec<_>, Vec<_>) = all.iter().partition(|seen| seen.iter().all(|ahead| *ahead == 0));
    assert!(right.len() > 3, "the family is on in each of {} runs", wrong.len());
    assert!(wrong.len() > 3 && wrong.iter().collect::<BTreeSet<_>>().len() == wrong.len(), "seeds that are alike");
}

/// A case without a seed, in which these decisions are given.
fn listing<const N: usize>(scenario: &str, decisions: [(&str, u64); N]) -> Case {
    let decisions = decisions.map(|(name, value)| (name.to_owned(), value)).into();
    Case { seed: None, decisions, ..Case::of_seed(scenario, 0) }
}

#[test]
fn clocks_are_right_by_default() {
    let switched_on = listing("readings", [("fault family / clock / 0", 1)]);
    for case in [listing("readings", []), switched_on] {
        let seen = seen_by(&case, readings);
        assert_eq!((seen.len(), seen.iter().max(), seen.iter().min()), (200, Some(&0), Some(&0)), "{case:?}");
    }
}

const READINGS: Scenario = Scenario {
    name: "readings",
    story: "Two machines read their clocks.",
    families: &["clock"],
    run: |world, _| Box::pin(readings(world, Arc::default())),
    ..Scenario::CALM
};

/// What was done to clocks in a run, by machine.
fn changes(outcome: &Outcome) -> Vec<(u32, Change)> {
    let history = outcome.history.as_ref().expect("a replay keeps it");
    let change =
        |event| if let Event::WallClockChanged { machine, change } = event { Some((machine, change)) } else { None };
    history.iter().filter_map(|(_, _, event)| change(event)).collect()
}

#[test]
fn faults_are_of_every_kind_and_each_is_counted() {
    let mut kinds = BTreeSet::new();
    for seed in SEEDS {
        let outcome = READINGS.replay(&Case::of_seed(READINGS.name, seed)).unwrap();
        let changes = changes(&outcome);
        let counted = outcome.injections.iter().find(|(family, _)| *family == "clock").map_or(0, |(_, count)| *count);
        assert_eq!(counted, changes.len() as u64, "under seed {seed}");
        kinds.extend(changes.iter().map(|(machine, change)| {
            assert!((1..=2).contains(machine), "nobody reads the clock of machine {machine}");
            match change {
                Change::Skew(Shift::Forward(_)) => "ahead",
                Change::Skew(Shift::Back(_)) => "behind",
                Change::Drift { ppm } if *ppm > 0 => "gains",
                Change::Drift { .. } => "loses",
                Change::Step(Shift::Forward(_)) => "set forward",
                Change::Step(Shift::Back(_)) => "set back",
            }
        }));
    }
    assert_eq!(kinds.len(), 6, "{kinds:?}");
}

#[test]
fn a_listed_decision_does_what_it_names() {
    let listed = [
        ("fault family / clock / 0", 1),
        ("clock.is-wrong / machine-1 / 0", 1),
        ("clock.drifts / machine-2 / 0", 1),
        ("clock.gains / machine-2 / 0", 1),
        ("clock.drifts-by / machine-2 / 0", 7),
        ("clock.steps / reader / 3", 1),
        ("clock.steps-by / reader / 3", 20_000_000),
    ];
    let case = listing(READINGS.name, listed);
    let outcome = READINGS.replay(&Case::from_toml(&case.to_toml()).unwrap()).unwrap();
    assert_eq!(outcome.unmatched, [""; 0]);
    let expected = [
        (1, Change::Skew(Shift::Back(Duration::from_secs(1)))),
        (2, Change::Drift { ppm: 7 }),
        (1, Change::Step(Shift::Back(ms(20)))),
    ];
    assert_eq!(changes(&outcome), expected);
    assert_eq!(outcome.injections, [("clock", 3)]);
}

#[test]
fn a_world_that_heals_puts_no_clock_wrong_any_more() {
    let report = sweep("heals", SEEDS, |world: World| async move {
        world.clocks_may_jump(ratio(1, 1));
        let seen: Vec<_> = (0..100).map(|_| ahead()).collect();
        let last = seen[99];
        seedbed::mark(if seen.iter().any(|ahead| *ahead != last) { "stepped" } else { "not stepped" });
        world.settle().await;
        ensure!((0..100).all(|_| ahead() == last), "a clock was put wrong, or right, once faults had stopped");
        Ok(())
    });
    report.assert_clean();
    assert!(report.marks["stepped"] > 100, "{:?}", report.marks);
}

/// A lease whose holder believes in its wall clock.
const LEASE: Scenario = Scenario {
    name: "lease",
    story: "A holder takes its lease for valid until ten seconds later by its wall clock.",
    families: &["clock"],
    run: |world, _| {
        Box::pin(async move {
            world.clocks_may_jump(ratio(1, 2));
            let holder = world.machine().node().spawn("holder", async {
                let (began, ends) = (Instant::now(), wall() + Duration::from_secs(10));
                while wall() < ends {
                    sleep(ms(500)).await;
                }
                began.elapsed()
            });
            let held = holder.await?;
            ensure!(held < Duration::from_secs(12), "it was held for longer than it lasts");
            Ok(())
        })
    },
    ..Scenario::CALM
};

#[test]
fn what_a_clock_caused_shrinks_to_it_and_is_told() {
    let failing = SEEDS.map(|seed| Case::of_seed(LEASE.name, seed));
    let failing = failing.into_iter().find(|case| LEASE.replay(case).unwrap().finding.is_some());
    let shrunk = LEASE.shrink(&failing.expect("it is found"), Budget::BASE).unwrap().unwrap();
    let decisions: Vec<_> = shrunk.case.decisions.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let step = decisions.iter().find(|name| name.starts_with("clock.steps / holder / "));
    assert!(step.is_some() && decisions.contains(&"fault family / clock / 0 = 1".to_owned()), "{decisions:?}");
    assert!(decisions.len() <= 3 && shrunk.is_minimal, "{decisions:?}");
    let story = shrunk.story.join("\n");
    let told = "the fault clock struck in the turn of holder: the clock of machine-1 is set back by ";
    assert!(story.contains(told), "{story}");
}

/// Fails if one clock goes wrong in one particular way.
const PICKY: Scenario = Scenario {
    name: "picky",
    story: "A reader looks at its clock twice.",
    families: &["clock"],
    run: |world, _| {
        Box::pin(async move {
            world.clocks_may_jump(ratio(1, 1));
            let reader = world.machine().node().spawn("reader", async {
                let first = ahead_ms();
                sleep(Duration::from_secs(1_000)).await;
                (first, ahead_ms())
            });
            let seen = reader.await?;
            ensure!(seen != (20, 3_027), "it was so");
            Ok(())
        })
    },
    ..Scenario::CALM
};

#[test]
fn each_way_to_go_wrong_is_told_in_one_sentence() {
    let listed = [
        ("fault family / clock / 0", 1),
        ("clock.is-wrong / machine-1 / 0", 1),
        ("clock.is-ahead / machine-1 / 0", 1),
        ("clock.is-wrong-by / machine-1 / 0", 20_000_000),
        ("clock.drifts / machine-1 / 0", 1),
        ("clock.gains / machine-1 / 0", 1),
        ("clock.drifts-by / machine-1 / 0", 7),
        ("clock.steps / reader / 1", 1),
        ("clock.steps-forward / reader / 1", 1),
        ("clock.steps-by / reader / 1", 3_000_000_000),
    ];
    let shrunk = PICKY.shrink(&listing(PICKY.name, listed), Budget::BASE).unwrap().unwrap();
    assert_eq!(
        shrunk.story,
        [
            "At 0 s the fault clock struck in the turn of reader: the clock of machine-1 is 20 ms ahead.",
            "At 0 s the fault clock struck in the turn of reader: the clock of machine-1 gains 7 µs a second.",
            "At 1000 s the fault clock struck in the turn of reader: the clock of machine-1 is set forward by 3 s.",
            "At 1000 s the scenario found: it was so.",
        ]
    );
}

#[test]
fn what_no_clock_caused_shrinks_to_no_decision() {
    let report = sweep("no clock's doing", 0..4, |world: World| async move {
        world.clocks_may_jump(ratio(1, 1));
        readings(world, Arc::default()).await?;
        ensure!(false, "it is so in any case");
        Ok(())
    });
    let shrunk = report.findings[0].shrunk.as_ref().expect("there was time to shrink it");
    assert_eq!(shrunk.case.decisions.len(), 0, "{:?}", shrunk.case.decisions);
}
