//! What other threads ask of a world: a thread outside it, or one inside another.

use super::{address::Address, table::Place};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// What is asked of a task.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    Wake,
    Abort,
    /// To keep no result: nobody wants it any more.
    Forgo,
}

/// One world's. Registered until the world is over.
#[derive(Debug)]
pub(super) struct Inbox {
    letters: Arc<Letters>,
}

#[derive(Debug, Default)]
struct Letters {
    any: AtomicBool,
    asked: Mutex<Vec<(Place, Asked)>>,
}

/// By world. As few as there are threads that run worlds, and one more or less for every run.
static INBOXES: Mutex<Vec<(u32, Arc<Letters>)>> = Mutex::new(Vec::new());

fn inboxes() -> MutexGuard<'static, Vec<(u32, Arc<Letters>)>> {
    INBOXES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks from outside; nothing if that world is over.
pub(super) fn send(to: Address, asked: Asked) {
    let letters = inboxes().iter().find(|(world, _)| *world == to.world()).map(|(_, letters)| letters.clone());
    if let Some(letters) = letters {
        letters.asked.lock().unwrap_or_else(PoisonError::into_inner).push((to.place(), asked));
        // After the push, and read before the lock is taken: it is seen at the next turn at the latest.
        letters.any.store(true, Ordering::Release);
    }
}

/// Whether that world is over, as seen from outside.
pub(super) fn is_over(world: u32) -> bool {
    inboxes().iter().all(|(live, _)| *live != world)
}

impl Inbox {
    pub(super) fn of_world(world: u32) -> Self {
        let letters: Arc<Letters> = Arc::default();
        inboxes().push((world, letters.clone()));
        Self { letters }
    }

    /// Whether anything has come: one load, at every turn.
    #[inline]
    pub(super) fn has_any(&self) -> bool {
        self.letters.any.load(Ordering::Acquire)
    }

    pub(super) fn take(&self) -> Vec<(Place, Asked)> {
        self.letters.any.store(false, Ordering::Relaxed);
        std::mem::take(&mut *self.letters.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Inbox {
    /// The world is over, though somebody may still be in it.
    pub(super) fn close(&self) {
        let mut inboxes = inboxes();
        if let Some(at) = inboxes.iter().position(|(_, letters)| Arc::ptr_eq(letters, &self.letters)) {
            inboxes.swap_remove(at);
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.close();
    }
}
