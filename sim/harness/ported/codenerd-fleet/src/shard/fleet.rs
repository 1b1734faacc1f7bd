//! The face of this project's fleet on the other's queue and manager.

use std::sync::Arc;

use futures::FutureExt;
use tokio::time::Duration;

use super::{
    handle::ShardHandle,
    manager::{Manager, Task},
    queue::SpawnQueue,
    result::ShardError,
    settings::{Settings, SpawnOptions},
};
use crate::{id::ShardId, scheduler::Scheduler};

/// Why a shard was not taken on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpawnError {
    /// The queue is full.
    #[error("{limit} requests are queued, and no more may")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The queue was stopped.
    #[error("the queue is stopped")]
    Stopped,
}

/// All shards of a backend; clones are the same fleet.
#[derive(Clone)]
pub struct Fleet {
    manager: Arc<Manager>,
    queue: Arc<SpawnQueue>,
}

impl Fleet {
    /// An empty fleet.
    pub fn new(scheduler: Scheduler, settings: Settings) -> Fleet {
        let manager = Arc::new(Manager::new(scheduler, settings.shards_max));
        Fleet { queue: Arc::new(SpawnQueue::new(Arc::clone(&manager))), manager }
    }

    /// Puts a request into the queue. To be called inside a runtime.
    ///
    /// # Errors
    /// [`SpawnError`]; then `work` was dropped uncalled.
    pub fn spawn<W, F>(&self, kind: &'static str, options: SpawnOptions, work: W) -> Result<ShardHandle, SpawnError>
    where
        W: FnOnce(ShardId) -> F + Send + 'static,
        F: Future<Output = Result<String, ShardError>> + Send + 'static,
    {
        let (shard, result) = self.queue.submit(|shard| Task {
            shard,
            kind,
            execution_timeout: options.execution_timeout,
            work: async move { work(shard).await }.boxed(),
        })?;
        Ok(ShardHandle::new(shard, Arc::clone(&self.manager), result))
    }

    /// Asks a shard to end, if it runs.
    pub fn cancel(&self, shard: ShardId) -> bool {
        self.manager.cancel(shard)
    }

    /// The shards that run, as the manager sees it.
    pub fn living(&self) -> Vec<ShardId> {
        self.manager.living()
    }

    /// Stops the queue, then all shards. Dropped at its await: shards go on.
    pub async fn stop(&self, grace: Duration) {
        self.queue.stop(grace).await;
        self.manager.stop_all();
    }
}
