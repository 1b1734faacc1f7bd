//! Slots as places in a buffered channel: whoever gets one in takes a slot, whoever takes one out gives a slot
//! back, in the order of arrival and whatever their class. A wait is a `select!` that picks among what is ready.

use std::sync::{Arc, Mutex, PoisonError};

use futures::{FutureExt, future::BoxFuture};
use tokio::{
    sync::{Notify, Semaphore, watch},
    time::{Duration, Instant, sleep_until},
};

use super::{
    books::Books,
    error::{AcquireError, CheckpointError, NotRegistered},
    events::{Subject, Why},
    metrics::Metrics,
    priority::Priority,
    record::ShardState,
    settings::Settings,
};
use crate::{id::ShardId, instant::after};

/// How to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcquireOptions {
    /// Kept, and never used.
    pub priority: Priority,
    /// After this the slot is of no use.
    pub deadline: Option<Instant>,
}

impl AcquireOptions {
    /// Normal priority, no deadline.
    pub const BASE: AcquireOptions = AcquireOptions { priority: Priority::Normal, deadline: None };
}

/// The future of [`Scheduler::acquire`].
pub type Acquire = BoxFuture<'static, Result<Permit, AcquireError>>;

/// Hands out API slots to shards; clones are the same instance.
#[derive(Clone)]
pub struct Scheduler {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Settings,
    /// The buffered channel: its blocked senders are served in order.
    channel: Semaphore,
    stop: watch::Sender<bool>,
    books: Mutex<Books>,
    idle: Notify,
}

impl Scheduler {
    /// All slots are free.
    pub fn new(settings: Settings) -> Scheduler {
        settings.check();
        let (stop, _) = watch::channel(false);
        let (channel, books) = (Semaphore::new(settings.slots), Mutex::new(Books::new(settings)));
        Scheduler { shared: Arc::new(Shared { settings, channel, stop, books, idle: Notify::new() }) }
    }

    /// Makes a shard known.
    pub fn register(&self, shard: ShardId, kind: &'static str) {
        self.shared.write(|books| books.register(shard, kind, Instant::now()));
    }

    /// Forgets a shard.
    ///
    /// # Errors
    /// [`NotRegistered`].
    pub fn unregister(&self, shard: ShardId) -> Result<ShardState, NotRegistered> {
        self.shared.write(|books| books.unregister(shard))
    }

    /// Waits for a slot. Dropped at an await: the wait is over.
    ///
    /// # Errors
    /// [`AcquireError`].
    pub fn acquire(&self, shard: ShardId, options: AcquireOptions) -> Acquire {
        Arc::clone(&self.shared).acquire(shard, options).boxed()
    }

    /// Ends all waiting.
    ///
    /// # Panics
    /// The second time: the signal is closed already.
    pub fn stop(&self) {
        self.shared.write(|books| books.stopped());
        assert!(!self.shared.stop.send_replace(true), "close of closed channel");
    }

    /// Returns when no slot is held. Dropped at its await: nothing is lost.
    pub async fn idle(&self) {
        loop {
            let notified = self.shared.idle.notified();
            if self.shared.write(|books| books.is_idle()) {
                return;
            }
            notified.await;
        }
    }

    /// Keeps `value` under `key`.
    ///
    /// # Errors
    /// None.
    pub fn save_checkpoint(
        &self,
        shard: ShardId,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<(), CheckpointError> {
        self.shared.write(|books| books.save(shard, key.into(), value.into()))
    }

    /// What was saved last under `key`.
    pub fn load_checkpoint(&self, shard: ShardId, key: &str) -> Option<String> {
        self.shared.write(|books| books.state(shard)?.checkpoint.get(key).cloned())
    }

    /// A copy of what is known of a shard.
    pub fn shard_state(&self, shard: ShardId) -> Option<ShardState> {
        self.shared.write(|books| books.state(shard).cloned())
    }

    /// Nobody keeps account of it: a shard's time runs while it waits.
    pub fn queued(&self, _: ShardId) -> Duration {
        Duration::ZERO
    }

    /// The numbers of this moment.
    pub fn metrics(&self) -> Metrics {
        self.shared.write(|books| books.metrics())
    }
}

impl Shared {
    async fn acquire(self: Arc<Self>, shard: ShardId, options: AcquireOptions) -> Result<Permit, AcquireError> {
        let entered = self.write(|books| books.wait(shard, options.priority));
        let subject = entered.map_err(|NotRegistered| AcquireError::NotRegistered)?;
        let mut waiting =
            Waiting { shared: Arc::clone(&self), subject, since: Instant::now(), why: Some(Why::Cancelled) };
        let timeout_at = after(waiting.since, self.settings.slot_timeout);
        // The scheduler's own limit only where the caller's is absent or later.
        let (limit_at, limit_why) = match options.deadline {
            Some(deadline) if deadline <= timeout_at => (deadline, Why::Deadline),
            _ => (timeout_at, Why::SlotTimeout),
        };
        let mut stopped = self.stop.subscribe();
        let why = tokio::select! {
            slot = self.channel.acquire() => {
                // A slot is a place in the channel, not somebody's.
                slot.map_err(|_| AcquireError::Stopped)?.forget();
                return Ok(waiting.granted());
            }
            () = sleep_until(limit_at) => limit_why,
            _ = stopped.wait_for(|stopped| *stopped) => Why::Stopped,
        };
        waiting.why = Some(why);
        let waited = waiting.since.elapsed();
        Err(match why {
            Why::Deadline => AcquireError::DeadlineExceeded,
            Why::SlotTimeout => AcquireError::SlotTimeout { limit: self.settings.slot_timeout, waited },
            Why::Stopped | Why::Cancelled => AcquireError::Stopped,
        })
    }

    fn write<R>(&self, step: impl FnOnce(&mut Books) -> R) -> R {
        step(&mut self.books.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A wait on its way out.
struct Waiting {
    shared: Arc<Shared>,
    subject: Subject,
    since: Instant,
    /// Gone once it has ended in a slot.
    why: Option<Why>,
}

impl Waiting {
    fn granted(mut self) -> Permit {
        self.why = None;
        let now = Instant::now();
        self.shared.write(|books| books.grant(self.subject, now - self.since, now));
        Permit { shared: Arc::clone(&self.shared), subject: self.subject, since: now }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(why) = self.why {
            self.shared.write(|books| books.leave(self.subject, why, self.since.elapsed()));
        }
    }
}

/// A slot in use. Dropped, it gives a slot back.
pub struct Permit {
    shared: Arc<Shared>,
    subject: Subject,
    since: Instant,
}

impl Permit {
    /// Who asked for it.
    pub fn shard(&self) -> ShardId {
        self.subject.shard
    }

    /// The number of its wait.
    pub fn ticket(&self) -> u64 {
        self.subject.ticket
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shared.write(|books| books.release(self.subject, self.since.elapsed()));
        self.shared.channel.add_permits(1);
        if self.shared.write(|books| books.is_idle()) {
            self.shared.idle.notify_waiters();
        }
    }
}
