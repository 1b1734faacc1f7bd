//! The spawn queue: a line of requests and two workers, each of which stays with a shard until it has ended.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::oneshot,
    time::{Duration, Instant, sleep},
};

use super::{
    fleet::SpawnError,
    manager::{Manager, Task},
    result::{ShardError, ShardResult},
};
use crate::id::ShardId;

/// Of one priority; 100 in all would be the limit of all four.
const LINE_MAX: usize = 30;
const WORKERS: usize = 2;
const DEADLINE: Duration = Duration::from_secs(5 * 60);
const BACKOFF_MIN: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
const RESULT_POLL: Duration = Duration::from_millis(100);

struct Request {
    task: Task,
    deadline: Instant,
    answer: oneshot::Sender<ShardResult>,
}

pub(super) struct SpawnQueue {
    manager: Arc<Manager>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_stopped: bool,
    shard_last: u64,
    line: VecDeque<Request>,
    workers: usize,
}

impl SpawnQueue {
    pub(super) fn new(manager: Arc<Manager>) -> SpawnQueue {
        SpawnQueue { manager, state: Mutex::default() }
    }

    /// There is a worker for a request at once if one of the two is free. Theirs look each 50 ms and never end;
    /// these end when the line is empty, or a world with them would never rest.
    pub(super) fn submit(
        self: &Arc<Self>,
        task: impl FnOnce(ShardId) -> Task,
    ) -> Result<(ShardId, oneshot::Receiver<ShardResult>), SpawnError> {
        let mut state = self.lock();
        if state.is_stopped {
            return Err(SpawnError::Stopped);
        }
        if state.line.len() >= LINE_MAX {
            return Err(SpawnError::TooMany { limit: LINE_MAX });
        }
        state.shard_last += 1;
        let shard = ShardId(state.shard_last);
        let (answer, result) = oneshot::channel();
        state.line.push_back(Request { task: task(shard), deadline: Instant::now() + DEADLINE, answer });
        if state.workers < WORKERS {
            state.workers += 1;
            tokio::spawn(Arc::clone(self).work());
        }
        Ok((shard, result))
    }

    /// Workers end when they next look, for which it waits no longer than `drain`. Then the line is told.
    ///
    /// Dropped at its await: nothing new is taken on, what is queued may still run.
    pub(super) async fn stop(&self, drain: Duration) {
        self.lock().is_stopped = true;
        let drained_at = Instant::now() + drain;
        while self.lock().workers > 0 && Instant::now() < drained_at {
            sleep(RESULT_POLL).await;
        }
        let line = std::mem::take(&mut self.lock().line);
        for request in line {
            let _ = request.answer.send(ShardResult::Cancelled);
        }
    }

    async fn work(self: Arc<Self>) {
        while let Some(request) = self.next() {
            self.serve(request).await;
        }
    }

    /// Nobody asks whether the request is still wanted.
    fn next(&self) -> Option<Request> {
        let mut state = self.lock();
        let request = if state.is_stopped { None } else { state.line.pop_front() };
        state.workers -= usize::from(request.is_none());
        request
    }

    async fn serve(&self, request: Request) {
        let Request { task, deadline, answer } = request;
        if deadline <= Instant::now() {
            let _ = answer.send(gave_up("queue timeout"));
            return;
        }
        let mut backoff = BACKOFF_MIN;
        while !self.manager.can_spawn_now() {
            sleep(backoff).await;
            backoff = (backoff * 2).min(BACKOFF_MAX);
        }
        let shard = task.shard;
        if !self.manager.spawn(task) {
            let _ = answer.send(gave_up("spawn failed"));
            return;
        }
        loop {
            if let Some(result) = self.manager.take_result(shard) {
                let _ = answer.send(result);
                return;
            }
            sleep(RESULT_POLL).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn gave_up(reason: &str) -> ShardResult {
    ShardResult::Failed(ShardError::GaveUp { reason: reason.to_owned() })
}
