//! What a runtime tells of itself.

use super::{Handle, RuntimeFlavor};
use std::time::Duration;

/// A runtime's numbers: those of its tasks are the world's; a simulated worker is never busy, parked or behind.
#[derive(Clone, Debug)]
pub struct RuntimeMetrics(Handle);

impl RuntimeMetrics {
    pub(super) fn of(handle: Handle) -> Self {
        Self(handle)
    }

    /// As many threads as it was told to have, or 4; of a runtime of one thread it is 1. All tasks run on the world's one.
    #[must_use]
    pub fn num_workers(&self) -> usize {
        match self.0.runtime_flavor() {
            RuntimeFlavor::CurrentThread => 1,
            RuntimeFlavor::MultiThread => self.0.workers(),
        }
    }

    /// How many of its tasks have not ended.
    ///
    /// # Panics
    /// Outside its world.
    #[must_use]
    pub fn num_alive_tasks(&self) -> usize {
        self.0.alive()
    }

    /// 0: what is ready is in no queue that anybody could be behind with.
    #[must_use]
    pub fn global_queue_depth(&self) -> usize {
        0
    }

    /// Nothing: a turn takes no virtual time.
    ///
    /// # Panics
    /// If there is no such worker.
    #[must_use]
    pub fn worker_total_busy_duration(&self, worker: usize) -> Duration {
        self.assert_is_worker(worker);
        Duration::ZERO
    }

    /// 0: no thread is parked.
    ///
    /// # Panics
    /// If there is no such worker.
    #[must_use]
    pub fn worker_park_count(&self, worker: usize) -> u64 {
        self.assert_is_worker(worker);
        0
    }

    /// 0: no thread is parked.
    ///
    /// # Panics
    /// If there is no such worker.
    #[must_use]
    pub fn worker_park_unpark_count(&self, worker: usize) -> u64 {
        self.assert_is_worker(worker);
        0
    }

    fn assert_is_worker(&self, worker: usize) {
        let workers = self.num_workers();
        assert!(worker < workers, "there are {workers} workers, from 0, and no worker {worker}");
    }
}
