//! A future, not a task, that may be cancelled.

use crate::{
    context,
    executor::{FUTURE_DROPPED, Moment},
};
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
        moment: Moment,
    }
}

impl<F> Cancellable<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future: Some(future), moment: Moment::First }
    }
}

impl<F: Future> Future for Cancellable<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let loses = |moment| context::with(|core| core.loses_inside(&FUTURE_DROPPED, moment, true));
        let (is_dropped, _) = loses(*this.moment);
        if !is_dropped {
            let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Ready(None) };
            let mark = context::with(|core| core.trace_mark());
            if let Poll::Ready(output) = future.poll(cx) {
                return Poll::Ready(Some(output));
            }
            let (is_dropped, since) = loses(Moment::Waiting { mark });
            if !is_dropped {
                *this.moment = Moment::Woken { since };
                return Poll::Pending;
            }
        }
        this.future.set(None);
        Poll::Ready(None)
    }
}
