//! The end of a world.

use super::{Core, body::Body, task::State};
use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

impl Core {
    /// Drops what is left, in the order of spawning, after the verdict was sealed: its destructors run
    /// inside the world and may spawn more, but nothing counts.
    pub(crate) fn tear_down(&self, failed: bool) {
        const ROUNDS_MAX: u32 = 100;
        for _ in 0..ROUNDS_MAX {
            let all = self.table.borrow().all();
            if all.is_empty() {
                break;
            }
            for task in all {
                task.state.set(State::Done);
                let body = task.body.borrow_mut().take();
                body.into_iter().for_each(|body| dispose(body, failed));
                self.table.borrow_mut().remove(task.place());
            }
        }
        self.ready.borrow_mut().clear();
        let graveyard = self.graveyard.take();
        graveyard.into_iter().for_each(|body| dispose(body, failed));
        self.always.take();
        self.work_waiters.take();
        self.rest_waiters.take();
    }
}

/// Drops a body; a panic of its destructor was its own, and the verdict stands. What a failed run leaves may be
/// so broken that a second destructor panics during the first one's unwinding, which ends the process and the
/// verdict with it. So it is forgotten, as long as all that was forgotten is little.
fn dispose(body: Pin<Box<dyn Body>>, failed: bool) {
    const FORGOTTEN_MAX: usize = 64 << 20;
    static FORGOTTEN: AtomicUsize = AtomicUsize::new(0);
    let bytes = mem::size_of_val(&*body);
    if failed && FORGOTTEN.fetch_add(bytes, Relaxed) < FORGOTTEN_MAX {
        mem::forget(body);
    } else {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(body)));
    }
}
