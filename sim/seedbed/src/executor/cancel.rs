//! Cancellation at the boundaries of a task's polls: whether, by what means, and the doing of it.

use super::{
    Core,
    offer::Offered,
    stacks::Chance,
    task::{Key, Task},
};
use crate::{
    decision::{Distribution, Site, below, mix},
    history::TaskId,
};
use std::{cell::Cell, rc::Rc};

/// Where a task stands between two polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Boundary {
    /// Woken, before its first poll or after a suspension.
    Woken,
    /// Suspended just now, and not woken yet.
    Waiting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    /// An abort is asked for; the task is dropped at its next turn, which the schedule decides.
    Abort,
    /// The future is dropped where it stands, before anybody else has a turn.
    Drop,
    /// The process that the task is of dies: no destructor runs.
    Kill,
}

/// One way to cancel a task: a site of its own, so that a case names it.
#[derive(Debug)]
struct Way {
    boundary: Boundary,
    means: Means,
    site: Site,
    /// As an injection says it: of a task that was never polled, of one that was.
    variants: [&'static str; 2],
}

static WAYS: [Way; 5] = [
    Way {
        boundary: Boundary::Woken,
        means: Means::Abort,
        site: Site::new("abort.woken"),
        variants: ["aborted before its first poll", "aborted between wake and run"],
    },
    Way {
        boundary: Boundary::Woken,
        means: Means::Drop,
        site: Site::new("drop.woken"),
        variants: ["dropped before its first poll", "dropped between wake and run"],
    },
    Way {
        boundary: Boundary::Waiting,
        means: Means::Abort,
        site: Site::new("abort.waiting"),
        variants: ["aborted while it waits"; 2],
    },
    Way {
        boundary: Boundary::Waiting,
        means: Means::Drop,
        site: Site::new("drop.waiting"),
        variants: ["dropped while it waits"; 2],
    },
    Way {
        boundary: Boundary::Waiting,
        means: Means::Kill,
        site: Site::new("kill.waiting"),
        variants: ["its process killed while it waits"; 2],
    },
];

impl Way {
    /// The scenario's own process cannot die, so its tasks cannot be killed.
    fn fits(&self, task: &Task, boundary: Boundary) -> bool {
        self.boundary == boundary && (self.means != Means::Kill || task.node.0 != 0)
    }
}

/// A place inside a poll where the running task may lose a future of its own.
#[derive(Debug)]
pub(crate) struct Inside {
    site: Site,
    key: Key,
    /// In words: before its first poll, between wake and run, while it waits.
    variants: [&'static str; 3],
}

/// When a future inside a task can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before its first poll.
    First,
    /// Between wake and run; it could have been lost while it waited, at this chance.
    Woken { since: Chance },
    /// It has just suspended, if it took a waker after this [mark](Core::trace_mark).
    Waiting { mark: usize },
}

impl Moment {
    fn of<T>(self, [first, woken, waiting]: [T; 3]) -> T {
        match self {
            Self::First => first,
            Self::Woken { .. } => woken,
            Self::Waiting { .. } => waiting,
        }
    }
}

/// `timeout` gives up although its time has not come.
pub(crate) const TIMEOUT_FIRES: Inside =
    Inside { site: Site::new("timeout.fires"), key: Key::Timeout, variants: ["its timeout fires"; 3] };
/// A future that a scenario declared cancellable is dropped.
pub(crate) const FUTURE_DROPPED: Inside = Inside {
    site: Site::new("future.dropped"),
    key: Key::Future,
    variants: [
        "a future of its own is dropped before its first poll",
        "a future of its own is dropped between wake and run",
        "a future of its own is dropped while it waits",
    ],
};

impl Core {
    /// Cancels `task` if that is decided for this boundary. Says whether it is gone.
    #[inline]
    pub(super) fn is_cancelled_at(&self, boundary: Boundary, task: &Rc<Task>) -> bool {
        self.in_use.cancels && self.may_lose(task) && self.cancel_at(boundary, task)
    }

    #[inline]
    fn may_lose(&self, task: &Task) -> bool {
        task.may_cancel.get() && !self.healing.get() && !task.abort_asked.get() && self.kill_after_poll.get().is_none()
    }

    fn cancel_at(&self, boundary: Boundary, task: &Rc<Task>) -> bool {
        let polls = task.polls.get();
        let drawn = self.drawn_way(boundary, task);
        for way in WAYS.iter().filter(|way| way.fits(task, boundary)) {
            let variant = way.variants[usize::from(polls > 0)];
            self.offer(way.site, task.identity.entity, u64::from(polls), task, || Offered::Cancel(variant));
            if self
                .is_decided(&way.site, task, u64::from(polls), || drawn.is_some_and(|drawn| std::ptr::eq(drawn, way)))
            {
                self.recorder.borrow_mut().injected("cancel", variant);
                return self.cancel(way.means, task);
            }
        }
        false
    }

    fn drawn_way(&self, boundary: Boundary, task: &Task) -> Option<&'static Way> {
        let dial = self.schedule.dials.cancel?;
        let occurrence = u64::from(task.polls.get()) << 1 | u64::from(boundary == Boundary::Waiting);
        let bits = mix(task.subkey(Key::Cancel, &self.decisions), occurrence);
        if dial.sample(bits) == 0 {
            return None;
        }
        let fitting = || WAYS.iter().filter(|way| way.fits(task, boundary));
        let nth = below(mix(bits, 0), fitting().count() as u64);
        fitting().nth(usize::try_from(nth).unwrap_or(0))
    }

    fn cancel(&self, means: Means, task: &Rc<Task>) -> bool {
        match means {
            Means::Abort => self.abort_task(task),
            Means::Drop => {
                task.abort_asked.set(true);
                self.without_way_back(|| self.turn(task.clone()));
            }
            Means::Kill => self.kill_now(task.node),
        }
        means != Means::Abort
    }

    /// Whether the running task loses a future of its own here and now, and which chance this was.
    /// `is_declared`: although nobody declared the task itself cancellable.
    pub(crate) fn loses_inside(&self, place: &Inside, moment: Moment, is_declared: bool) -> (bool, Chance) {
        const NONE: (bool, Chance) = (false, (TaskId::WORLD, "", 0));
        if !self.in_use.cancels {
            return NONE;
        }
        let current = self.current.borrow();
        let Some(task) = &*current else { return NONE };
        if !(self.may_lose(task) || is_declared && !self.healing.get() && self.kill_after_poll.get().is_none()) {
            return NONE;
        }
        let nth = next(if place.key == Key::Timeout { &task.timeouts } else { &task.futures });
        let chance = (task.id, place.site.name(), nth);
        self.trace_inside(chance, moment);
        let variant = moment.of(place.variants);
        self.offer(place.site, task.identity.entity, nth, task, || Offered::Lose(variant));
        let drawn = || {
            let bits = mix(task.subkey(place.key, &self.decisions), nth);
            self.schedule.dials.cancel.is_some_and(|dial| dial.sample(bits) == 1)
        };
        let loses = self.is_decided(&place.site, task, nth, drawn);
        if loses {
            self.recorder.borrow_mut().injected("cancel", variant);
        }
        (loses, chance)
    }

    fn is_decided(&self, site: &Site, task: &Task, nth: u64, drawn: impl FnOnce() -> bool) -> bool {
        let entity = task.identity.entity;
        let value = self.decisions.value(site, entity, nth, 0, || u64::from(drawn()));
        if value != 0 {
            self.recorder.borrow_mut().decided(*site, entity, nth, value);
        }
        value != 0
    }
}

fn next(counter: &Cell<u32>) -> u64 {
    u64::from(counter.replace(counter.get().wrapping_add(1)))
}
