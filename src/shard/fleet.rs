//! Starts and stops shards. Owns no state but the way to it; knows nothing of what shards do.

use std::sync::Arc;

use futures::FutureExt;
use tokio::time::{Duration, timeout};

use super::{
    handle::ShardHandle,
    result::ShardError,
    roster::Roster,
    run::Run,
    seat::Seat,
    settings::{Settings, SpawnOptions},
};
use crate::{id::ShardId, scheduler::Scheduler};

/// Why a shard was not started; then none of it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpawnError {
    /// As many shards live as may.
    #[error("{limit} shards live, and no more may")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The fleet was stopped.
    #[error("the fleet is stopped")]
    Stopped,
}

/// All shards of a backend; clones are the same fleet.
///
/// It numbers its shards itself, so there is one fleet to a scheduler.
#[derive(Clone)]
pub struct Fleet {
    scheduler: Scheduler,
    roster: Arc<Roster>,
}

impl Fleet {
    /// An empty fleet, whose shards will be registered with `scheduler`.
    pub fn new(scheduler: Scheduler, settings: Settings) -> Fleet {
        Fleet { scheduler, roster: Arc::new(Roster::new(settings.shards_max)) }
    }

    /// Starts a shard in a task of its own. `work` is called with the shard's id inside that task.
    /// To be called inside a runtime.
    ///
    /// # Errors
    /// [`SpawnError`]; then `work` was dropped uncalled.
    pub fn spawn<W, F>(&self, kind: &'static str, options: SpawnOptions, work: W) -> Result<ShardHandle, SpawnError>
    where
        W: FnOnce(ShardId) -> F + Send + 'static,
        F: Future<Output = Result<String, ShardError>> + Send + 'static,
    {
        let (shard, cancelled) = self.roster.take(kind)?;
        let seat = Seat::new(shard, kind, self.scheduler.clone(), Arc::clone(&self.roster));
        let run = Run {
            work: async move { work(shard).await }.boxed(),
            cancelled,
            execution_timeout: options.execution_timeout,
            seat,
        };
        Ok(ShardHandle::new(shard, Arc::clone(&self.roster), tokio::spawn(run.until_end())))
    }

    /// Asks a shard to end at its next await. `false` if it was asked before or does not live.
    pub fn cancel(&self, shard: ShardId) -> bool {
        self.roster.cancel(shard)
    }

    /// The shards that have not ended, in the order in which they were started.
    pub fn living(&self) -> Vec<ShardId> {
        self.roster.living()
    }

    /// Starts no more shards, lets those that live go on for `grace`, cancels the rest, and returns
    /// when all have ended. Their results remain with their handles.
    ///
    /// Dropped at an await: no shard starts any more, those that live go on as they are; stop again
    /// to finish.
    pub async fn stop(&self, grace: Duration) {
        self.roster.close();
        if timeout(grace, self.roster.empty()).await.is_err() {
            for shard in self.roster.living() {
                self.roster.cancel(shard);
            }
            self.roster.empty().await;
        }
    }
}
