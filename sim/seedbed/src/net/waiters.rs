//! Those who wait for something of a socket.

use std::task::Waker;

/// By what somebody waits.
#[derive(Clone, Copy)]
pub(super) enum By {
    /// A call of its own: as many may wait as like.
    Call,
    /// A function to be polled: as tokio's, it tells only who polled last.
    Poll,
}

pub(super) type Waiter<'a> = (By, &'a Waker);

#[derive(Debug, Default)]
pub(super) struct Waiters {
    /// Each waker once: a task that polls again is not woken twice.
    calls: Vec<Waker>,
    polled: Option<Waker>,
}

impl Waiters {
    /// Whoever's place was taken is to be dropped once nothing of the network is borrowed.
    #[must_use]
    pub(super) fn add(&mut self, (by, waker): Waiter<'_>) -> Option<Waker> {
        let is = |known: &Waker| known.will_wake(waker);
        match by {
            By::Call if !self.calls.iter().any(is) => {
                self.calls.push(waker.clone());
                None
            }
            By::Poll if !self.polled.as_ref().is_some_and(is) => self.polled.replace(waker.clone()),
            By::Call | By::Poll => None,
        }
    }

    /// Nobody waits any more; they are to be woken, or dropped, once nothing of the network is borrowed.
    pub(super) fn move_to(&mut self, others: &mut Vec<Waker>) {
        others.extend(self.polled.take());
        others.append(&mut self.calls);
    }
}
