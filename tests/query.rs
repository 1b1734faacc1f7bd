//! What an operator asks is answered from the log.
#![cfg(not(real_side))]

const _: () = assert!(
    cfg!(madsim),
    "build with `--cfg madsim`: .cargo/config.toml sets it, and an exported RUSTFLAGS replaces that"
);

use seedbed::{Case, history::History};
use shardwright_sim::{ALL, answers};

fn history(case: &Case) -> History {
    let scenario = ALL.iter().find(|scenario| scenario.name == case.scenario).expect("the scenario is in ALL");
    let outcome = scenario.replay(case).expect("the case fits its scenario");
    assert_eq!(outcome.finding, None);
    outcome.history.expect("a replay keeps its history")
}

fn answer(history: &History, question: &str) -> String {
    let found = answers(history).into_iter().find(|(asked, _)| asked == question);
    found.unwrap_or_else(|| panic!("nobody answers `{question}`")).1
}

/// Without a seed everybody comes at once, asks for the same class, and holds a slot for 50 ms.
#[test]
fn four_callers_take_turns_on_one_slot() {
    let params = [("shards", 4), ("slots", 1), ("calls", 1)].map(|(name, value)| (name.to_owned(), value));
    let case = Case { seed: None, params: params.into(), ..Case::of_seed("slot-storm", 0) };
    let lines: Vec<_> =
        answers(&history(&case)).into_iter().map(|(question, answer)| format!("{question}: {answer}")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn answers_agree_with_the_rules() {
    for seed in 0..20 {
        let history = history(&Case::of_seed("chaos", seed));
        assert_eq!(answer(&history, "grants without release"), "none");
        let concurrency: u64 = answer(&history, "maximum concurrency").parse().expect("a number");
        assert!((1..=5).contains(&concurrency), "{concurrency} at once on 5 slots");
        let of = |question| -> u64 { answer(&history, question).parse().expect("a number") };
        assert!(of("acquisitions") <= of("waits"));
    }
}

#[test]
fn the_longest_wait_names_its_shard() {
    let history = history(&Case::of_seed("aggressive", 0));
    let longest = answer(&history, "longest wait");
    let (wait, shard) = longest.trim_end_matches(')').split_once(" (").expect("a wait and a shard");
    assert!(shard.starts_with("shard-"), "{longest}");
    assert!(wait.ends_with('s'), "{longest}");
}
