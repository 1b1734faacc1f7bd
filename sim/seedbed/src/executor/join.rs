//! Waiting for a task's result.

use super::{
    Abort, Core,
    body::{self, Body},
    inbox::{self, Asked},
    left,
    table::Place,
    task::Task,
};
use crate::{context, task::JoinError};
use std::{
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    rc::Rc,
    sync::{Arc, Mutex},
    task::{Poll, Waker},
};

/// Knows the type of a body's result.
type Take<T> = fn(Pin<&mut dyn Body>) -> Option<Result<T, JoinError>>;

/// The right to a task's result, which stays with the task until it is taken or nobody wants it.
pub(crate) struct Join<T> {
    pub(crate) abort: Abort,
    take: Take<T>,
    /// `Send` and `Sync` as what hands a `T` over, and always `Unpin`.
    result: PhantomData<Arc<Mutex<T>>>,
}

impl<T> Join<T> {
    pub(super) fn new(abort: Abort) -> Self
    where
        T: 'static,
    {
        Self { abort, take: body::take_result, result: PhantomData }
    }

    /// Takes the result, or leaves `waker` to be woken for it. When the task's world is over, the task was cancelled,
    /// unless it left a result on this thread.
    ///
    /// # Panics
    /// If the result was taken before. On another thread than the one that its world is on.
    pub(crate) fn poll(&self, waker: &Waker) -> Poll<Result<T, JoinError>> {
        let world = self.abort.address.world();
        let here = context::try_reach(|core| (core.world == world).then(|| self.poll_in(core, waker)));
        here.flatten().unwrap_or_else(|| {
            assert!(
                inbox::is_over(world),
                "a task's handle is awaited on another thread than that of the task's world"
            );
            Poll::Ready(self.take_left().unwrap_or_else(|| Err(JoinError::cancelled(self.abort.task))))
        })
    }

    fn poll_in(&self, core: &Core, waker: &Waker) -> Poll<Result<T, JoinError>> {
        let Some(task) = core.task(self.abort.address.place()) else {
            // Its world is over, and is still entered.
            return Poll::Ready(self.take_left().expect("JoinHandle polled after completion"));
        };
        if task.is_done() {
            return Poll::Ready(core.take_result(&task, self.take));
        }
        task.leave_waiter(waker);
        Poll::Pending
    }
}

impl<T> Join<T> {
    /// What the task left when its world ended.
    fn take_left(&self) -> Option<Result<T, JoinError>> {
        left::take(self.abort.address).and_then(|mut body| (self.take)(body.as_mut()))
    }
}

impl<T> Drop for Join<T> {
    fn drop(&mut self) {
        self.abort.address.ask(Asked::Forgo);
        left::forgo(self.abort.address);
    }
}

impl Core {
    /// The result of a task that has ended; a killed one's is that it was cancelled.
    fn take_result<T>(&self, task: &Rc<Task>, take: Take<T>) -> Result<T, JoinError> {
        let body = task.take_body();
        self.table.borrow_mut().remove(task.place());
        let kept = body.and_then(|mut body| take(body.as_mut()));
        kept.unwrap_or_else(|| Err(JoinError::cancelled(task.id)))
    }

    /// Nobody wants the result any more.
    pub(super) fn forgo_result(&self, place: Place) {
        let Some(task) = self.task(place) else { return };
        task.is_wanted.set(false);
        let waiter = task.waiter.take();
        if task.is_done() {
            let body = task.take_body();
            self.table.borrow_mut().remove(place);
            let _seen = self.see_as(task.id);
            // As in tokio, nobody hears of a panic of a result that is dropped with its handle.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(body)));
        }
        drop(waiter);
    }
}
