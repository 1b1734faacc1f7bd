//! A set of tasks, joined in the order in which they end.

use super::{AbortHandle, Id, JoinError, JoinHandle, LocalSet, spawn, spawn_blocking, spawn_local};
use crate::runtime::Handle;
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    future::{Future, poll_fn},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker, ready},
};

/// A set of tasks of one result type. Dropped, it aborts them all.
pub struct JoinSet<T> {
    members: BTreeMap<u64, JoinHandle<T>>,
    notified: Arc<Mutex<Notified>>,
    inserted: u64,
}

/// Members whose handles may be ready, in the order in which they were woken.
#[derive(Default)]
struct Notified {
    members: VecDeque<u64>,
    waiter: Option<Waker>,
}

struct Member {
    number: u64,
    notified: Arc<Mutex<Notified>>,
}

fn lock(notified: &Mutex<Notified>) -> MutexGuard<'_, Notified> {
    notified.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Wake for Member {
    fn wake(self: Arc<Self>) {
        let waiter = {
            let mut notified = lock(&self.notified);
            notified.members.push_back(self.number);
            notified.waiter.take()
        };
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("len", &self.len()).finish()
    }
}

impl<T> JoinSet<T> {
    /// An empty set.
    #[must_use]
    pub fn new() -> Self {
        Self { members: BTreeMap::new(), notified: Arc::default(), inserted: 0 }
    }

    /// How many tasks are in the set, ended ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl<T: 'static> JoinSet<T> {
    /// Spawns a task into the set.
    ///
    /// # Panics
    /// Outside a world.
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(spawn(task))
    }

    /// Spawns a task that need not be `Send` into the set.
    ///
    /// # Panics
    /// Outside a world.
    pub fn spawn_local<F: Future<Output = T> + 'static>(&mut self, task: F) -> AbortHandle {
        self.insert(spawn_local(task))
    }

    /// Spawns a task on a node into the set.
    ///
    /// # Panics
    /// Outside a world.
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn(task))
    }

    /// Spawns a task of a [`LocalSet`] into the set.
    ///
    /// # Panics
    /// Outside a world.
    pub fn spawn_local_on<F: Future<Output = T> + 'static>(&mut self, task: F, local_set: &LocalSet) -> AbortHandle {
        self.insert(local_set.spawn_local(task))
    }

    /// Spawns a task that runs `work` in one turn on a node into the set.
    ///
    /// # Panics
    /// Outside a world.
    pub fn spawn_blocking_on<F>(&mut self, work: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn_blocking(work))
    }

    /// Spawns a task that runs `work` in one turn, as [`spawn_blocking`](super::spawn_blocking) does.
    ///
    /// # Panics
    /// Outside a world.
    pub fn spawn_blocking<F>(&mut self, work: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(spawn_blocking(work))
    }

    fn insert(&mut self, handle: JoinHandle<T>) -> AbortHandle {
        let abort = handle.abort_handle();
        self.members.insert(self.inserted, handle);
        Arc::new(Member { number: self.inserted, notified: self.notified.clone() }).wake();
        self.inserted += 1;
        abort
    }

    /// Waits for the next task to end; `None` if the set is empty.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, no task's result is lost.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|cx| self.poll_join_next(cx)).await
    }

    /// [`join_next`](Self::join_next) with the task's id.
    ///
    /// # Cancel safety
    /// As [`join_next`](Self::join_next).
    pub async fn join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        poll_fn(|cx| self.poll_join_next_with_id(cx)).await
    }

    /// The result of a task that has ended, if there is one. Takes nothing of the turn's budget.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.try_join_next_with_id().map(|result| result.map(|(_, value)| value))
    }

    /// [`try_join_next`](Self::try_join_next) with the task's id.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        // No waiter: one that `poll_join_next` left stays.
        self.next_ended(None)
    }

    /// [`join_next`](Self::join_next), to be polled.
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        self.poll_join_next_with_id(cx).map(|next| next.map(|result| result.map(|(_, value)| value)))
    }

    /// [`join_next_with_id`](Self::join_next_with_id), to be polled.
    pub fn poll_join_next_with_id(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(Id, T), JoinError>>> {
        if self.members.is_empty() {
            return Poll::Ready(None);
        }
        let budget = ready!(tokio::task::coop::poll_proceed(cx));
        let ended = self.next_ended(Some(cx.waker()));
        if ended.is_none() {
            return Poll::Pending;
        }
        budget.made_progress();
        Poll::Ready(ended)
    }

    /// Takes a member that has ended out of the set; if there is none, the next one to end wakes `waiter`.
    fn next_ended(&mut self, waiter: Option<&Waker>) -> Option<Result<(Id, T), JoinError>> {
        while let Some(number) = self.next_notified(waiter) {
            let Some(handle) = self.members.get(&number) else { continue };
            let id = handle.id();
            let waker = Waker::from(Arc::new(Member { number, notified: self.notified.clone() }));
            // Past the handle's own budget: one that is used up would wake the member again and again.
            if let Poll::Ready(result) = handle.poll_result(&waker) {
                self.members.remove(&number);
                return Some(result.map(|value| (id, value)));
            }
        }
        None
    }

    fn next_notified(&self, waiter: Option<&Waker>) -> Option<u64> {
        // The one before may run code of its own when it is dropped: not while the lock is held.
        let mut before = None;
        let mut notified = lock(&self.notified);
        let next = notified.members.pop_front();
        if next.is_none()
            && let Some(waiter) = waiter
        {
            before = notified.waiter.replace(waiter.clone());
        }
        drop(notified);
        drop(before);
        next
    }

    /// Waits for all tasks and gives their results in the order in which they ended.
    ///
    /// # Panics
    /// If a task panicked or was aborted, as tokio's.
    ///
    /// # Cancel safety
    /// Dropped, it aborts the tasks that are left.
    pub async fn join_all(mut self) -> Vec<T> {
        let mut results = Vec::with_capacity(self.len());
        while let Some(result) = self.join_next().await {
            match result {
                Ok(value) => results.push(value),
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(error) => panic!("{error}"),
            }
        }
        results
    }

    /// Aborts all tasks; they stay in the set until they are joined.
    pub fn abort_all(&mut self) {
        self.members.values().for_each(JoinHandle::abort);
    }

    /// Aborts all tasks and waits until they have ended.
    ///
    /// # Cancel safety
    /// Dropped, the tasks are aborted all the same; those not yet joined stay in the set.
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while self.join_next().await.is_some() {}
    }

    /// Empties the set and lets the tasks go on.
    pub fn detach_all(&mut self) {
        self.members.clear();
    }
}

/// Spawns each future of an iterator into a new set.
impl<T: Send + 'static, F: Future<Output = T> + Send + 'static> FromIterator<F> for JoinSet<T> {
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
        let mut set = Self::new();
        set.extend(futures);
        set
    }
}

/// Spawns each future of an iterator into the set.
impl<T: Send + 'static, F: Future<Output = T> + Send + 'static> Extend<F> for JoinSet<T> {
    fn extend<I: IntoIterator<Item = F>>(&mut self, futures: I) {
        for future in futures {
            self.spawn(future);
        }
    }
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        self.members.values().for_each(JoinHandle::abort);
    }
}
