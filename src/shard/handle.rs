//! The claim to one shard's result. Owns it, so that it can neither be taken twice nor pile up.

use std::{fmt, sync::Arc};

use tokio::task::{JoinError, JoinHandle};

use super::{result::ShardResult, roster::Roster};
use crate::{id::ShardId, panics};

/// Whoever asked for a shard holds this, and only here is its result to be had. Dropping it cancels
/// the shard: nobody is left who wants the work. [`detach`](Self::detach) says otherwise.
#[must_use = "dropping the handle cancels the shard"]
pub struct ShardHandle {
    shard: ShardId,
    roster: Arc<Roster>,
    /// Gone once the result has been taken or given up.
    task: Option<JoinHandle<ShardResult>>,
}

impl ShardHandle {
    pub(super) fn new(shard: ShardId, roster: Arc<Roster>, task: JoinHandle<ShardResult>) -> ShardHandle {
        ShardHandle { shard, roster, task: Some(task) }
    }

    /// Which shard this is.
    pub fn shard(&self) -> ShardId {
        self.shard
    }

    /// Waits for the shard to end and takes its result; `None` if it was taken before. When it
    /// returns, the shard's place is free and the scheduler has forgotten it, apart from a call
    /// that the work has handed to another task.
    ///
    /// Dropped at its await: the result is not lost, ask again.
    pub async fn result(&mut self) -> Option<ShardResult> {
        let joined = self.task.as_mut()?.await;
        self.task = None;
        Some(joined.unwrap_or_else(cut_short))
    }

    /// Asks the shard to end; the result says whether that came in time. `false` if it was asked
    /// before or has ended.
    pub fn cancel(&self) -> bool {
        self.roster.cancel(self.shard)
    }

    /// Gives up the result and lets the shard run.
    pub fn detach(mut self) -> ShardId {
        self.task = None;
        self.shard
    }
}

impl fmt::Debug for ShardHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShardHandle").field("shard", &self.shard).finish_non_exhaustive()
    }
}

impl Drop for ShardHandle {
    fn drop(&mut self) {
        if self.task.is_some() {
            self.roster.cancel(self.shard);
        }
    }
}

/// The task was aborted from outside, or a destructor of the work panicked.
fn cut_short(error: JoinError) -> ShardResult {
    match error.try_into_panic() {
        Ok(payload) => ShardResult::Panicked(panics::message(payload)),
        Err(_) => ShardResult::Cancelled,
    }
}
