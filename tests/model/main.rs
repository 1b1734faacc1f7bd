//! The scheduler against a plain model of it: after every command of a drawn story both must say the same.
//!
//! `SEEDBED_VALUES=100000` draws more stories. A failure prints the least story that still fails.
#![cfg(not(real_side))]
#![expect(unreachable_pub, reason = "a test exports nothing; its modules speak to each other")]

mod command;
mod reference;
mod stage;
mod story;

use command::{Command, Seen};
use reference::Reference;
use seedbed::{
    ensure,
    proptest::{Config, check},
};
use shardwright::scheduler::Settings;
use stage::Stage;
use std::fmt::Debug;
use story::Story;
use tokio::{
    task::yield_now,
    time::{Duration, Instant},
};

const _: () = assert!(
    cfg!(madsim),
    "build with `--cfg madsim`: .cargo/config.toml sets it, and an exported RUSTFLAGS replaces that"
);

/// Plays a story on a scheduler with these settings and on the model, and then everybody who is still there goes.
async fn play(settings: Settings, story: Story) -> seedbed::Result {
    let mut stage = Stage::new(settings);
    let mut reference = Reference::new(story.settings, Instant::now());
    for (nth, command) in story.commands.iter().enumerate() {
        step(&format!("command {nth}"), command, &mut stage, &mut reference).await?;
    }
    for command in reference.farewells() {
        step("a farewell", &command, &mut stage, &mut reference).await?;
    }
    let metrics = reference.seen().metrics;
    ensure!((metrics.active, metrics.waiting) == (0, 0), "the model itself is not at rest: {metrics:?}");
    Ok(())
}

async fn step(which: &str, command: &Command, stage: &mut Stage, reference: &mut Reference) -> seedbed::Result {
    // A turn for each command: tokio's budget of one turn is no matter here.
    yield_now().await;
    let answer = stage.take(command).await;
    let expected = reference.take(command, Instant::now());
    let after = format!("{which}, {command:?}");
    same(&after, "answer", &answer, &expected)?;
    agree(&after, &stage.seen(), &reference.seen())
}

fn agree(after: &str, seen: &Seen, expected: &Seen) -> seedbed::Result {
    same(after, "metrics", &seen.metrics, &expected.metrics)?;
    same(after, "shards", &seen.shards, &expected.shards)?;
    same(after, "time queued", &seen.queued, &expected.queued)?;
    same(after, "callers that were woken", &seen.woken, &expected.woken)?;
    same(after, "whether all slots are idle", &seen.is_idle, &expected.is_idle)
}

fn same<T: PartialEq + Debug>(after: &str, what: &str, seen: &T, expected: &T) -> seedbed::Result {
    ensure!(seen == expected, "after {after}: {what}: {seen:?}, and should be {expected:?}");
    Ok(())
}

#[test]
fn the_scheduler_does_what_its_model_does() {
    let config = Config { values: 0..2_000, seeds: 0, ..Config::BASE };
    let report =
        check("scheduler against its model", &config, story::stories(), |_, story| play(story.settings, story));
    report.assert_clean();
    // One value alone, as a replay asks for, need not get everywhere.
    if report.values < 1_000 {
        return;
    }
    for mark in [
        "a waiter aged past a higher class",
        "acquire dropped before its first poll",
        "grant and timeout in one instant",
        "slot granted to a waiter that was cancelled before it ran",
        "stopped with waiters",
    ] {
        let reached = report.marks.get(mark).copied().unwrap_or_default();
        assert!(reached >= 20, "{reached} stories of {} reached: {mark}", report.values);
    }
}

/// A scheduler whose settings are not the story's is a wrong one, and a story of so few commands tells it apart.
fn assert_told_apart(wrong: fn(Settings) -> Settings, commands_max: usize) {
    let config = Config { values: 0..500, seeds: 0, ..Config::BASE };
    let report = check("scheduler with other settings", &config, story::stories(), move |_, story| {
        play(wrong(story.settings), story)
    });
    let text = report.to_string();
    let found = report.found.unwrap_or_else(|| panic!("a wrong scheduler goes unseen: {text}"));
    assert!(found.value.commands.len() <= commands_max, "{text}");
}

#[test]
fn a_scheduler_that_does_otherwise_is_told_apart_by_a_short_story() {
    const SECOND: Duration = Duration::from_secs(1);
    assert_told_apart(|right| Settings { slots: right.slots + 1, ..right }, 1);
    assert_told_apart(|right| Settings { slot_timeout: right.slot_timeout + SECOND, ..right }, 4);
    assert_told_apart(|right| Settings { rise_after: right.rise_after + SECOND, ..right }, 6);
    assert_told_apart(|right| Settings { checkpoint_bytes_max: right.checkpoint_bytes_max + 1, ..right }, 2);
}
