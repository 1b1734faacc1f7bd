//! Results that nobody had taken when their world ended, on the thread where it was: a program's own runtimes may be
//! gone before the handles of their tasks are.

use super::{Core, address::Address, body::Body};
use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
};

type Kept = Pin<Box<dyn Body>>;

thread_local! {
    /// Each is taken or forgone by its handle.
    static LEFT: RefCell<Vec<(Address, Kept)>> = const { RefCell::new(Vec::new()) };
}

impl Core {
    /// Keeps the results of tasks that have ended for their handles.
    pub(crate) fn leave_results(&self) {
        // Some may have been forgone in plain code, where that goes by letter.
        self.receive();
        let done = self.table.borrow().all().into_iter().filter(|task| task.is_done());
        let results = done.filter_map(|task| Some((task.address, task.take_body()?)));
        LEFT.with_borrow_mut(|left| left.extend(results));
    }
}

/// What that task left, if its handle is on the thread where its world was.
pub(super) fn take(of: Address) -> Option<Kept> {
    // The thread's own destructors may come after this one's.
    let took = LEFT.try_with(|left| {
        let mut left = left.borrow_mut();
        let at = left.iter().position(|(address, _)| *address == of)?;
        Some(left.swap_remove(at).1)
    });
    took.ok().flatten()
}

/// Its handle is dropped. As in tokio, nobody hears of a panic of a result that is dropped with it.
pub(super) fn forgo(of: Address) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(take(of))));
}
