//! What a provider is to us. Knows nothing of slots, retries or any one provider.

use futures::{future::BoxFuture, stream::BoxStream};
use tokio::time::Instant;

use super::error::CallError;
use crate::{id::ShardId, scheduler::Priority};

/// One physical way to a model. It makes one attempt per call and does not retry: retries belong to
/// whoever holds the slot, or they would multiply and run inside it.
///
/// Both methods are cancelled by dropping their future or stream; that must close the exchange.
pub trait ModelClient: Send + Sync {
    /// Asks for the whole answer at once.
    ///
    /// Dropped at an await: the provider may or may not have done, and billed, the work.
    fn complete(&self, request: Request) -> BoxFuture<'_, Result<Completion, CallError>>;

    /// Asks for the answer piece by piece. The last chunk of a whole answer, and only that, has
    /// its `finish` set.
    ///
    /// Dropped at an await: as with `complete`, and so for the stream.
    fn stream(&self, request: Request) -> BoxFuture<'_, Result<ChunkStream, CallError>>;
}

/// The pieces of one answer as they come from the provider.
pub type ChunkStream = BoxStream<'static, Result<Chunk, CallError>>;

/// One question to a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub shard: ShardId,
    /// The shard's own number for this call; the same for all its attempts, so that together with
    /// `shard` it can serve as an idempotency key.
    pub call: u64,
    /// 0 for the first attempt. Set by the retrying caller.
    pub attempt: u32,
    /// How urgently a slot is needed.
    pub priority: Priority,
    /// After this the answer is of no use: waiting, calling and retrying all end by then.
    pub deadline: Option<Instant>,
    /// What is asked.
    pub prompt: String,
    /// The longest answer wanted.
    pub tokens_max: u32,
}

impl Request {
    /// A question of normal priority, no deadline, and up to 4096 tokens of answer.
    pub fn new(shard: ShardId, call: u64, prompt: impl Into<String>) -> Request {
        let prompt = prompt.into();
        Request { shard, call, attempt: 0, priority: Priority::Normal, deadline: None, prompt, tokens_max: 4096 }
    }
}

/// Why the model stopped by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It had said everything.
    Stop,
    /// It reached `tokens_max`.
    Length,
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What the model said.
    pub text: String,
    /// Why it stopped.
    pub finish: Finish,
}

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// What the model said since the last piece; may be empty.
    pub text: String,
    /// Set on the last piece of a whole answer.
    pub finish: Option<Finish>,
}
