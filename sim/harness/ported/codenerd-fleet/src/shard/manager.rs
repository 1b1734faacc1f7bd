//! The shard manager: runs shards, and keeps each result until somebody reads it.

use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::{FutureExt, future::BoxFuture};
use tokio::{
    sync::oneshot,
    time::{Duration, timeout},
};

use super::{
    events::{self, End},
    result::{ShardError, ShardResult},
};
use crate::{id::ShardId, panics, scheduler::Scheduler};

/// What a shard is to do.
pub(super) struct Task {
    pub(super) shard: ShardId,
    pub(super) kind: &'static str,
    pub(super) execution_timeout: Duration,
    pub(super) work: BoxFuture<'static, Result<String, ShardError>>,
}

pub(super) struct Manager {
    scheduler: Scheduler,
    shards_max: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Each with the means to cancel it, until that was used.
    active: BTreeMap<ShardId, Option<oneshot::Sender<()>>>,
    results: BTreeMap<ShardId, ShardResult>,
}

impl Manager {
    pub(super) fn new(scheduler: Scheduler, shards_max: usize) -> Manager {
        Manager { scheduler, shards_max, state: Mutex::default() }
    }

    pub(super) fn can_spawn_now(&self) -> bool {
        self.lock().active.len() < self.shards_max
    }

    /// `false` if there is no room; then the task was dropped.
    pub(super) fn spawn(self: &Arc<Self>, task: Task) -> bool {
        let mut state = self.lock();
        if state.active.len() >= self.shards_max {
            return false;
        }
        let (cancel, cancelled) = oneshot::channel();
        state.active.insert(task.shard, Some(cancel));
        events::spawned(task.shard, task.kind);
        drop(state);
        self.scheduler.register(task.shard, task.kind);
        tokio::spawn(Arc::clone(self).run(task, cancelled));
        true
    }

    /// The first reader takes it.
    pub(super) fn take_result(&self, shard: ShardId) -> Option<ShardResult> {
        self.lock().results.remove(&shard)
    }

    /// Of a request that is still queued nothing is known here.
    pub(super) fn cancel(&self, shard: ShardId) -> bool {
        let cancel = self.lock().active.get_mut(&shard).and_then(Option::take);
        cancel.is_some_and(|cancel| cancel.send(()).is_ok())
    }

    pub(super) fn living(&self) -> Vec<ShardId> {
        self.lock().active.keys().copied().collect()
    }

    /// Tells all to stop, and forgets them there and then.
    pub(super) fn stop_all(&self) {
        let active = std::mem::take(&mut self.lock().active);
        for cancel in active.into_values().flatten() {
            let _ = cancel.send(());
        }
    }

    async fn run(self: Arc<Self>, task: Task, cancelled: oneshot::Receiver<()>) {
        let Task { shard, kind, execution_timeout: limit, work } = task;
        let result = tokio::select! {
            _ = cancelled => ShardResult::Cancelled,
            outcome = timeout(limit, AssertUnwindSafe(work).catch_unwind()) => match outcome {
                Ok(Ok(Ok(text))) => ShardResult::Finished(text),
                Ok(Ok(Err(error))) => ShardResult::Failed(error),
                Ok(Err(payload)) => ShardResult::Panicked(panics::message(payload)),
                Err(_) => ShardResult::TimedOut { limit },
            },
        };
        let end = end_of(&result);
        // A panic comes out past this.
        if end != End::Panicked {
            let _ = self.scheduler.unregister(shard);
        }
        let mut state = self.lock();
        state.active.remove(&shard);
        state.results.insert(shard, result);
        events::ended(shard, kind, end);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
