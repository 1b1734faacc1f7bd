//! Makes model calls, each inside a slot. Owns the order of acquire, call and release; knows
//! nothing of how slots are given out or how a provider is spoken to.

use std::sync::Arc;

use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};

use super::{
    answer::AnswerStream,
    error::CallError,
    limit::{CallLimit, caught},
    model::{ChunkStream, Completion, ModelClient, Request},
    pump::Pump,
    retry::pause_before_retry,
    settings::Settings,
};
use crate::scheduler::{AcquireError, AcquireOptions, Permit, Scheduler};

/// A model client whose every call holds a slot, and no longer than the call.
#[derive(Clone)]
pub struct ScheduledClient {
    scheduler: Scheduler,
    model: Arc<dyn ModelClient>,
    settings: Settings,
}

impl ScheduledClient {
    /// Calls go to `model` in slots of `scheduler`, where the calling shard must be registered.
    ///
    /// # Panics
    /// If `settings` has no room for a single chunk.
    pub fn new(scheduler: Scheduler, model: Arc<dyn ModelClient>, settings: Settings) -> ScheduledClient {
        assert!(settings.stream_buffer_chunks > 0, "a stream without room for a chunk would never move");
        ScheduledClient { scheduler, model, settings }
    }

    /// One attempt: waits for a slot, calls, gives the slot back.
    ///
    /// Dropped at an await: the wait ends or the call is closed, then the slot is free; the provider
    /// may have done the work.
    ///
    /// # Errors
    /// See [`CallError`]; a panic of the model client is one of them, and an answer without text.
    pub async fn complete(&self, request: Request) -> Result<Completion, CallError> {
        // Declared before the call, so dropped after it: a slot is never free while its call is open.
        let _permit = self.acquire(&request).await?;
        let limit = CallLimit::new(&request, self.settings.call_timeout);
        let completion = limit.hold(caught(async { self.model.complete(request).await })).await?;
        if completion.text.is_empty() { Err(CallError::Empty) } else { Ok(completion) }
    }

    /// Like [`complete`](Self::complete), with further attempts after failures that may pass. Each
    /// attempt waits for a slot of its own, and none is held during the pause before it.
    ///
    /// Dropped at an await: the current attempt ends as in `complete`, or the pause, and no other
    /// follows.
    ///
    /// # Errors
    /// The error of the last attempt: one that no retry helps, or after `retries_max` retries, or
    /// because the next would come after the deadline or sooner than the provider allows.
    pub async fn complete_with_retry(&self, request: Request) -> Result<Completion, CallError> {
        let mut request = Request { attempt: 0, ..request };
        loop {
            let error = match self.complete(request.clone()).await {
                Ok(completion) => return Ok(completion),
                Err(error) => error,
            };
            let Some(pause) = pause_before_retry(&self.settings, &request, &error, Instant::now()) else {
                return Err(error);
            };
            sleep(pause).await;
            request.attempt += 1;
        }
    }

    /// One attempt, answered piece by piece. The slot is held until the provider has sent the last
    /// chunk or failed, the stream has stood still for `stream_idle` or run for `stream_timeout`, or
    /// the returned stream is dropped; it does not wait for the reader to take what is buffered.
    ///
    /// Dropped at an await: as in `complete`.
    ///
    /// # Errors
    /// Those of the beginning; what goes wrong later is the last item of the stream.
    pub async fn stream(&self, request: Request) -> Result<AnswerStream, CallError> {
        // Before the upstream in the order of drops, as in `complete`.
        let permit = self.acquire(&request).await?;
        let limit = CallLimit::new(&request, self.settings.stream_timeout);
        let upstream = limit.hold(self.open(request)).await?;
        let (room, chunks) = mpsc::channel(self.settings.stream_buffer_chunks);
        let pump = Pump::new(upstream, room, self.settings.stream_idle, permit);
        Ok(AnswerStream::new(chunks, tokio::spawn(pump.run(limit))))
    }

    async fn open(&self, request: Request) -> Result<ChunkStream, CallError> {
        let idle = self.settings.stream_idle;
        match timeout(idle, caught(async { self.model.stream(request).await })).await {
            Ok(opened) => opened,
            Err(_) => Err(CallError::Idle { limit: idle }),
        }
    }

    async fn acquire(&self, request: &Request) -> Result<Permit, AcquireError> {
        let options = AcquireOptions { priority: request.priority, deadline: request.deadline };
        self.scheduler.acquire(request.shard, options).await
    }
}
