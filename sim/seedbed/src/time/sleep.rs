//! Sleeping until a deadline.

use super::{Duration, Instant, timers::TimerKey};
use crate::{context, executor, runtime::assert_time};
use std::{
    future::Future,
    marker::PhantomPinned,
    pin::Pin,
    task::{Context, Poll},
};

/// Waits until `duration` has passed, to the nanosecond.
///
/// # Panics
/// As [`sleep_until`].
///
/// # Cancel safety
/// Dropped, it takes its timer with it and nothing else happens.
#[track_caller]
#[must_use = "futures do nothing unless they are awaited"]
pub fn sleep(duration: Duration) -> Sleep {
    sleep_until(Instant::now().checked_add(duration).unwrap_or_else(Instant::far_future))
}

/// Waits until `deadline`; at once if it has passed.
///
/// # Panics
/// Outside a world, where no timer could be set; and in a runtime that was built without
/// [`enable_time`](crate::runtime::Builder::enable_time).
///
/// # Cancel safety
/// As [`sleep`].
#[track_caller]
#[must_use = "futures do nothing unless they are awaited"]
pub fn sleep_until(deadline: Instant) -> Sleep {
    assert_time();
    Sleep::until(deadline)
}

/// [`sleep`] of what needs no time of its caller's runtime, as a disk does not.
pub(crate) fn pass(duration: Duration) -> Sleep {
    Sleep::until(Instant::now().checked_add(duration).unwrap_or_else(Instant::far_future))
}

pin_project_lite::pin_project! {
    /// The future of [`sleep`] and [`sleep_until`]. Not `Unpin`, as tokio's.
    #[derive(Debug)]
    pub struct Sleep {
        deadline: Instant,
        timer: Option<TimerKey>,
        // It was polled or reset. As in tokio, one that was not has not elapsed, whatever the clock says:
        // `() = &mut sleep, if !sleep.is_elapsed()` must let its first poll through.
        started: bool,
        #[pin]
        pinned: PhantomPinned,
    }

    impl PinnedDrop for Sleep {
        fn drop(this: Pin<&mut Self>) {
            if let Some(timer) = this.project().timer.take() {
                executor::cancel_timer(timer);
            }
        }
    }
}

impl Sleep {
    fn until(deadline: Instant) -> Self {
        Self { deadline, timer: None, started: false, pinned: PhantomPinned }
    }

    /// When it ends.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether the deadline has passed since the first poll or reset.
    #[must_use]
    pub fn is_elapsed(&self) -> bool {
        self.started && Instant::now() >= self.deadline
    }

    /// Moves the deadline, earlier or later, whether or not it has passed.
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.project();
        *this.deadline = deadline;
        *this.started = true;
        if let Some(timer) = this.timer.take() {
            // The task waits already: its timer moves now, not at some later poll.
            *this.timer = context::with(|core| core.move_timer(timer, deadline));
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let budget = std::task::ready!(tokio::task::coop::poll_proceed(cx));
        *this.started = true;
        context::with(|core| {
            if core.now() >= *this.deadline {
                if let Some(timer) = this.timer.take() {
                    core.cancel_timer(timer);
                }
                budget.made_progress();
                return Poll::Ready(());
            }
            core.set_timer(this.timer, *this.deadline, cx.waker());
            Poll::Pending
        })
    }
}
