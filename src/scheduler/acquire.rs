//! The wait for a slot, as a future. Owns its ticket and its timer; what became of the wait is
//! known only to the ledger.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::time::{Instant, Sleep, sleep_until};

use super::{error::AcquireError, handle::Shared, permit::Permit, priority::Priority};
use crate::id::ShardId;

/// How to wait: `AcquireOptions { priority: Priority::High, ..AcquireOptions::BASE }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcquireOptions {
    /// The class the wait starts in; it rises by one for each `rise_after` of the settings.
    pub priority: Priority,
    /// After this the slot is of no use. It can only shorten the slot timeout, not extend it.
    pub deadline: Option<Instant>,
}

impl AcquireOptions {
    /// Normal priority, no deadline.
    pub const BASE: AcquireOptions = AcquireOptions { priority: Priority::Normal, deadline: None };
}

/// Who asks, and how.
pub(super) struct Ask {
    pub(super) shard: ShardId,
    pub(super) options: AcquireOptions,
}

/// The future of [`Scheduler::acquire`](super::Scheduler::acquire).
///
/// Dropped at any time: the wait is over, and a slot that was granted to it and not seen yet goes
/// to the next waiter.
#[must_use = "nothing waits until it is polled"]
pub struct Acquire {
    shared: Arc<Shared>,
    ask: Ask,
    stage: Stage,
}

enum Stage {
    Unpolled,
    Waiting { ticket: u64, timer: Pin<Box<Sleep>> },
    Done,
}

impl Acquire {
    pub(super) fn new(shared: Arc<Shared>, ask: Ask) -> Acquire {
        Acquire { shared, ask, stage: Stage::Unpolled }
    }

    fn begin(&mut self, cx: &mut Context<'_>) -> Poll<Result<Permit, AcquireError>> {
        let begun = self.shared.change(|ledger, now| {
            let (ticket, limit_at) = ledger.enter(&self.ask, now)?;
            Ok((ticket, limit_at, ledger.look(ticket, cx.waker(), false, now)))
        });
        let (ticket, limit_at, seen) = match begun {
            Ok(begun) => begun,
            Err(error) => return self.finish(Err(error)),
        };
        match seen {
            Poll::Ready(outcome) => self.finish(outcome.map(|()| ticket)),
            Poll::Pending => {
                self.stage = Stage::Waiting { ticket, timer: Box::pin(sleep_until(limit_at)) };
                self.go_on(cx)
            }
        }
    }

    fn go_on(&mut self, cx: &mut Context<'_>) -> Poll<Result<Permit, AcquireError>> {
        let Stage::Waiting { ticket, timer } = &mut self.stage else {
            panic!("the acquire of {} was polled after it had ended", self.ask.shard);
        };
        let ticket = *ticket;
        let out_of_time = timer.as_mut().poll(cx).is_ready();
        match self.shared.change(|ledger, now| ledger.look(ticket, cx.waker(), out_of_time, now)) {
            Poll::Ready(outcome) => self.finish(outcome.map(|()| ticket)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn finish(&mut self, ticket: Result<u64, AcquireError>) -> Poll<Result<Permit, AcquireError>> {
        self.stage = Stage::Done;
        Poll::Ready(ticket.map(|ticket| Permit::new(Arc::clone(&self.shared), ticket, self.ask.shard)))
    }
}

impl Future for Acquire {
    type Output = Result<Permit, AcquireError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.stage {
            Stage::Unpolled => self.begin(cx),
            Stage::Waiting { .. } | Stage::Done => self.go_on(cx),
        }
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        match self.stage {
            Stage::Unpolled => {
                seam::sometimes!("acquire dropped before its first poll");
            }
            Stage::Waiting { ticket, .. } => self.shared.change(|ledger, now| ledger.leave(ticket, now)),
            Stage::Done => {}
        }
    }
}
