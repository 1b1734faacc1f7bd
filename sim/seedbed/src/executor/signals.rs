//! Signals to processes: who listens, and what becomes of one that nobody listens for.

use super::{Core, NodeId};
use std::{
    collections::BTreeMap,
    task::{Poll, Waker},
};

/// By process and number.
#[derive(Default)]
pub(super) struct Signals(BTreeMap<(NodeId, i32), Listened>);

/// A signal that a process listens for, and does until it dies.
#[derive(Default)]
struct Listened {
    raised: u64,
    waiters: Vec<Waker>,
}

/// What a process that does not listen for them does not notice: of children, of urgent data, of windows, to go on.
const IGNORED: [i32; 4] = [libc::SIGCHLD, libc::SIGURG, libc::SIGWINCH, libc::SIGCONT];

impl Core {
    /// The running task's process listens from now on; and how often the signal came before.
    pub(crate) fn listen(&self, signal: i32) -> (NodeId, u64) {
        let node = self.current_node().unwrap_or_default();
        let raised = self.signals.borrow_mut().0.entry((node, signal)).or_default().raised;
        (node, raised)
    }

    /// Ready if the signal has come since it had come `seen` times, which is brought up to date.
    pub(crate) fn poll_signal(&self, node: NodeId, signal: i32, seen: &mut u64, waker: &Waker) -> Poll<()> {
        let mut signals = self.signals.borrow_mut();
        let listened = signals.0.entry((node, signal)).or_default();
        if listened.raised == *seen {
            if !listened.waiters.iter().any(|waiter| waiter.will_wake(waker)) {
                listened.waiters.push(waker.clone());
            }
            return Poll::Pending;
        }
        *seen = listened.raised;
        Poll::Ready(())
    }

    /// The process hears the signal, or dies of it.
    pub(crate) fn raise(&self, node: NodeId, signal: i32) {
        let is_heard = signal != libc::SIGKILL;
        let waiters = match self.signals.borrow_mut().0.get_mut(&(node, signal)).filter(|_| is_heard) {
            Some(listened) => {
                listened.raised += 1;
                Some(std::mem::take(&mut listened.waiters))
            }
            None => None,
        };
        match waiters {
            Some(waiters) => waiters.into_iter().for_each(Waker::wake),
            None if IGNORED.contains(&signal) => {}
            None => self.kill(node),
        }
    }

    /// The process is no more: what is started in its place listens for nothing yet.
    pub(super) fn listens_no_more(&self, node: NodeId) {
        let listened: BTreeMap<_, _> = {
            let mut signals = self.signals.borrow_mut();
            let (gone, left) = std::mem::take(&mut signals.0).into_iter().partition(|((of, _), _)| *of == node);
            signals.0 = left;
            gone
        };
        drop(listened);
    }
}
