//! Asking a task to stop, from anywhere.

use super::{
    address::Address,
    inbox::{self, Asked},
};
use crate::{context, history::TaskId};

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

    /// As seen from outside its world, a task has ended when the world has.
    pub(crate) fn is_finished(&self) -> bool {
        let (world, place) = (self.address.world(), self.address.place());
        let here = context::try_reach(|core| (core.world == world).then(|| core.has_ended(place)));
        here.flatten().unwrap_or_else(|| inbox::is_over(world))
    }
}
