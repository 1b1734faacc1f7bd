//! The task of one shard: runs the work until it is done, cancelled or out of time. Owns the work
//! and its seat; knows nothing of the other shards.

use std::panic::AssertUnwindSafe;

use futures::{FutureExt, future::BoxFuture};
use tokio::{
    sync::oneshot,
    time::{Duration, Instant, sleep_until},
};

use super::{
    events::End,
    result::{ShardError, ShardResult},
    seat::Seat,
};
use crate::{id::ShardId, instant::after, panics, scheduler::Scheduler};

pub(super) struct Run {
    // The order is the order of drops, also of a task that never ran: the place is free only when
    // nothing of the work is left.
    pub(super) work: BoxFuture<'static, Result<String, ShardError>>,
    pub(super) cancelled: oneshot::Receiver<()>,
    pub(super) execution_timeout: Duration,
    pub(super) seat: Seat,
}

impl Run {
    /// Dropped at its await: the shard ends as cancelled.
    pub(super) async fn until_end(mut self) -> ShardResult {
        let result = self.work_or_cut().await;
        self.seat.end = Some(end_of(&result));
        drop(self);
        result
    }

    /// If several come in one instant: a cancel beats a result, which beats the limit.
    async fn work_or_cut(&mut self) -> ShardResult {
        if self.cancelled.try_recv().is_ok() {
            return ShardResult::Cancelled;
        }
        self.seat.started = true;
        let limit = self.execution_timeout;
        tokio::select! {
            biased;
            _ = &mut self.cancelled => ShardResult::Cancelled,
            outcome = AssertUnwindSafe(&mut self.work).catch_unwind() => match outcome {
                Ok(Ok(text)) => ShardResult::Finished(text),
                Ok(Err(error)) => ShardResult::Failed(error),
                Err(payload) => ShardResult::Panicked(panics::message(payload)),
            },
            () = execution_time_over(&self.seat.scheduler, self.seat.shard, limit) => ShardResult::TimedOut { limit },
        }
    }
}

/// Returns when the shard has run for `limit` from now on, its waits for slots left out.
async fn execution_time_over(scheduler: &Scheduler, shard: ShardId, limit: Duration) {
    let started_at = Instant::now();
    loop {
        let over_at = after(started_at, limit.saturating_add(scheduler.queued(shard)));
        if over_at <= Instant::now() {
            return;
        }
        sleep_until(over_at).await;
    }
}

fn end_of(result: &ShardResult) -> End {
    match result {
        ShardResult::Finished(_) => End::Finished,
        ShardResult::Failed(_) => End::Failed,
        ShardResult::Panicked(_) => End::Panicked,
        ShardResult::Cancelled => End::Cancelled,
        ShardResult::TimedOut { .. } => End::TimedOut,
    }
}
