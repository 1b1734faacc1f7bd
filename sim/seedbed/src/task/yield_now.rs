//! Giving way to others.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// Suspends once, so that other ready tasks may run first; which do is the schedule's decision.
///
/// # Cancel safety
/// Dropped, nothing happens.
pub fn yield_now() -> impl Future<Output = ()> + Send + Sync + Unpin {
    YieldNow { yielded: false }
}

#[must_use = "futures do nothing unless they are awaited"]
struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
