//! Guests: futures that stay with whoever drives the world, as those do that a program blocks on. A guest has a task of the
//! world, and so its name, turns and decisions; but it borrows, and its result goes to the driver.

use super::{Core, Home, Name, body::Polled, budget, task::Task};
use crate::{
    history::TaskId,
    panics::{self, Panicked},
};
use std::{
    any::Any,
    future::pending,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    task::{Context, Poll},
};

/// Polls what is driven: ready once.
pub(crate) type Guest<'a> = &'a mut dyn FnMut(&mut Context<'_>) -> Poll<()>;

/// Why a guest is not driven any more.
pub(crate) enum GuestEnd {
    /// It is ready.
    Ready,
    /// It panicked, which is its caller's to know and no finding.
    Panicked(Box<dyn Any + Send>, Panicked),
    /// The world found something.
    WorldIsOver,
}

impl Core {
    /// Runs the world until `guest` has ended or something was found.
    pub(crate) fn drive_guest(&self, home: Home, guest: Guest<'_>) -> GuestEnd {
        let join = self.spawn_at(home, Some(Name::Given("block_on".into())), true, pending::<()>());
        let task = join.abort.task;
        let before = self.guest.replace(Some(task));
        let mut end = None;
        budget::with_budgets(|budgets| {
            self.guarded(|| {
                while end.is_none()
                    && let Some(next) = self.next_turn()
                {
                    budgets.give(self.extra_yield(&next));
                    if next.id == task {
                        end = self.guest_turn(next, guest);
                    } else {
                        self.turn(next);
                    }
                }
            });
        });
        self.guest.set(before);
        end.unwrap_or(GuestEnd::WorldIsOver)
    }

    /// The running task's id. What is blocked on has none, as in tokio, and a world's own body stands for it.
    pub(crate) fn running_as_task(&self) -> Option<TaskId> {
        let running = self.running()?;
        let is_blocked_on = self.guest.get() == Some(running) || self.is_first(running);
        (!is_blocked_on).then_some(running)
    }

    fn guest_turn(&self, task: Rc<Task>, guest: Guest<'_>) -> Option<GuestEnd> {
        let mut end = None;
        self.turn_by(task, |task| {
            self.poll_starts(task);
            match catch_unwind(AssertUnwindSafe(|| guest(&mut Context::from_waker(&task.waker)))) {
                Ok(Poll::Pending) => Some(Polled::Pending),
                Ok(Poll::Ready(())) => {
                    end = Some(GuestEnd::Ready);
                    Some(Polled::Finished)
                }
                Err(payload) => {
                    let message = panics::message(&*payload);
                    end = Some(GuestEnd::Panicked(payload, self.seen_panic(message.clone())));
                    // As if injected: not the world's to judge.
                    Some(Polled::Panicked { message, is_injected: true })
                }
            }
        });
        end
    }
}
