//! What the tasks of a handle have asked for, until somebody begins with it. Knows no files.

use super::{
    change::{Receipt, Request},
    error::WriteError,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// Where an answer goes. Who asked may have gone.
pub(super) type Reply<T> = oneshot::Sender<Result<T, WriteError>>;

/// What may be asked for.
pub(super) enum Ask {
    Write(Request, Reply<Receipt>),
    Compact(Reply<()>),
}

/// What is done in one turn.
pub(super) enum Batch {
    Nothing,
    Writes(Vec<Request>, Vec<Reply<Receipt>>),
    Compact(Reply<()>),
}

/// In the order in which it was asked for.
#[derive(Default)]
pub(super) struct Queue(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    next: u64,
    asks: BTreeMap<u64, Ask>,
}

/// A place in the queue. Dropped, nothing is done of what was asked for, unless it was begun.
pub(super) struct Place {
    queue: Arc<Queue>,
    nth: u64,
}

impl Queue {
    pub(super) fn join(self: &Arc<Self>, ask: Ask) -> Place {
        let mut waiting = self.waiting();
        let nth = waiting.next;
        waiting.next += 1;
        waiting.asks.insert(nth, ask);
        Place { queue: self.clone(), nth }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting().asks.is_empty()
    }

    /// What comes first: a compaction, or all writes before the next one, `max` at most.
    pub(super) fn take(&self, max: usize) -> Batch {
        let mut waiting = self.waiting();
        let (mut requests, mut replies) = (Vec::new(), Vec::new());
        while requests.len() < max.max(1)
            && let Some((nth, ask)) = waiting.asks.pop_first()
        {
            match ask {
                Ask::Write(request, reply) => {
                    requests.push(request);
                    replies.push(reply);
                }
                Ask::Compact(reply) if requests.is_empty() => return Batch::Compact(reply),
                Ask::Compact(_) => {
                    waiting.asks.insert(nth, ask);
                    break;
                }
            }
        }
        if requests.is_empty() { Batch::Nothing } else { Batch::Writes(requests, replies) }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Takes back what was asked for; `false`: it was begun.
    pub(super) fn leave(&self) -> bool {
        self.queue.waiting().asks.remove(&self.nth).is_some()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave();
    }
}
