//! The baseline: the same world on madsim's own executor. Its random picks and its 50 to 100 ns a poll
//! decide the order, and nobody is cancelled but by the workload.
//!
//! Each task rides on a task of madsim's; identities, draws, history, checks and timers are the world's own.

use super::{Core, task::Task};
use crate::{context, history::TaskId};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// What a world that rides keeps.
#[derive(Debug, Default)]
pub(super) struct Rides {
    wakers: RefCell<BTreeMap<TaskId, Waker>>,
    driver: RefCell<Option<Waker>>,
    /// Those that were woken and have not run since.
    ready: RefCell<BTreeSet<TaskId>>,
    /// Turns since all rested: madsim moves the clock at each, so none of them shares an instant with another.
    turns: Cell<u32>,
}

impl Rides {
    fn rest(&self) -> bool {
        self.ready.borrow().is_empty()
    }
}

/// Runs the world until its scenario's own future is done or something was found.
///
/// Dropped, the rides stay madsim's and end with its runtime.
pub(crate) async fn drive(core: &Rc<Core>) {
    poll_fn(|cx| {
        core.rides.driver.replace(Some(cx.waker().clone()));
        core.receive();
        core.admit_woken(false);
        while core.rides.rest() && !core.over.get() {
            core.rides.turns.set(0);
            if !core.wake_rest_waiters() {
                core.move_clock();
            }
            core.admit_woken(false);
        }
        if core.over.get() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

struct Ride(Rc<Task>);

impl Future for Ride {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // After the run's end madsim goes on until nothing is ready.
        context::try_with(|core| core.ride_on(&self.0, cx.waker())).unwrap_or(Poll::Ready(()))
    }
}

impl Core {
    /// Hands a woken task to madsim.
    pub(super) fn ride(&self, task: Rc<Task>) {
        self.rides.ready.borrow_mut().insert(task.id);
        let waker = self.rides.wakers.borrow().get(&task.id).cloned();
        match waker {
            Some(waker) => waker.wake(),
            None => drop(madsim::task::spawn_local(Ride(task))),
        }
    }

    fn ride_on(&self, task: &Rc<Task>, waker: &Waker) -> Poll<()> {
        let rides = &self.rides;
        let is_ready = rides.ready.borrow_mut().remove(&task.id);
        if is_ready && !task.is_done() && !self.over.get() {
            rides.wakers.borrow_mut().insert(task.id, waker.clone());
            self.follow_clock();
            rides.turns.set(rides.turns.get() + 1);
            if rides.turns.get() > self.limits.turns_per_instant {
                self.end_with_spin(task, 0);
            }
            self.guarded(|| self.idle.enter(|| self.turn(task.clone())));
        }
        if rides.rest() || self.over.get() {
            rides.driver.borrow().iter().for_each(Waker::wake_by_ref);
        }
        if !task.is_done() && !self.over.get() {
            return Poll::Pending;
        }
        rides.wakers.borrow_mut().remove(&task.id);
        Poll::Ready(())
    }

    /// madsim moves its clock at every poll.
    pub(super) fn follow_clock(&self) {
        let elapsed = self.libc_clock.elapsed().saturating_sub(self.libc_start);
        let elapsed = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        if elapsed > self.now.get() {
            self.clock_moved_to(elapsed);
        }
    }
}
