//! What a task runs, and where its result goes.

use crate::{panics, task::JoinError};
use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
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
    /// Polls the future; on its end drops it in place, then gives its result to the handle.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled;
    /// Drops the future in place, then tells the handle that it was cancelled. `Some` if the destructor
    /// panicked.
    fn cancel(self: Pin<&mut Self>) -> Option<Polled>;
    /// Tells the handle that it was cancelled and leaves the future as it is.
    fn disown(&self);
}

/// A result on its way from a task to its handle.
#[derive(Debug)]
pub(crate) struct JoinCell<T> {
    state: Mutex<JoinState<T>>,
}

#[derive(Debug)]
struct JoinState<T> {
    result: Option<Result<T, JoinError>>,
    waiter: Option<Waker>,
    done: bool,
}

impl<T> JoinCell<T> {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(JoinState { result: None, waiter: None, done: false }) }
    }

    fn lock(&self) -> MutexGuard<'_, JoinState<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn complete(&self, result: Result<T, JoinError>) {
        let waiter = {
            let mut state = self.lock();
            state.result = Some(result);
            state.done = true;
            state.waiter.take()
        };
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    /// Takes the result, or leaves a waker for it.
    ///
    /// # Panics
    /// If the result was taken before.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        let mut state = self.lock();
        if let Some(result) = state.result.take() {
            return Poll::Ready(result);
        }
        assert!(!state.done, "JoinHandle polled after completion");
        if !state.waiter.as_ref().is_some_and(|waiter| waiter.will_wake(cx.waker())) {
            let earlier = state.waiter.replace(cx.waker().clone());
            // A waker's drop may run anything: not under the lock.
            drop(state);
            drop(earlier);
        }
        Poll::Pending
    }

    /// The result, if it is there.
    pub(crate) fn take(&self) -> Option<Result<T, JoinError>> {
        self.lock().result.take()
    }
}

pin_project_lite::pin_project! {
    pub(crate) struct Spawned<F: Future> {
        #[pin]
        future: Option<F>,
        join: Arc<JoinCell<F::Output>>,
        task: crate::history::TaskId,
    }
}

impl<F: Future> Spawned<F> {
    pub(crate) fn new(future: F, join: Arc<JoinCell<F::Output>>, task: crate::history::TaskId) -> Self {
        Self { future: Some(future), join, task }
    }
}

impl<F: Future> Body for Spawned<F> {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let mut this = self.project();
        let polled = catch_unwind(AssertUnwindSafe(|| match this.future.as_mut().as_pin_mut() {
            Some(future) => future.poll(cx),
            None => Poll::Pending,
        }));
        let result = match polled {
            Ok(Poll::Pending) => return Polled::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(payload) => Err(payload),
        };
        let dropped = catch_unwind(AssertUnwindSafe(|| this.future.set(None)));
        let result: Result<_, Box<dyn Any + Send>> = result.and_then(|output| dropped.map(|()| output));
        let polled = result.as_ref().err().map_or(Polled::Finished, |payload| panicked(&**payload));
        this.join.complete(result.map_err(|payload| JoinError::panicked(*this.task, payload)));
        polled
    }

    fn disown(&self) {
        self.join.complete(Err(JoinError::cancelled(self.task)));
    }

    fn cancel(self: Pin<&mut Self>) -> Option<Polled> {
        let mut this = self.project();
        match catch_unwind(AssertUnwindSafe(|| this.future.set(None))) {
            Ok(()) => {
                this.join.complete(Err(JoinError::cancelled(*this.task)));
                None
            }
            Err(payload) => {
                let polled = panicked(&*payload);
                this.join.complete(Err(JoinError::panicked(*this.task, payload)));
                Some(polled)
            }
        }
    }
}

fn panicked(payload: &(dyn Any + Send)) -> Polled {
    Polled::Panicked { message: panics::message(payload), is_injected: panics::is_injected(payload) }
}
