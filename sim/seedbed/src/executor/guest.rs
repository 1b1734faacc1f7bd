//! Guests: futures that stay with whoever drives the world, as those do that a program blocks on. A guest has a task of the
//! world, and so its name, turns and decisions; but it borrows, and its result goes to the driver.

use super::{AwaitStack, Core, Home, Name, body::Polled, budget, task::Task};
use crate::{
    finding::FindingKind,
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
                self.idle.enter(|| {
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
        });
        if end.is_none() {
            self.trace_stuck(task, guest);
        }
        self.guest.set(before);
        end.unwrap_or(GuestEnd::WorldIsOver)
    }

    /// Adds to a stall where each task waits. The code that blocks cannot be run again to see that, so what it blocks on is
    /// polled once more, and all that are stuck: the world is over, and a poll that nobody woke for is always allowed.
    fn trace_stuck(&self, guest_task: TaskId, guest: Guest<'_>) {
        let Some(mut stall) = self.verdict.borrow_mut().take_if(|finding| finding.kind == FindingKind::Stall) else {
            return;
        };
        let live = self.table.borrow().live();
        for stuck in &mut stall.stuck {
            let Some(task) = live.iter().find(|task| Some(task.id) == stuck.task) else { continue };
            let stack = self.polled_once_more(task, |cx| match task.body.borrow_mut().as_mut() {
                _ if task.id == guest_task => drop(guest(cx)),
                Some(body) => drop(body.as_mut().poll(cx)),
                None => {}
            });
            stuck.waits_at(stack.as_ref());
        }
        stall.sign_stall();
        self.verdict.replace(Some(stall));
    }

    /// Where it suspends; none if it was not polled before.
    fn polled_once_more(&self, task: &Rc<Task>, poll: impl FnOnce(&mut Context<'_>)) -> Option<AwaitStack> {
        let polls = task.polls.get();
        if polls == 0 {
            return None;
        }
        self.current.replace(Some(task.clone()));
        // The stall is what was found, whatever else this finds.
        let poll = |cx: &mut Context<'_>| catch_unwind(AssertUnwindSafe(|| poll(cx)));
        let _ = self.idle.enter(|| self.traced(task, polls, poll));
        self.current.take();
        self.traced.borrow().polls.last().map(|(.., seen)| seen.suspended())
    }

    /// The running task's id, or that of the one whose future or result is being dropped by another. What is blocked on has
    /// none, as in tokio, and a world's own body stands for it.
    pub(crate) fn running_as_task(&self) -> Option<TaskId> {
        if let Some(seen) = self.seen_as.get() {
            return Some(seen);
        }
        let running = self.running()?;
        let is_blocked_on = self.guest.get() == Some(running) || self.is_first(running);
        (!is_blocked_on).then_some(running)
    }

    /// While the result lives, what runs is seen as `task`.
    pub(crate) fn see_as(&self, task: TaskId) -> SeenAs<'_> {
        SeenAs { core: self, before: self.seen_as.replace(Some(task)) }
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

/// What runs is seen as another task.
pub(crate) struct SeenAs<'a> {
    core: &'a Core,
    before: Option<TaskId>,
}

impl Drop for SeenAs<'_> {
    fn drop(&mut self) {
        self.core.seen_as.set(self.before);
    }
}
