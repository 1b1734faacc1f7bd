//! Those who wait for something of a socket.

use std::task::Waker;

/// Each waker once: a task that polls again is not woken twice.
#[derive(Debug, Default)]
pub(super) struct Waiters(Vec<Waker>);

impl Waiters {
    pub(super) fn add(&mut self, waker: &Waker) {
        if !self.0.iter().any(|known| known.will_wake(waker)) {
            self.0.push(waker.clone());
        }
    }

    /// Nobody waits any more; they are to be woken, or dropped, once nothing of the network is borrowed.
    pub(super) fn move_to(&mut self, others: &mut Vec<Waker>) {
        others.append(&mut self.0);
    }
}
