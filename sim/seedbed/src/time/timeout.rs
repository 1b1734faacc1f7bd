//! A bound on how long a future may take.

use super::{Duration, Instant, Sleep, sleep, sleep_until};
use crate::{
    context,
    executor::{Moment, TIMEOUT_FIRES},
};
use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    task::{Context, Poll},
};

/// Errors of this module, under tokio's path.
pub mod error {
    use std::fmt;

    /// The deadline passed before the future was ready.
    #[derive(Debug, PartialEq, Eq)]
    pub struct Elapsed(pub(super) ());

    impl fmt::Display for Elapsed {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            "deadline has elapsed".fmt(f)
        }
    }

    impl std::error::Error for Elapsed {}

    impl From<Elapsed> for std::io::Error {
        fn from(_: Elapsed) -> Self {
            std::io::ErrorKind::TimedOut.into()
        }
    }
}

/// Runs `future` for at most `duration`. At the deadline the future is polled once more before it is
/// given up, as in tokio.
///
/// # Errors
/// [`error::Elapsed`] if the deadline passes first.
///
/// # Cancel safety
/// Dropped, it drops the future and the timer.
#[track_caller]
pub fn timeout<F: IntoFuture>(duration: Duration, future: F) -> Timeout<F::IntoFuture> {
    Timeout { value: future.into_future(), delay: sleep(duration) }
}

/// Runs `future` until `deadline` at most.
///
/// # Errors
/// As [`timeout`].
///
/// # Cancel safety
/// As [`timeout`].
#[track_caller]
pub fn timeout_at<F: IntoFuture>(deadline: Instant, future: F) -> Timeout<F::IntoFuture> {
    Timeout { value: future.into_future(), delay: sleep_until(deadline) }
}

pin_project_lite::pin_project! {
    /// The future of [`timeout`] and [`timeout_at`].
    #[must_use = "futures do nothing unless they are awaited"]
    #[derive(Debug)]
    pub struct Timeout<T> {
        #[pin]
        value: T,
        #[pin]
        delay: Sleep,
    }
}

impl<T> Timeout<T> {
    /// The bounded future.
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// The bounded future.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// The bounded future, without its bound.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: Future> Future for Timeout<T> {
    type Output = Result<T::Output, error::Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let had_budget = tokio::task::coop::has_budget_remaining();
        let mark = context::with(|core| core.trace_mark());
        if let Poll::Ready(value) = this.value.poll(cx) {
            return Poll::Ready(Ok(value));
        }
        let delay = this.delay;
        let (fires, inside) = context::with(|core| {
            let is_early = core.now() < delay.deadline();
            let fires = is_early && core.loses_inside(&TIMEOUT_FIRES, Moment::Waiting { mark }, false).0;
            (fires, core.traced_since(mark))
        });
        if fires {
            return Poll::Ready(Err(error::Elapsed(())));
        }
        let elapsed = if had_budget && !tokio::task::coop::has_budget_remaining() {
            // The future used up the turn's budget; the deadline must be seen all the same.
            std::pin::pin!(tokio::task::coop::unconstrained(delay)).poll(cx)
        } else {
            delay.poll(cx)
        };
        if let Some(inside) = inside {
            // Whoever asks where this waits means the future, not its limit.
            context::with(|core| core.trace_back(inside));
        }
        elapsed.map(|()| Err(error::Elapsed(())))
    }
}
