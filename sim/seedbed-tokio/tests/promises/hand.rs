//! Futures polled by hand, and who is woken. The turn's budget is lifted meanwhile: what is ready says so, whatever the turn
//! has done before.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
};
use tokio::{
    task::coop::unconstrained,
    time::{Duration, sleep},
};

/// One poll that wakes nobody later.
pub(crate) fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    poll_with(future, Waker::noop())
}

/// One poll that wakes `waker` later.
pub(crate) fn poll_with<F: Future + ?Sized>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    pin!(unconstrained(future)).poll(&mut Context::from_waker(waker))
}

/// One call of a function to be polled, that wakes `waker` later.
pub(crate) fn ask<T>(waker: &Waker, call: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    poll_with(pin!(poll_fn(call)), waker)
}

/// What a future gives that is ready at its first poll.
#[track_caller]
pub(crate) fn at_once<F: Future>(future: F) -> F::Output {
    match poll(pin!(future)) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it is not ready at once"),
    }
}

/// Counts how often it is woken.
#[derive(Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wakes {
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let wakes = Arc::new(Self::default());
        (wakes.clone(), Waker::from(wakes))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Relaxed)
    }

    /// Until it has been woken.
    pub(crate) async fn woken(&self) {
        while self.count() == 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}
