//! One case is one history, on every machine, in debug and release. When the service, a scenario or the
//! world changes what happens, these change with it: review, then `INSTA_UPDATE=always cargo test`.
#![cfg(not(real_side))]

const _: () = assert!(
    cfg!(madsim),
    "build with `--cfg madsim`: .cargo/config.toml sets it, and an exported RUSTFLAGS replaces that"
);

use seedbed::Case;
use shardwright_sim::ALL;
use std::fmt::Write;

/// A line for each case: what it is and the digest of its history.
fn digests(cases: &[Case]) -> String {
    let mut lines = String::new();
    for case in cases {
        let scenario = ALL.iter().find(|scenario| scenario.name == case.scenario).expect("the scenario is in ALL");
        let outcome = scenario.replay(case).expect("the case fits its scenario");
        assert_eq!(outcome.finding, None, "{case:?}");
        let line = writeln!(lines, "{}: {} of {} events", name(case), outcome.digest, outcome.events);
        line.expect("a String takes any text");
    }
    lines
}

fn name(case: &Case) -> String {
    let seed = case.seed.map_or_else(|| "nothing drawn".to_owned(), |seed| format!("seed {seed}"));
    let params = case.params.iter().map(|(name, value)| format!(", {name} {value}")).collect::<String>();
    let strategy = case.strategy.as_ref().map(|strategy| format!(", {strategy}")).unwrap_or_default();
    format!("{}, {seed}{strategy}{params}", case.scenario)
}

fn calm(scenario: &str) -> Case {
    Case { seed: None, ..Case::of_seed(scenario, 0) }
}

fn seeded(scenario: &str, seed: u64) -> Case {
    Case::of_seed(scenario, seed)
}

fn picked(scenario: &str, seed: u64, strategy: &str) -> Case {
    Case { strategy: Some(strategy.to_owned()), ..seeded(scenario, seed) }
}

fn storm(seed: u64, params: &[(&str, u64)]) -> Case {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    Case { params, ..seeded("slot-storm", seed) }
}

#[test]
fn twenty_cases_keep_their_histories() {
    let cases = [
        calm("conservative"),
        calm("aggressive"),
        calm("hybrid"),
        calm("chaos"),
        calm("slot-storm"),
        seeded("conservative", 1),
        seeded("aggressive", 1),
        seeded("hybrid", 1),
        seeded("chaos", 1),
        seeded("slot-storm", 1),
        seeded("chaos", 17),
        seeded("chaos", 52),
        seeded("chaos", u64::MAX),
        picked("chaos", 2, "fifo"),
        picked("chaos", 2, "random"),
        picked("chaos", 2, "pct"),
        picked("chaos", 2, "urw"),
        storm(3, &[("shards", 8), ("slots", 1)]),
        storm(3, &[("cancel_percent", 100)]),
        storm(3, &[("shards", 300), ("slots", 120), ("calls", 2)]),
    ];
    insta::assert_snapshot!(digests(&cases));
}
