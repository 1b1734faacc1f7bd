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

    /// Calls `shard` by that name in all that is decided of its calls. Without one it is called by its number,
    /// which changes with each shard that starts before it.
    pub fn name(&self, shard: ShardId, name: String) {
        self.plan(|planner| planner.name(shard, name));
    }

    /// Injected panics unwind past this lock, never through it.
    fn plan<P>(&self, plan: impl FnOnce(&mut Planner) -> P) -> P {
        plan(&mut self.planner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ModelClient for MockModel {
    fn complete(&self, request: Request) -> BoxFuture<'_, Result<Completion, CallError>> {
        let exchange = Exchange::open(request.shard);
        fact::attempted(&request);
        let plan = self.plan(|planner| planner.call(request.shard));
        answer(plan, exchange, request).boxed()
    }

    fn stream(&self, request: Request) -> BoxFuture<'_, Result<ChunkStream, CallError>> {
        let exchange = Exchange::open(request.shard);
        fact::attempted(&request);
        let plan = self.plan(|planner| planner.stream(request.shard));
        open(plan, exchange, Asked { shard: request.shard, call: request.call }).boxed()
    }
}

/// Which call is answered.
#[derive(Clone, Copy)]
struct Asked {
    shard: ShardId,
    call: u64,
}

async fn answer(plan: CallPlan, _exchange: Exchange, request: Request) -> Result<Completion, CallError> {
    let asked = Asked { shard: request.shard, call: request.call };
    sleep(plan.latency).await;
    match plan.fate {
        Fate::Answer | Fate::Cut => Ok(whole(request.prompt)),
        Fate::Empty => Ok(whole(String::new())),
        Fate::Fail(error) => Err(failed(asked, error)),
        Fate::Stall => pending().await,
        Fate::Panic => panic_of(request.shard),
    }
}

/// A mock echoes: so the asking side can tell whether it has all of the answer.
fn whole(text: String) -> Completion {
    Completion { text, finish: Finish::Stop }
}

/// An error before the first chunk; what strikes later strikes inside the stream.
async fn open(plan: StreamPlan, exchange: Exchange, asked: Asked) -> Result<ChunkStream, CallError> {
    sleep(plan.first_chunk).await;
    match plan.fate {
        Fate::Fail(error) if plan.whole == 0 => Err(failed(asked, error)),
        _ => Ok(chunks(plan, exchange, asked)),
    }
}

/// Some providers do not close a stream after its last chunk, and one that has sent an error in it may go on
/// after it: so does this one, for those who do not take its word. The exchange closes when the stream has
/// said that it is over, or is dropped.
fn chunks(plan: StreamPlan, exchange: Exchange, asked: Asked) -> ChunkStream {
    stream::unfold((plan, exchange, Some(0)), move |(plan, exchange, next)| async move {
        let nth = next?;
        if nth > 0 {
            sleep(plan.chunk_gap).await;
        }
        let item = next_chunk(&plan, asked, nth).await?;
        Some((item, (plan, exchange, Some(nth + 1))))
    })
    .boxed()
}

async fn next_chunk(plan: &StreamPlan, asked: Asked, nth: u64) -> Option<Result<Chunk, CallError>> {
    let last = plan.chunks - 1;
    if nth > last {
        return pending().await;
    }
    let is_past_error = nth > plan.whole && matches!(plan.fate, Fate::Fail(_));
    if nth < plan.whole || is_past_error {
        let finish = (nth == last).then_some(Finish::Stop);
        return Some(Ok(Chunk { text: format!("{nth} of {last};"), finish }));
    }
    match &plan.fate {
        Fate::Answer | Fate::Cut => None,
        // Only a finish that nothing came before makes an answer empty.
        Fate::Empty if nth == 0 => Some(Ok(Chunk { text: String::new(), finish: Some(Finish::Stop) })),
        Fate::Empty => None,
        Fate::Fail(error) => Some(Err(failed(asked, error.clone()))),
        Fate::Stall => pending().await,
        Fate::Panic => panic_of(asked.shard),
    }
}

/// What is final is for the provider to say, not for those who ask.
fn failed(asked: Asked, error: CallError) -> CallError {
    if error == CallError::Refused {
        fact::refused(asked.shard, asked.call);
        fact::excused(asked.shard, "refused by the provider");
    }
    error
}

fn panic_of(shard: ShardId) -> ! {
    fact::excused(shard, "the model client panicked");
    seedbed::inject_panic("injected into the model client")
}
