//! How the clock moves, and what fires when it has.

use super::{Core, task::State};
use crate::time::{
    Instant,
    timers::{Fired, Target},
};
use std::time::Duration;

impl Core {
    /// Moves the clock to the next timer and fires what is due, or ends the run if there is none.
    pub(super) fn move_clock(&self) {
        let next = self.timers.borrow_mut().next_at();
        match next {
            _ if self.parked_look_again() => {}
            Some(at) => {
                if self.move_clock_to(at) {
                    self.fire_due(at);
                }
            }
            // What waits for an end of the faults may go on now.
            None if self.is_settling() && self.heal() => {}
            None if self.parked_look_at_last() => {}
            None => self.end_with_stall("deadlock", "nothing can run and no timer is set".to_owned()),
        }
    }

    /// From now on each turn takes so long. Where madsim keeps the clock it says what a turn takes.
    pub(crate) fn set_turn_takes(&self, takes: Duration) {
        let nanos = u64::try_from(takes.as_nanos()).unwrap_or(u64::MAX);
        self.turn_takes.set(if self.rides() { 0 } else { nanos });
    }

    /// Time passes in the midst of a turn.
    pub(super) fn hold_up(&self, nanos: u64) {
        let end = self.now.get().saturating_add(nanos);
        while !self.is_over() && self.now.get() < end {
            self.move_clock_to(end);
        }
        self.is_held_up.set(true);
    }

    /// A turn is over, and has taken its time: what came due meanwhile fires, one instant after the other.
    #[inline]
    pub(super) fn turn_takes_its_time(&self) {
        let takes = if self.is_paused() { 0 } else { self.turn_takes.get() };
        if takes > 0 || self.is_held_up.get() {
            self.is_held_up.set(false);
            self.pass(takes);
        }
    }

    #[cold]
    fn pass(&self, nanos: u64) {
        // It goes on being busy: only who rests does not spin.
        let turns = self.turns_now.get();
        let end = self.now.get().saturating_add(nanos);
        while !self.is_over() {
            let next = self.timers.borrow_mut().next_at().filter(|&at| at <= end);
            let moved = self.move_clock_to(next.unwrap_or(end));
            match next {
                Some(at) if moved => self.fire_due(at),
                None if moved => break,
                _ => {}
            }
        }
        self.turns_now.set(turns);
    }

    /// `false`: something else has come first, or ends the run.
    fn move_clock_to(&self, at: u64) -> bool {
        let limit = self.virtual_time_limit();
        if at > self.heal_by.get() && self.heal() {
            return false;
        }
        if u128::from(at) > limit.as_nanos() {
            self.end_with_stall("virtual time limit", format!("the run is not over after {limit:?}"));
            return false;
        }
        if at > self.settle_by.get() {
            let limit = self.limits.settle_time;
            self.end_with_stall("starvation", format!("work has not ended {limit:?} after faults stopped"));
            return false;
        }
        let now = self.now.get();
        if at > now {
            self.move_std_clock(at - now);
            self.clock_moved_to(at);
        }
        true
    }

    #[inline]
    pub(super) fn clock_moved_to(&self, now: u64) {
        self.now.set(now);
        self.turns_now.set(0);
        self.recorder.borrow_mut().clock_moved(Instant::from_nanos(now));
    }

    /// Fires what is due at that instant, which is the next at which anything is.
    fn fire_due(&self, at: u64) {
        self.firing.set(true);
        // Its own statement: the borrow must end before a waker runs.
        let first = self.timers.borrow_mut().pop();
        let is_tied = self.timers.borrow_mut().is_due(at);
        match first {
            Some(first) if is_tied => self.fire_tied(first, at),
            Some(only) => self.fire(only.target),
            None => {}
        }
        self.firing.set(false);
    }

    /// Fires all that is due then, in drawn order, ties of the draw in the order of setting.
    #[cold]
    fn fire_tied(&self, first: Fired, at: u64) {
        let mut due = self.due.take();
        due.push((0, first));
        {
            let mut timers = self.timers.borrow_mut();
            while timers.is_due(at) {
                due.extend(timers.pop().map(|fired| (0, fired)));
            }
        }
        if self.in_use.order {
            for (tie, fired) in &mut due {
                let owner = fired.owner.and_then(|(place, nth)| Some((self.task(place)?, nth)));
                *tie = owner.map_or(0, |(task, nth)| self.tie(&task, nth));
            }
            due.sort_by_key(|(tie, _)| *tie);
        }
        for (_, fired) in due.drain(..) {
            self.fire(fired.target);
        }
        self.due.set(due);
    }

    fn fire(&self, target: Target) {
        match target {
            Target::Task(place) => {
                if let Some(task) = self.task(place)
                    && task.state.get() == State::Waiting
                {
                    task.state.set(State::Woken);
                    self.record_wake(&task);
                    self.admit(task);
                }
            }
            Target::Waker(waker) => {
                waker.wake();
                self.admit_woken(false);
            }
            Target::Wire(wire) => {
                self.wire_is_due(wire);
                self.admit_woken(false);
            }
            Target::Admit(place) => {
                self.held_back.set(self.held_back.get() - 1);
                match self.task(place) {
                    Some(task) if self.in_use.rides => self.ride(task),
                    Some(task) => self.enqueue(task),
                    None => {}
                }
            }
        }
    }
}
