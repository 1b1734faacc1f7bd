//! A thread that sleeps: std's `thread::sleep`, where tokio's would let the task sleep alone.

use super::{
    Core, Home, blocking,
    task::Task,
    tear_down::{TYPICAL_STACK_BYTES, may_forget},
};
use crate::{task::TaskLocals, time::Instant};
use std::{
    mem,
    rc::Rc,
    task::{Context, Poll},
    thread,
    time::Duration,
};

impl Core {
    /// The running code's thread sleeps for `span`. Where a thread may block its turn stands still, and all others go on;
    /// elsewhere they wait for it. While the clock is paused none of it passes but for std's clock, as beside tokio's.
    ///
    /// Never unwinds: libc's caller does not.
    pub(crate) fn thread_sleeps(self: &Rc<Self>, span: Duration) {
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        // While a check looks on at an event, no other can come in between.
        if self.recorder.try_borrow_mut().is_err() {
            return;
        }
        if self.is_over() {
            self.goes_on_after_the_end();
        } else if !self.stands_still_for(nanos) {
            self.sleeps_in_its_turn(nanos);
        }
    }

    /// `false`: its turn cannot stand still. One that panics does not, as to std its thread panics all that while.
    fn stands_still_for(self: &Rc<Self>, nanos: u64) -> bool {
        if !(blocking::may_block() && self.is_on_worker()) || thread::panicking() {
            return false;
        }
        let Some(task) = self.current.borrow().clone() else { return false };
        let Ok(task_locals) = TaskLocals::take() else { return false };
        let started = self.libc_clock.elapsed();
        if self.is_paused() {
            self.gives_way_on_worker(task.clone());
        } else {
            self.sleep_on_worker(task.clone(), nanos);
        }
        self.dies_as(&task);
        self.std_clock_sees(started, nanos);
        task_locals.put_back();
        true
    }

    fn sleeps_in_its_turn(&self, nanos: u64) {
        if self.is_paused() && !self.rides() {
            return self.move_only_std_clock(nanos);
        }
        if self.rides() {
            self.libc_clock.advance(Duration::from_nanos(nanos));
            self.follow_clock();
        } else {
            self.hold_up(nanos);
        }
        if let Some(task) = &*self.current.borrow() {
            self.recorder.borrow_mut().goes_on(task.id);
        }
    }

    fn sleep_on_worker(self: &Rc<Self>, task: Rc<Task>, nanos: u64) {
        let deadline = Instant::from_nanos(self.now.get().saturating_add(nanos));
        let mut timer = None;
        let mut sleeps = |cx: &mut Context<'_>| {
            if self.now() >= deadline {
                return Poll::Ready(());
            }
            self.set_timer(&mut timer, deadline, cx.waker());
            Poll::Pending
        };
        // Whatever its end is, the sleeper goes on.
        let _ = self.wait_on_worker("sleep", task, Home::default(), &mut sleeps);
        if let Some(timer) = timer {
            self.cancel_timer(timer);
        }
    }
    /// Whoever can run does.
    fn gives_way_on_worker(self: &Rc<Self>, task: Rc<Task>) {
        let mut gave_way = false;
        let mut gives_way = |cx: &mut Context<'_>| {
            if mem::replace(&mut gave_way, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        };
        let _ = self.wait_on_worker("sleep", task, Home::default(), &mut gives_way);
    }

    /// A turn that cannot be unwound goes on only if its process lives.
    pub(super) fn dies_as(&self, task: &Task) {
        if task.is_dead.get() && may_forget(TYPICAL_STACK_BYTES) {
            self.stand_still_for_good();
        }
    }
}
