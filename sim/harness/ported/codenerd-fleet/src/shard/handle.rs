//! The waiter's end of a request. When it goes, the request stays.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{manager::Manager, result::ShardResult};
use crate::id::ShardId;

/// A claim to a result.
pub struct ShardHandle {
    shard: ShardId,
    manager: Arc<Manager>,
    /// Gone once the result has been taken.
    result: Option<oneshot::Receiver<ShardResult>>,
}

impl ShardHandle {
    pub(super) fn new(shard: ShardId, manager: Arc<Manager>, result: oneshot::Receiver<ShardResult>) -> ShardHandle {
        ShardHandle { shard, manager, result: Some(result) }
    }

    /// Which shard this is.
    pub fn shard(&self) -> ShardId {
        self.shard
    }

    /// Waits for the result; `None` if it was taken before. Dropped at its await: ask again.
    pub async fn result(&mut self) -> Option<ShardResult> {
        let result = self.result.as_mut()?.await;
        self.result = None;
        Some(result.unwrap_or(ShardResult::Cancelled))
    }

    /// Asks the shard to end, if it runs.
    pub fn cancel(&self) -> bool {
        self.manager.cancel(self.shard)
    }

    /// Gives up the result.
    pub fn detach(self) -> ShardId {
        self.shard
    }
}
