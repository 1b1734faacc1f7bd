//! What a shard does in these worlds: thinks, calls a model, keeps a checkpoint, and now and then panics.
//! Runs inside the service; what it asserts is what the service promised to it.

use super::story::{Style, Work};
use crate::{fact, mock::MockModel};
use futures::StreamExt;
use seedbed::{
    FaultFamily, World,
    decision::{Draws, Ratio, Site},
};
use shardwright::{
    ShardId,
    llm::{AnswerStream, CallError, Request, ScheduledClient},
    scheduler::Scheduler,
    shard::ShardError,
};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

const THINK: Site = Site::new("shard.think");
const LEAVES: Site = Site::new("shard.leaves");
const PANICS: Site = Site::new("shard.panics");
const STREAM_PAUSE: Duration = Duration::from_millis(800);
/// The last attempt of a stream, counted from 0.
pub(super) const STREAM_ATTEMPTS_MAX: u32 = 10;

/// What all shards of a run share.
pub(super) struct Crew {
    world: World,
    scheduler: Scheduler,
    model: Arc<MockModel>,
    client: ScheduledClient,
    panic: FaultFamily,
    panic_in_calls: Ratio,
}

impl Crew {
    pub(super) fn new(
        world: World,
        scheduler: Scheduler,
        model: Arc<MockModel>,
        client: ScheduledClient,
        panics: (Ratio, Ratio),
    ) -> Self {
        let panic = world.fault_family("work.panic", panics.0);
        Self { world, scheduler, model, client, panic, panic_in_calls: panics.1 }
    }

    /// The work of one shard, decided under its `name`: its number tells how many were started before it.
    pub(super) async fn work(
        self: Arc<Self>,
        shard: ShardId,
        name: String,
        work: &'static Work,
    ) -> Result<String, ShardError> {
        let draws = |site| self.world.draws(site, &name);
        let (mut think, mut leaves, mut panics) = (draws(THINK), draws(LEAVES), draws(PANICS));
        self.model.name(shard, name);
        for nth in 0..work.calls {
            sleep(think.duration(Duration::ZERO..work.think_max)).await;
            let deadline = work.patience.map(|patience| Instant::now() + patience);
            let request =
                Request { priority: work.priority, deadline, ..Request::new(shard, nth, format!("question {nth}")) };
            let call = async {
                match work.style {
                    Style::Whole => self.ask(request).await,
                    Style::Stream { leaves: ratio } => self.read_until_whole(request, &mut leaves, ratio).await,
                }
            };
            if work.may_drop_calls {
                self.world.cancellable(call).await.unwrap_or(Ok(()))?;
            } else {
                call.await?;
            }
            if self.panic.strikes(&mut panics, self.panic_in_calls, "between two calls") {
                fact::excused(shard, "its work panicked");
                seedbed::inject_panic("injected into a shard's work");
            }
            self.keep_checkpoint(shard, nth);
        }
        Ok(shard.to_string())
    }

    async fn ask(&self, request: Request) -> Result<(), CallError> {
        let (asked, deadline) = (request.prompt.clone(), request.deadline);
        match self.client.complete_with_retry(request).await {
            Ok(answer) => assert_eq!(answer.text, asked, "an answer that is not the provider's"),
            // No answer in time is as good as none.
            Err(error) if deadline.is_none() => return Err(error),
            Err(_) => {}
        }
        Ok(())
    }

    /// Streams are retried here: only the reader knows what a half answer is worth.
    async fn read_until_whole(
        &self,
        mut request: Request,
        leaves: &mut Draws,
        leaves_ratio: Ratio,
    ) -> Result<(), CallError> {
        loop {
            let leaves_after = leaves.chance(leaves_ratio).then(|| leaves.range(0..3));
            match self.read(request.clone(), leaves_after).await {
                Err(error) if error.is_retryable() && request.attempt < STREAM_ATTEMPTS_MAX => {
                    request.attempt += 1;
                    sleep(STREAM_PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn read(&self, request: Request, leaves_after: Option<u64>) -> Result<(), CallError> {
        let shard = request.shard;
        let stream = self.client.stream(request).await?;
        let mut reader = Reader { stream, shard, has_ended: false };
        let mut read = 0;
        while leaves_after != Some(read) {
            let chunk = match reader.stream.next().await {
                Some(Ok(chunk)) => chunk,
                Some(Err(error)) => {
                    reader.has_ended = true;
                    return Err(error);
                }
                None => panic!("a stream of {shard} ended with neither a last chunk nor an error"),
            };
            assert!(chunk.text.starts_with(&format!("{read} of ")), "chunk {read} of {shard} is `{}`", chunk.text);
            if chunk.finish.is_some() {
                reader.has_ended = true;
                return Ok(());
            }
            read += 1;
        }
        Ok(())
    }

    fn keep_checkpoint(&self, shard: ShardId, call: u64) {
        let value = format!("{shard} has made call {call}");
        // A shard at work is registered, and this is far below the limit.
        self.scheduler.save_checkpoint(shard, "call", value.clone()).expect("a small checkpoint of a living shard");
        assert_eq!(self.scheduler.load_checkpoint(shard, "call"), Some(value), "the checkpoint of {shard}");
    }
}

/// Somebody who reads a stream, and who tells when they go before its end.
struct Reader {
    stream: AnswerStream,
    shard: ShardId,
    has_ended: bool,
}

impl Drop for Reader {
    fn drop(&mut self) {
        if !self.has_ended {
            fact::reader_gone(self.shard);
        }
    }
}
