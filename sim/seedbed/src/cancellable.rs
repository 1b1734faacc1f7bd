//! A future, not a task, that may be cancelled.

use crate::{context, executor::FUTURE_DROPPED};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

pin_project_lite::pin_project! {
    /// The future of [`World::cancellable`](crate::World::cancellable).
    #[must_use = "futures do nothing unless they are awaited"]
    #[derive(Debug)]
    pub struct Cancellable<F> {
        #[pin]
        future: Option<F>,
        was_polled: bool,
    }
}

impl<F> Cancellable<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future: Some(future), was_polled: false }
    }
}

impl<F: Future> Future for Cancellable<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let is_dropped = || context::with(|core| core.loses_inside(&FUTURE_DROPPED, true));
        let is_first = !std::mem::replace(this.was_polled, true);
        if !(is_first && is_dropped()) {
            let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Ready(None) };
            match future.poll(cx) {
                Poll::Ready(output) => return Poll::Ready(Some(output)),
                Poll::Pending if !is_dropped() => return Poll::Pending,
                Poll::Pending => {}
            }
        }
        this.future.set(None);
        Poll::Ready(None)
    }
}
