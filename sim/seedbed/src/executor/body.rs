//! What a task runs, and its result.

use crate::{history::TaskId, panics, task::JoinError};
use std::{
    any::Any,
    future::Future,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

/// How a poll of a body ended.
#[derive(Debug)]
pub(crate) enum Polled {
    Pending,
    Finished,
    /// It, or its destructor, panicked with this text, as an injected fault or not.
    Panicked {
        message: String,
        is_injected: bool,
    },
}

/// A spawned future without its type.
pub(crate) trait Body {
    /// Polls the future; on its end drops it in place, then keeps its result.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled;
    /// Drops the future in place; the result is that it was cancelled. `Some` if the destructor panicked.
    fn cancel(self: Pin<&mut Self>) -> Option<Polled>;
    /// Where the result is kept: an `Option<Result<T, JoinError>>`.
    fn result(self: Pin<&mut Self>) -> &mut dyn Any;
}

/// The result of a body whose future gives a `T`, unless it was taken.
pub(super) fn take_result<T: 'static>(body: Pin<&mut dyn Body>) -> Option<Result<T, JoinError>> {
    body.result().downcast_mut::<Option<Result<T, JoinError>>>()?.take()
}

pin_project_lite::pin_project! {
    pub(crate) struct Spawned<F: Future> {
        #[pin]
        future: Option<F>,
        result: Option<Result<F::Output, JoinError>>,
        task: TaskId,
    }
}

impl<F: Future> Spawned<F> {
    pub(crate) fn new(future: F, task: TaskId) -> Self {
        Self { future: Some(future), result: None, task }
    }
}

impl<F: Future> Body for Spawned<F>
where
    F::Output: 'static,
{
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let mut this = self.project();
        let polled = catch_unwind(AssertUnwindSafe(|| poll_or_drop(this.future.as_mut(), cx)));
        let result = match polled {
            Ok(Poll::Pending) => return Polled::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(payload) => Err(payload),
        };
        let dropped = catch_unwind(AssertUnwindSafe(|| this.future.set(None)));
        let result: Result<_, Box<dyn Any + Send>> = match (result, dropped) {
            (Ok(output), Err(payload)) => {
                // A second panic would be a third party's.
                let _ = catch_unwind(AssertUnwindSafe(|| drop(output)));
                Err(payload)
            }
            (result, _) => result,
        };
        let polled = result.as_ref().err().map_or(Polled::Finished, |payload| panicked(&**payload));
        *this.result = Some(result.map_err(|payload| JoinError::panicked(*this.task, payload)));
        polled
    }

    fn cancel(self: Pin<&mut Self>) -> Option<Polled> {
        let mut this = self.project();
        let (error, polled) = match catch_unwind(AssertUnwindSafe(|| this.future.set(None))) {
            Ok(()) => (JoinError::cancelled(*this.task), None),
            Err(payload) => {
                let polled = panicked(&*payload);
                (JoinError::panicked(*this.task, payload), Some(polled))
            }
        };
        *this.result = Some(Err(error));
        polled
    }

    fn result(self: Pin<&mut Self>) -> &mut dyn Any {
        self.project().result
    }
}

/// Polls a future; pending if there is none. One that panics is dropped in its panic, as in tokio: its destructor may ask
/// whether the thread panics, and ends the process if it panics too.
pub(crate) fn poll_or_drop<F: Future>(future: Pin<&mut Option<F>>, cx: &mut Context<'_>) -> Poll<F::Output> {
    let mut left = DroppedInPanic(future);
    let polled = left.0.as_mut().as_pin_mut().map_or(Poll::Pending, |future| future.poll(cx));
    mem::forget(left);
    polled
}

struct DroppedInPanic<'a, F>(Pin<&'a mut Option<F>>);

impl<F> Drop for DroppedInPanic<'_, F> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

fn panicked(payload: &(dyn Any + Send)) -> Polled {
    Polled::Panicked { message: panics::message(payload), is_injected: panics::is_injected(payload) }
}
