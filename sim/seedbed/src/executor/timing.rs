//! Timers of the running world.

use super::Core;
use crate::{
    context,
    decision::{Entity, Site, mix},
    executor::task::Key,
    history::Event,
    strategy::GRAIN,
    time::{
        Instant,
        timers::{Target, TimerKey},
    },
};
use std::task::Waker;

const TIMER: Site = Site::new("timer");

/// Takes a timer away; quietly outside the world, whose end has taken it already.
pub(crate) fn cancel_timer(timer: TimerKey) {
    context::try_reach(|core| core.cancel_timer(timer));
}

impl Core {
    /// Deadlines of the whole run are rounded up: a decision like any other, made before all others.
    pub(crate) fn record_grain(&self) {
        let grain = self.schedule.dials.grain_ns;
        if grain != 0 {
            self.recorder.borrow_mut().ranked(GRAIN, Entity::ROOT, 0, grain);
        }
    }

    /// Makes sure that `timer` is live, due at `deadline` and wakes `waker`.
    pub(crate) fn set_timer(&self, timer: &mut Option<TimerKey>, deadline: Instant, waker: &Waker) {
        let current = self.current.borrow();
        let own = current.as_ref().filter(|task| task.waker.will_wake(waker));
        let mut timers = self.timers.borrow_mut();
        if let Some(key) = *timer
            && timers.is_live(key)
        {
            let place = current.as_ref().map(|task| task.place());
            let earlier = timers.retarget(key, |known, target| match (target, own) {
                (Target::Task(place), Some(task)) if *place == task.place() => None,
                (Target::Waker(known), None) if known.will_wake(waker) => None,
                (_, own) => {
                    let owner = if known.map(|(place, _)| place) == place {
                        known
                    } else {
                        current.as_ref().map(|task| (task.place(), task.next_timer()))
                    };
                    let target = own.map_or_else(|| Target::Waker(waker.clone()), |task| Target::Task(task.place()));
                    Some((owner, target))
                }
            });
            // A waker's drop may run anything: after the borrows.
            drop((timers, current));
            drop(earlier);
            return;
        }
        let target = own.map_or_else(|| Target::Waker(waker.clone()), |task| Target::Task(task.place()));
        let at = self.to_grain(deadline);
        let owner = current.as_ref().map(|task| (task.place(), task.next_timer()));
        *timer = Some(timers.set(at.as_nanos(), owner, target));
        self.recorder.borrow_mut().small(Event::TimerSet(at));
    }

    /// Moves a timer that may have fired. `None`: it had, and the next poll sets it anew.
    pub(crate) fn move_timer(&self, timer: TimerKey, deadline: Instant) -> Option<TimerKey> {
        let at = self.to_grain(deadline);
        let moved = {
            let mut timers = self.timers.borrow_mut();
            let (owner, target) = timers.take_target(timer)?;
            timers.set(at.as_nanos(), owner, target)
        };
        self.recorder.borrow_mut().small(Event::TimerSet(at));
        Some(moved)
    }

    /// Most have fired when their sleep lets go of them.
    #[inline]
    pub(crate) fn cancel_timer(&self, timer: TimerKey) {
        if self.timers.borrow().is_live(timer) {
            self.cancel_live_timer(timer);
        }
    }

    fn cancel_live_timer(&self, timer: TimerKey) {
        // Its own statement: the target's waker is dropped after the borrow.
        let cancelled = self.timers.borrow_mut().take_target(timer);
        if cancelled.is_some() {
            self.recorder.borrow_mut().small(Event::TimerCancelled);
        }
    }

    /// The drawn place of a task's `nth` timer among those of one instant; asked once two compete.
    pub(super) fn tie(&self, task: &super::task::Task, nth: u32) -> u32 {
        let nth = u64::from(nth);
        let entity = task.identity.entity;
        let value = self.decisions.value(&TIMER, entity, nth, 0, || {
            if self.schedule.strategy.is_drawn() { mix(task.subkey(Key::Timer, &self.decisions), nth) >> 41 } else { 0 }
        });
        if value != 0 {
            self.recorder.borrow_mut().ranked(TIMER, entity, nth, value);
        }
        u32::try_from(value).unwrap_or(0)
    }

    /// Never early: rounded up to the run's grain, if it has one.
    fn to_grain(&self, deadline: Instant) -> Instant {
        match self.schedule.dials.grain_ns {
            0 => deadline,
            _ if self.is_paused() => deadline,
            grain => Instant::from_nanos(deadline.as_nanos().checked_next_multiple_of(grain).unwrap_or(u64::MAX)),
        }
    }
}
