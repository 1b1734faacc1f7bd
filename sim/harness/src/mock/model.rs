//! Plays the planned calls out in time.

use super::{
    plan::{CallPlan, Fate, Planner, StreamPlan},
    preset::Preset,
};
use crate::fact::{self, Exchange};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use seedbed::World;
use shardwright::{
    ShardId,
    llm::{CallError, Chunk, ChunkStream, Completion, Finish, ModelClient, Request},
};
use std::{
    future::pending,
    sync::{Mutex, PoisonError},
};
use tokio::time::sleep;

/// The mock provider of one run.
pub struct MockModel {
    planner: Mutex<Planner>,
}

impl MockModel {
    /// A provider after `preset`; which of its fault families are on is decided here.
    #[must_use]
    pub fn new(world: World, preset: &'static Preset) -> Self {
        Self { planner: Mutex::new(Planner::new(world, preset)) }
    }

    /// Injected panics unwind past this lock, never through it.
    fn plan<P>(&self, plan: impl FnOnce(&mut Planner) -> P) -> P {
        plan(&mut self.planner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ModelClient for MockModel {
    fn complete(&self, request: Request) -> BoxFuture<'_, Result<Completion, CallError>> {
        let exchange = Exchange::open(request.shard);
        let plan = self.plan(|planner| planner.call(request.shard));
        answer(plan, exchange, request).boxed()
    }

    fn stream(&self, request: Request) -> BoxFuture<'_, Result<ChunkStream, CallError>> {
        let exchange = Exchange::open(request.shard);
        let plan = self.plan(|planner| planner.stream(request.shard));
        open(plan, exchange, request.shard).boxed()
    }
}

async fn answer(plan: CallPlan, _exchange: Exchange, request: Request) -> Result<Completion, CallError> {
    sleep(plan.latency).await;
    match plan.fate {
        Fate::Answer | Fate::Cut => Ok(whole(request.prompt)),
        Fate::Empty => Ok(whole(String::new())),
        Fate::Fail(error) => Err(failed(request.shard, error)),
        Fate::Stall => pending().await,
        Fate::Panic => panic_of(request.shard),
    }
}

/// A mock echoes: so the asking side can tell whether it has all of the answer.
fn whole(text: String) -> Completion {
    Completion { text, finish: Finish::Stop }
}

/// An error before the first chunk; what strikes later strikes inside the stream.
async fn open(plan: StreamPlan, exchange: Exchange, shard: ShardId) -> Result<ChunkStream, CallError> {
    sleep(plan.first_chunk).await;
    match plan.fate {
        Fate::Fail(error) if plan.whole == 0 => Err(failed(shard, error)),
        _ => Ok(chunks(plan, exchange, shard)),
    }
}

fn chunks(plan: StreamPlan, exchange: Exchange, shard: ShardId) -> ChunkStream {
    // The exchange closes when the stream has said that it is over, or is dropped.
    stream::unfold((plan, exchange, Some(0)), move |(plan, exchange, next)| async move {
        let nth = next?;
        if nth > 0 {
            sleep(plan.chunk_gap).await;
        }
        let item = next_chunk(&plan, shard, nth).await?;
        let next = item.is_ok().then_some(nth + 1);
        Some((item, (plan, exchange, next)))
    })
    .boxed()
}

async fn next_chunk(plan: &StreamPlan, shard: ShardId, nth: u64) -> Option<Result<Chunk, CallError>> {
    let last = plan.chunks - 1;
    if nth < plan.whole {
        let finish = (nth == last).then_some(Finish::Stop);
        return (nth <= last).then(|| Ok(Chunk { text: format!("{nth} of {last};"), finish }));
    }
    match &plan.fate {
        Fate::Answer | Fate::Cut => None,
        // Only a finish that nothing came before makes an answer empty.
        Fate::Empty if nth == 0 => Some(Ok(Chunk { text: String::new(), finish: Some(Finish::Stop) })),
        Fate::Empty => None,
        Fate::Fail(error) => Some(Err(failed(shard, error.clone()))),
        Fate::Stall => pending().await,
        Fate::Panic => panic_of(shard),
    }
}

fn failed(shard: ShardId, error: CallError) -> CallError {
    if !error.is_retryable() {
        fact::excused(shard, "refused by the provider");
    }
    error
}

fn panic_of(shard: ShardId) -> ! {
    fact::excused(shard, "the model client panicked");
    seedbed::inject_panic("injected into the model client")
}
