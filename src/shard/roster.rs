//! Who lives. Owns the limit on shards and the means to cancel each; knows no tasks and no slots.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, oneshot};

use super::{
    events::{self, End},
    fleet::SpawnError,
};
use crate::id::ShardId;

pub(super) struct Roster {
    shards_max: usize,
    places: Mutex<Places>,
    emptied: Notify,
}

struct Places {
    closed: bool,
    shard_next: u64,
    taken: BTreeMap<ShardId, Place>,
}

struct Place {
    kind: &'static str,
    /// Gone once it has been used.
    cancel: Option<oneshot::Sender<()>>,
}

impl Roster {
    pub(super) fn new(shards_max: usize) -> Roster {
        let places = Places { closed: false, shard_next: 1, taken: BTreeMap::new() };
        Roster { shards_max, places: Mutex::new(places), emptied: Notify::new() }
    }

    /// The check and the taking are one step. The receiver hears of a cancel.
    pub(super) fn take(&self, kind: &'static str) -> Result<(ShardId, oneshot::Receiver<()>), SpawnError> {
        let mut places = self.lock();
        if places.closed {
            return Err(SpawnError::Stopped);
        }
        if places.taken.len() >= self.shards_max {
            return Err(SpawnError::TooMany { limit: self.shards_max });
        }
        let shard = ShardId(places.shard_next);
        places.shard_next += 1;
        let (cancel, cancelled) = oneshot::channel();
        places.taken.insert(shard, Place { kind, cancel: Some(cancel) });
        events::spawned(shard, kind);
        Ok((shard, cancelled))
    }

    pub(super) fn leave(&self, shard: ShardId, end: End) {
        let mut places = self.lock();
        let place = places.taken.remove(&shard).unwrap_or_else(|| panic!("{shard} left a place it did not have"));
        events::ended(shard, place.kind, end);
        let is_empty = places.taken.is_empty();
        drop(places);
        if is_empty {
            self.emptied.notify_waiters();
        }
    }

    pub(super) fn living(&self) -> Vec<ShardId> {
        self.lock().taken.keys().copied().collect()
    }

    pub(super) fn cancel(&self, shard: ShardId) -> bool {
        let cancel = self.lock().taken.get_mut(&shard).and_then(|place| place.cancel.take());
        // Outside the lock: it wakes the shard. A shard that has just ended does not hear it.
        cancel.is_some_and(|cancel| cancel.send(()).is_ok())
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
    }

    /// Returns when nobody lives.
    ///
    /// Dropped at its await: nothing is lost, it only looks.
    pub(super) async fn empty(&self) {
        loop {
            // Before the look: a notification between the two reaches this one.
            let emptied = self.emptied.notified();
            if self.lock().taken.is_empty() {
                return;
            }
            emptied.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        // Shards leave while a panic unwinds; a second one there would end the process.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
