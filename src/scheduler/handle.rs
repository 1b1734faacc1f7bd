//! The scheduler as its users see it. Owns the one lock; decides nothing itself.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{
    sync::Notify,
    time::{Duration, Instant},
};

use super::{
    acquire::{Acquire, AcquireOptions, Ask},
    error::{CheckpointError, NotRegistered},
    ledger::Ledger,
    metrics::Metrics,
    record::ShardState,
    settings::Settings,
};
use crate::id::ShardId;

/// Hands out API slots to shards; one instance per backend, and clones are the same instance.
///
/// ```no_run
/// # use shardwright::{ShardId, scheduler::{AcquireOptions, Scheduler, Settings}};
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let scheduler = Scheduler::new(Settings::BASE);
/// scheduler.register(ShardId(1), "coder");
/// let permit = scheduler.acquire(ShardId(1), AcquireOptions::BASE).await?;
/// // .. one model call ..
/// drop(permit);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Scheduler {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    ledger: Mutex<Ledger>,
    idle: Notify,
}

impl Scheduler {
    /// A scheduler with all slots free.
    ///
    /// # Panics
    /// If `settings` has no slots, a zero `rise_after`, or a zero slot timeout.
    pub fn new(settings: Settings) -> Scheduler {
        Scheduler { shared: Arc::new(Shared { ledger: Mutex::new(Ledger::new(settings)), idle: Notify::new() }) }
    }

    /// Makes a shard known, so that it may acquire. Doing it again keeps its counters, checkpoint,
    /// waits and slots, changes its kind, and takes back an [`unregister`](Self::unregister) that
    /// has not ended.
    pub fn register(&self, shard: ShardId, kind: &'static str) {
        self.shared.change(|ledger, now| ledger.register(shard, kind, now));
    }

    /// Ends a shard's registration and says what it had done. Nothing new begins for it: acquires
    /// and checkpoints fail from now on. A wait or a slot that is still out ends in its usual way,
    /// and only then is the shard forgotten; if nothing is out, the returned phase is `Completed`.
    ///
    /// # Errors
    /// [`NotRegistered`] if it never was, or was unregistered already.
    pub fn unregister(&self, shard: ShardId) -> Result<ShardState, NotRegistered> {
        self.shared.change(|ledger, _| ledger.unregister(shard))
    }

    /// Waits for a slot: the highest class goes first (see [`AcquireOptions`]), within one class
    /// the earliest. A caller that holds one slot should not wait for a second: if all holders did,
    /// only the slot timeout would part them.
    ///
    /// Nothing happens before the first poll. Dropping the future at any time ends the wait; a slot
    /// that was granted and not seen yet goes to the next waiter.
    ///
    /// # Errors
    /// See [`AcquireError`](super::AcquireError). No error ever leaves a slot behind.
    pub fn acquire(&self, shard: ShardId, options: AcquireOptions) -> Acquire {
        Acquire::new(Arc::clone(&self.shared), Ask { shard, options })
    }

    /// Ends all waiting, at once and for good: each waiter gets `Stopped`, and no acquire succeeds
    /// after this returns. Holders finish normally, see [`idle`](Self::idle). Again: no effect.
    pub fn stop(&self) {
        self.shared.change(|ledger, now| ledger.stop(now));
    }

    /// Returns when no slot is held. After [`stop`](Self::stop) that is for good.
    ///
    /// Dropped at its await: nothing is lost, it only looks.
    pub async fn idle(&self) {
        loop {
            // Before the look: a notification between the two reaches this one.
            let notified = self.shared.idle.notified();
            if self.shared.change(|ledger, _| ledger.is_idle()) {
                return;
            }
            notified.await;
        }
    }

    /// Keeps `value` under `key` for the shard, in memory, until it is forgotten. The last save of a
    /// key wins.
    ///
    /// # Errors
    /// [`CheckpointError`]; then nothing has changed.
    pub fn save_checkpoint(
        &self,
        shard: ShardId,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<(), CheckpointError> {
        let (key, value) = (key.into(), value.into());
        self.shared.change(|ledger, _| ledger.save(shard, key, value))
    }

    /// What the shard last saved under `key`; `None` if it saved nothing or is not known.
    pub fn load_checkpoint(&self, shard: ShardId, key: &str) -> Option<String> {
        self.shared.change(|ledger, _| ledger.load_checkpoint(shard, key))
    }

    /// A copy of all that is known of a shard; `None` if it is not known.
    pub fn shard_state(&self, shard: ShardId) -> Option<ShardState> {
        self.shared.change(|ledger, _| ledger.shard_state(shard))
    }

    /// How long the shard could do nothing but wait for a slot, over its life; zero if not known.
    pub fn queued(&self, shard: ShardId) -> Duration {
        self.shared.change(|ledger, now| ledger.queued(shard, now))
    }

    /// The numbers of this moment.
    pub fn metrics(&self) -> Metrics {
        self.shared.change(|ledger, _| ledger.metrics())
    }
}

impl Shared {
    /// The only way to the ledger. Time is read under the lock, so it never runs backwards between
    /// two changes; wakers run after it, because they are foreign code that may come back here.
    pub(super) fn change<R>(&self, step: impl FnOnce(&mut Ledger, Instant) -> R) -> R {
        // A poisoned lock means that an assertion failed. Permits are dropped while that panic
        // unwinds, and a second panic there would end the process without a word.
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let result = step(&mut ledger, Instant::now());
        let after = ledger.take_after();
        drop(ledger);
        for waker in after.wake {
            waker.wake();
        }
        if after.idle {
            self.idle.notify_waiters();
        }
        result
    }
}
