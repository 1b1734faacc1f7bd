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
    /// Says whether nothing is forgotten that would keep the world.
    pub(crate) fn tear_down(&self, failed: bool) -> bool {
        const ROUNDS_MAX: u32 = 100;
        self.over.set(true);
        let mut have_all_ended = self.end_workers(failed);
        for _ in 0..ROUNDS_MAX {
            let mut dead = self.graveyard.take();
            let left = self.table.borrow().all();
            for task in left {
                let body = task.take_body();
                dead.extend(body.map(|body| (task.clone(), body)));
                task.state.set(State::Done);
                self.table.borrow_mut().remove(task.place());
            }
            if dead.is_empty() && !self.ending_workers_go_on() {
                break;
            }
            for (task, body) in dead {
                self.current.replace(Some(task));
                dispose(body, failed);
            }
            self.current.replace(None);
        }
        have_all_ended &= self.forget_ending_workers();
        // Of those that spawn their successors for ever: outside the world their destructors would have no world.
        let left = self.table.borrow().all();
        for task in left {
            mem::forget(task.take_body());
        }
        self.ready.borrow_mut().clear();
        self.woken.borrow_mut().clear();
        drop(self.net.take());
        self.always.take();
        self.work_waiters.take();
        self.rest_waiters.take();
        self.inbox.close();
        have_all_ended
    }
}

/// Drops a body; a panic of its destructor was its own, and the verdict stands. What a failed run leaves may be
/// so broken that a second destructor panics during the first one's unwinding, which ends the process and the
/// verdict with it. So it is forgotten, as long as all that was forgotten is little.
fn dispose(body: Pin<Box<dyn Body>>, failed: bool) {
    if failed && may_forget(mem::size_of_val(&*body)) {
        mem::forget(body);
    } else {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(body)));
    }
}

/// What the stack of a turn has touched, and what of its world is kept by it.
pub(super) const TYPICAL_STACK_BYTES: usize = 128 << 10;

/// Whether all that was forgotten is still little with so many bytes more.
pub(super) fn may_forget(bytes: usize) -> bool {
    const FORGOTTEN_MAX: usize = 64 << 20;
    static FORGOTTEN: AtomicUsize = AtomicUsize::new(0);
    FORGOTTEN.fetch_add(bytes, Relaxed) < FORGOTTEN_MAX
}
