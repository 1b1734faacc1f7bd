//! The provider's promises to the scenarios.
#![cfg(not(real_side))]

const _: () = assert!(
    cfg!(madsim),
    "build with `--cfg madsim`: .cargo/config.toml sets it, and an exported RUSTFLAGS replaces that"
);

use futures::{FutureExt, StreamExt};
use seedbed::{World, ensure};
use shardwright::{
    ShardId,
    llm::{CallError, Completion, ModelClient, Request},
};
use shardwright_sim::mock::{MockModel, Preset};
use std::{panic::AssertUnwindSafe, time::Duration};
use tokio::time::timeout;

/// Longer than any answer takes that comes at all.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of a call; nothing if it never ended.
type Answer = Option<Result<Completion, CallError>>;

/// The answers to so many calls of one shard. An injected panic counts as a broken connection.
async fn answers(model: &MockModel, shard: u64, calls: u64) -> Vec<Answer> {
    let mut answers = Vec::new();
    for call in 0..calls {
        let asked = AssertUnwindSafe(model.complete(Request::new(ShardId(shard), call, "?"))).catch_unwind();
        let answer = timeout(PATIENCE, asked).await.ok();
        answers.push(answer.map(|answer| answer.unwrap_or(Err(CallError::Disconnected))));
    }
    answers
}

#[test]
fn a_calm_provider_answers_everything_in_time() {
    let report = seedbed::sweep("calm provider", 0..50, |world: World| async move {
        let model = MockModel::new(world, &Preset::CALM);
        let began = world.now();
        for answer in answers(&model, 1, 10).await {
            ensure!(matches!(answer, Some(Ok(_))), "{answer:?}");
        }
        ensure!(world.now() - began < 10 * Duration::from_secs(15), "ten answers took {:?}", world.now() - began);
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn a_shard_is_answered_the_same_whoever_else_asks() {
    let report = seedbed::sweep("independent shards", 0..100, |world: World| async move {
        let alone = answers(&MockModel::new(world, &Preset::HOSTILE), 1, 8).await;
        let model = MockModel::new(world, &Preset::HOSTILE);
        let (in_company, _, _) = futures::join!(answers(&model, 1, 8), answers(&model, 2, 8), answers(&model, 3, 5));
        ensure!(alone == in_company, "alone {alone:?}, in company {in_company:?}");
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn every_effect_of_a_hostile_provider_shows_up() {
    let report = seedbed::sweep("hostile provider", 0..200, |world: World| async move {
        let model = MockModel::new(world, &Preset::HOSTILE);
        for answer in answers(&model, 1, 20).await {
            seedbed::mark(match answer {
                None => "stalled",
                Some(Ok(completion)) if completion.text.is_empty() => "empty",
                Some(Ok(_)) => "answered",
                Some(Err(CallError::Throttled { retry_after: None })) => "throttled",
                Some(Err(CallError::Throttled { retry_after: Some(_) })) => "throttled politely",
                Some(Err(CallError::Overloaded)) => "overloaded",
                Some(Err(CallError::Disconnected)) => "disconnected",
                Some(Err(CallError::Refused)) => "refused",
                Some(Err(_)) => "something else",
            });
        }
        Ok(())
    });
    report.assert_clean();
    let seen: Vec<_> = report.marks.keys().map(String::as_str).collect();
    let all =
        ["answered", "disconnected", "empty", "overloaded", "refused", "stalled", "throttled", "throttled politely"];
    assert_eq!(seen, all);
}

#[test]
fn a_stream_is_whole_or_says_that_it_is_not() {
    let report = seedbed::sweep("streams", 0..300, |world: World| async move {
        let model = MockModel::new(world, &Preset::FLAKY);
        for call in 0..10 {
            let Ok(mut stream) = model.stream(Request::new(ShardId(1), call, "?")).await else { continue };
            let (mut has_finish, mut has_failed) = (false, false);
            while !has_finish
                && !has_failed
                && let Some(chunk) = stream.next().await
            {
                has_finish = chunk.as_ref().is_ok_and(|chunk| chunk.finish.is_some());
                has_failed = chunk.is_err();
            }
            if has_finish {
                let next = timeout(PATIENCE, stream.next()).await;
                ensure!(!matches!(next, Ok(Some(_))), "{next:?} came after the last chunk");
            } else if has_failed && matches!(timeout(PATIENCE, stream.next()).await, Ok(Some(Ok(_)))) {
                seedbed::mark("an error, and more");
            }
            seedbed::mark(match (has_finish, has_failed) {
                (true, _) => "whole",
                (false, true) => "failed",
                (false, false) => "cut",
            });
        }
        Ok(())
    });
    report.assert_clean();
    let seen: Vec<_> = report.marks.keys().map(String::as_str).collect();
    assert_eq!(seen, ["an error, and more", "cut", "failed", "whole"]);
}

#[test]
fn faults_stop_when_the_world_heals() {
    let report = seedbed::sweep("healed provider", 0..200, |world: World| async move {
        world.settle().await;
        let model = MockModel::new(world, &Preset::HOSTILE);
        for answer in answers(&model, 1, 20).await {
            ensure!(matches!(answer, Some(Ok(_))), "{answer:?}");
        }
        Ok(())
    });
    report.assert_clean();
}
