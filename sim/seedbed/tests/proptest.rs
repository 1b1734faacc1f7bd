//! Values from proptest's strategies shrink with the finding: to the least that fails alike, never to another bug.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "starts tests of this file again, as processes with an environment")]

use ::proptest::{collection::vec, strategy::Strategy};
use seedbed::{
    Case, FindingKind, Param, Scenario, World,
    case::CaseError,
    check::Result,
    decision::Site,
    ensure,
    proptest::{Config, Found, Report, check, check_scenario, declared, params},
    time::{Duration, sleep},
};
use std::{
    env,
    fmt::Debug,
    future::pending,
    os::unix::process::ExitStatusExt,
    process::{Command, Output},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

fn found<V: Debug>(report: Report<V>) -> Found<V> {
    let text = report.to_string();
    report.found.unwrap_or_else(|| panic!("nothing was found: {text}"))
}

/// From 500 on one rule is broken, below 100 another.
async fn two_rules(world: World, value: u64) -> Result {
    world.always("not large", move || {
        ensure!(value < 500, "{value} is large");
        Ok(())
    });
    world.always("not small", move || {
        ensure!(value >= 100, "{value} is small");
        Ok(())
    });
    sleep(Duration::from_secs(1)).await;
    Ok(())
}

/// The numbers of values from 0..10,000 that are at least 500.
fn large_values() -> impl Iterator<Item = u64> {
    let is_large = |number: &u64| {
        let config = Config { values: *number..number + 1, ..Config::BASE };
        let report = check("which", &config, 0..10_000_u64, |_, value| async move {
            ensure!(value < 500);
            Ok(())
        });
        report.found.is_some()
    };
    (0..30).filter(is_large)
}

#[test]
fn a_value_shrinks_to_the_least_with_the_same_signature() {
    let mut shrunk = 0;
    for number in large_values() {
        let config = Config { values: number..number + 1, ..Config::BASE };
        let found = found(check("two rules", &config, 0..10_000_u64, two_rules));
        assert_eq!(found.finding.signature, "Violation: not large");
        assert_eq!((found.value, found.finding.message.as_str()), (500, "500 is large"));
        assert!(found.drawn >= 500 && found.candidates > 0);
        shrunk += 1;
    }
    assert!(shrunk > 20, "{shrunk} of 30 values are large");
}

#[test]
fn panics_of_one_body_are_told_apart_by_their_texts() {
    let large = vec(0..1_000_u64, 20..40);
    let found = found(check("panics", &Config::BASE, large, |_, values| async move {
        assert!(values.len() < 3, "{} are too many", values.len());
        assert!(!values.is_empty(), "none at all");
        assert!(values.len() > 2, "too few");
        Ok(())
    }));
    assert!(found.finding.message.ends_with("20 are too many"), "20 is the least the strategy gives: {found}");
    assert_eq!(found.value, [0; 20]);
}

/// From three visitors on they wait for ever; without any, a doorkeeper does.
async fn visitors(world: World, count: u64) -> Result {
    if count == 0 {
        world.spawn("doorkeeper", pending::<()>());
    }
    let crowd = count >= 3;
    world.spawn_each("visitor", 0..count, |_| async move {
        if crowd {
            std::future::poll_fn::<(), _>(|cx| {
                std::mem::forget(cx.waker().clone());
                std::task::Poll::Pending
            })
            .await;
        }
    });
    world.settle().await;
    Ok(())
}

#[test]
fn a_stall_shrinks_by_who_waits_for_what() {
    let found = found(check("visitors", &Config::BASE, 3..200_u64, visitors));
    assert_eq!((found.finding.kind, found.value), (FindingKind::Stall, 3));
    let to_none = (0..200_u64).prop_map(|count| if count < 3 { 0 } else { count });
    let config = Config { values: 3..4, ..Config::BASE };
    let found = self::found(check("visitors", &config, to_none, visitors));
    assert!(found.finding.signature.starts_with("Stall: deadlock: visitor on "), "{}", found.finding.signature);
    assert_eq!(found.value, 3, "no visitor at all is another stall");
    assert!(!found.finding.stuck[0].awaits.is_empty(), "the last look says where each waits: {found}");
}

/// Fails from 100 on, under one seed in four; which one is another for each value.
async fn by_chance(world: World, value: u64) -> Result {
    const LUCK: Site = Site::new("luck");
    let is_unlucky = world.draws(LUCK, &value.to_string()).range(0..4) == 0;
    ensure!(value < 100 || !is_unlucky, "unlucky with {value}");
    Ok(())
}

#[test]
fn a_candidate_may_fail_under_a_neighbour_of_the_seed() {
    let (mut moved, mut least) = (0, [0, 0]);
    for number in 0..20 {
        for (nth, neighbours) in [0, 30].into_iter().enumerate() {
            let config = Config { values: number..number + 10, neighbours, ..Config::BASE };
            let found = found(check("by chance", &config, 0..1_000_u64, by_chance));
            let seed = found.seed.expect("values ran under seeds");
            let again = seedbed::sweep("by chance", seed..seed + 1, |world| by_chance(world, found.value));
            assert_eq!(again.findings.len(), 1, "value {} under seed {seed}", found.value);
            moved += u64::from(found.seed != found.drawn_seed);
            assert!(nth == 1 || found.seed == found.drawn_seed);
            least[nth] += u64::from(found.value == 100);
        }
    }
    assert_eq!(least[1], 20, "with neighbours every value gets to the least");
    assert!(least[0] < 20 && moved > 0, "{least:?} at the least, {moved} moved");
}

#[test]
fn a_candidate_starts_from_the_seed_of_the_value_it_would_replace() {
    let config = |number| Config { values: number..number + 10, neighbours: 2, ..Config::BASE };
    let moved = (0..20).map(|number| {
        let found = found(check("by chance", &config(number), 0..1_000_u64, by_chance));
        found.seed.zip(found.drawn_seed).map_or(0, |(seed, drawn_seed)| seed - drawn_seed)
    });
    assert!(moved.max() > Some(2), "step by step a seed moves further than one step goes");
}

#[test]
fn one_check_is_one_report() {
    let report = || check("two rules", &Config::BASE, 0..10_000_u64, two_rules).to_string();
    assert_eq!(report(), report());
}

#[test]
fn other_values_meet_other_seeds_and_marks_are_counted() {
    let report = check("marks", &Config { values: 4..24, ..Config::BASE }, 0..10_u64, |_, value| async move {
        seedbed::mark("here");
        if value == 7 {
            seedbed::mark("seven");
        }
        Ok(())
    });
    report.assert_clean();
    assert_eq!((report.values, report.runs, report.marks["here"]), (20, 60, 60));
    assert_eq!(report.marks["seven"] % 3, 0);
}

#[test]
fn nothing_is_not_clean() {
    let report = check("nothing", &Config { values: 3..3, ..Config::BASE }, 0..10_u64, |_, _| async { Ok(()) });
    let panic = std::panic::catch_unwind(|| report.assert_clean()).expect_err("there was no run");
    assert_eq!(panic.downcast_ref::<String>().map(String::as_str), Some("nothing: no run, so nothing was tested"));
}

#[test]
fn without_seeds_only_the_value_is_drawn() {
    let config = Config { seeds: 0, ..Config::BASE };
    let found = found(check("calm", &config, 0..10_000_u64, |world, value| async move {
        let drawn = world.draw(Site::new("anything"), &(0..1_000));
        ensure!(drawn == 0, "drew {drawn}");
        two_rules(world, value.max(100)).await
    }));
    assert_eq!((found.value, found.seed, found.drawn_seed, found.case.seed), (500, None, None, None));
    assert_eq!(found.finding.signature, "Violation: not large");
    assert!(
        found.replay.starts_with(&format!("SEEDBED_VALUE={} SEEDBED_SEEDS=0 cargo test ", found.number)),
        "{}",
        found.replay
    );
    assert!(found.to_string().contains("last events of the least value without a seed:"), "{found}");
}

#[test]
fn of_the_least_values_run_the_decisions_that_matter_are_left() {
    let rested = Site::new("rested");
    let found = found(check("rested", &Config::BASE, 0..10_000_u64, move |world, value| async move {
        for _ in 0..50 {
            seedbed::task::spawn(async {}).await?;
        }
        let drawn = world.draw(rested, &(0..4));
        ensure!(value < 500 || drawn == 0, "{value} is large, and {drawn} drawn");
        Ok(())
    }));
    let shrunk = found.shrunk.as_ref().expect("it can be told");
    assert_eq!((found.value, shrunk.is_minimal), (500, true));
    assert_eq!(shrunk.case.decisions.keys().map(String::as_str).collect::<Vec<_>>(), ["rested / main / 0"]);
    assert!(found.to_string().contains(&shrunk.story[0]), "{found}");
}

#[test]
fn a_body_with_two_histories_is_a_divergence_and_not_shrunk() {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let found = found(check("calls", &Config::BASE, 100..200_u64, |_, _| async {
        sleep(Duration::from_secs(CALLS.fetch_add(1, Relaxed))).await;
        ensure!(1 + 1 == 3);
        Ok(())
    }));
    assert_eq!((found.finding.kind, found.candidates), (FindingKind::Divergence, 0));
    let message = &found.finding.message;
    assert!(message.matches("not true: 1 + 1 == 3").count() == 2, "what both runs found: {message}");
    assert_eq!(found.value, found.drawn);
}

#[test]
fn a_check_inside_a_world_is_a_panic_there() {
    let report = seedbed::sweep("worlds in worlds", 0..1, |_| async {
        let inner = check("inner", &Config::BASE, 0..10_u64, |_, _| async { Ok(()) });
        ensure!(inner.found.is_some(), "it ran");
        Ok(())
    });
    assert_eq!(report.findings[0].finding.kind, FindingKind::Panic, "{report}");
}

#[test]
fn candidates_have_a_limit_and_the_report_says_so() {
    let config = Config { candidates_max: 2, ..Config::BASE };
    let cut = found(check("two rules", &config, 1_000..10_000_u64, two_rules));
    assert!(cut.is_cut_short && cut.to_string().contains("by 2 candidates, which were not enough for the least"));
    let config = Config { candidates_max: 0, ..Config::BASE };
    let drawn = found(check("two rules", &config, 1_000..10_000_u64, two_rules));
    assert_eq!(drawn.value, drawn.drawn);
}

const QUEUE: Scenario = Scenario {
    name: "queue",
    params: &[
        Param { name: "clients", help: "who queues", default: 60, min: 1, max: 1_200 },
        Param { name: "patience_s", help: "seconds until a client goes", default: 100, min: 0, max: 1_000 },
        Param { name: "doors", help: "how many are let in at once", default: 4, min: 1, max: 9 },
    ],
    run: |world, params| {
        Box::pin(async move {
            sleep(Duration::from_secs(params.get("patience_s"))).await;
            let clients = params.get("clients");
            world.always("not crowded", move || {
                ensure!(clients < 12, "{clients} clients");
                Ok(())
            });
            sleep(Duration::from_secs(1)).await;
            Ok(())
        })
    },
    ..Scenario::CALM
};

#[test]
fn a_scenarios_declared_parameters_shrink_to_a_case_that_replays() {
    let found = found(check_scenario(&QUEUE, &Config::BASE, params(&QUEUE, declared(&QUEUE)).unwrap()));
    assert_eq!(found.value.iter().collect::<Vec<_>>(), [("clients", 12), ("doors", 1), ("patience_s", 0)]);
    let written = Case::from_toml(&found.case.to_toml()).unwrap();
    assert_eq!(QUEUE.replay(&written).unwrap().finding, Some(found.finding.clone()));
    assert!(found.to_string().contains("clients = 12"), "{found}");
}

#[test]
fn parameters_that_are_not_named_keep_their_defaults() {
    let ranges = declared(&QUEUE).into_iter().filter(|(name, _)| *name != "doors");
    let ranges = ranges.chain([("patience_s", 7..=9), ("clients", 100..=200)]);
    let found = found(check_scenario(&QUEUE, &Config::BASE, params(&QUEUE, ranges).unwrap()));
    assert_eq!(found.value.iter().collect::<Vec<_>>(), [("clients", 100), ("doors", 4), ("patience_s", 7)]);
    assert!(!found.case.params.contains_key("doors"), "a case holds what differs");
    assert_eq!(found.drawn.get("doors"), 4);
}

#[test]
#[expect(clippy::reversed_empty_ranges, reason = "a range without a value is an error, and this is one")]
fn ranges_that_do_not_fit_are_refused_in_words() {
    let refused = |name: &str, range| params(&QUEUE, [(name, range)]).map(drop).unwrap_err();
    assert!(matches!(refused("windows", 1..=2), CaseError::Param { .. }));
    assert_eq!(refused("clients", 0..=2).to_string(), "parameter `clients` is 0, and must be from 1 to 1200");
    assert_eq!(refused("doors", 3..=10).to_string(), "parameter `doors` is 10, and must be from 1 to 9");
    assert_eq!(refused("doors", 3..=2).to_string(), "parameter `doors` has no value from 3 to 2");
}

/// Runs a test of this file again in a process with this environment.
fn again(test: &str, environment: &[(&str, &str)]) -> Output {
    Command::new(env::current_exe().expect("a test has an executable"))
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .envs(environment.iter().copied())
        .output()
        .expect("the test can start itself")
}

const INSIDE: &str = "SEEDBED_TEST_INSIDE_PROPTEST";

fn line<'a>(text: &'a str, start: &str) -> &'a str {
    text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("no line `{start}` in:\n{text}"))
}

#[test]
fn the_printed_command_finds_the_same_least_value_again() {
    const NAME: &str = "the_printed_command_finds_the_same_least_value_again";
    if env::var(INSIDE).is_ok() {
        check("by chance", &Config::BASE, 0..1_000_u64, by_chance).assert_clean();
        return;
    }
    let first = again(NAME, &[]);
    let printed = String::from_utf8_lossy(&first.stderr);
    let replay = line(&printed, "replay: ");
    let words: Vec<_> = replay.split(' ').collect();
    let ["replay:", value, seed, rest @ ..] = words.as_slice() else { panic!("{replay}") };
    assert_eq!(rest.join(" "), format!("cargo test -p seedbed --test proptest -- --exact {NAME}"));
    let variables = [value, seed].map(|setting| setting.split_once('=').expect("a variable and its value"));
    let second = again(NAME, &variables);
    let printed_again = String::from_utf8_lossy(&second.stderr);
    for start in ["FAILED ", "value: ", "  fails under seed ", "replay: "] {
        assert_eq!(line(&printed, start), line(&printed_again, start));
    }
    assert!(printed_again.contains("by chance: 1 runs of 1 values, a finding"), "{printed_again}");
}

#[test]
fn a_value_that_never_returns_is_named_by_the_watchdog() {
    const NAME: &str = "a_value_that_never_returns_is_named_by_the_watchdog";
    if env::var(INSIDE).is_ok() {
        // Every value fails; the first candidate, 0, hangs.
        check("hangs", &Config { values: 5..6, ..Config::BASE }, 0..1_000_u64, |_, value| async move {
            if value == 0 {
                loop {
                    std::hint::spin_loop();
                }
            }
            Err(seedbed::Violation::new(format!("{value}")))
        })
        .assert_clean();
        return;
    }
    let output = again(NAME, &[("SEEDBED_WATCHDOG", "1")]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(6), "aborted: {message}");
    assert!(
        line(&message, "FAILED ").starts_with("FAILED hangs: value 5 under seed 0xf has not returned"),
        "{message}"
    );
    let replay =
        format!("replay: SEEDBED_VALUE=5 SEEDBED_SEED=0xf cargo test -p seedbed --test proptest -- --exact {NAME}");
    assert_eq!(line(&message, "replay: "), replay);
}
