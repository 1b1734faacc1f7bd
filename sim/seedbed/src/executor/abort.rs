//! Asking a task to stop, from anywhere.

use super::{
    address::Address,
    inbox::{self, Asked},
};
use crate::{context, history::TaskId};
use std::rc::Rc;

/// The right to abort one task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Abort {
    pub(super) address: Address,
    pub(crate) task: TaskId,
}

impl Abort {
    pub(crate) fn ask(&self) {
        self.address.ask(Asked::Abort);
    }

    /// Runs `f`, during which [`Core::running_as_task`](super::Core::running_as_task) is the task.
    pub(crate) fn as_task<R>(&self, f: impl FnOnce() -> R) -> R {
        let core = context::try_reach(Rc::clone).filter(|core| core.world == self.address.world());
        let _seen = core.as_ref().map(|core| core.see_as(self.task));
        f()
    }

    /// As seen from outside its world, a task has ended when the world has.
    pub(crate) fn is_finished(&self) -> bool {
        let (world, place) = (self.address.world(), self.address.place());
        let here = context::try_reach(|core| (core.world == world).then(|| core.has_ended(place)));
        here.flatten().unwrap_or_else(|| inbox::is_over(world))
    }
}
