//! Decisions that a run could have made otherwise: what exploring is made of.

use super::{Core, task::Task};
use crate::{
    decision::{Entity, Site},
    disk::Images,
    history::TaskId,
};

/// What a run takes note of, beside its history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Noting {
    #[default]
    Nothing,
    /// The decisions that could have been made otherwise.
    Offers,
    /// Those, and every state that a power loss could leave.
    CrashPoints,
}

/// What listing the decision with a value above 0 would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offered {
    /// End the task: in these words.
    Cancel(&'static str),
    /// Let it lose a future of its own and go on: in these words.
    Lose(&'static str),
    /// Poll another of so many branches of a `select!` first.
    Select { branches: u32 },
    /// Switch a fault family on.
    Family(&'static str),
    /// Let a fault of this family strike.
    Fault { family: &'static str, variant: &'static str },
}

/// A decision that came up and was left at its default.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    pub(crate) site: Site,
    pub(crate) entity: Entity,
    pub(crate) nth: u64,
    pub(crate) what: Offered,
    /// The task it came up in, and how often that had been polled.
    pub(crate) task: TaskId,
    pub(crate) polls: u32,
}

/// A call before which the power could fail, and all that this could leave.
#[derive(Clone, Debug)]
pub(crate) struct CrashPoint {
    /// The decision that the power fails.
    pub(crate) fails: (Site, Entity, u64),
    pub(crate) task: TaskId,
    pub(crate) call: &'static str,
    /// By the name of the power loss, which its decisions are about.
    pub(crate) loss: String,
    pub(crate) images: Images,
}

impl Core {
    /// Takes note of a decision, if offers are wanted.
    #[inline]
    pub(super) fn offer(&self, site: Site, entity: Entity, nth: u64, task: &Task, what: impl FnOnce() -> Offered) {
        if let Some(offers) = &mut *self.offers.borrow_mut() {
            offers.push(Offer { site, entity, nth, what: what(), task: task.id, polls: task.polls.get() });
        }
    }

    /// Takes note that a fault family could be on.
    pub(crate) fn offer_family(&self, site: Site, family: &'static str) {
        if let Some(task) = &*self.current.borrow() {
            self.offer(site, Entity::of(family), 0, task, || Offered::Family(family));
        }
    }

    /// Takes note that a fault could strike in the running task.
    pub(crate) fn offer_fault(&self, draws: (Site, Entity, u64), family: &'static str, variant: &'static str) {
        if let Some(task) = &*self.current.borrow() {
            let (site, entity, nth) = draws;
            self.offer(site, entity, nth, task, || Offered::Fault { family, variant });
        }
    }

    pub(crate) fn take_offers(&self) -> Vec<Offer> {
        self.offers.take().unwrap_or_default()
    }
}
