//! Questions to a store's state.

use super::{
    item::{Item, Status},
    state::State,
};
use std::sync::Arc;

/// Which items: those that are all of this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this status.
    pub status: Option<Status>,
    /// Claimed by this one.
    pub owner: Option<String>,
    /// Open, nobody's, and blocked by nothing.
    pub ready: bool,
}

impl Filter {
    /// All there are.
    pub const ALL: Filter = Filter { status: None, owner: None, ready: false };
    /// Those that somebody could start on.
    pub const READY: Filter = Filter { ready: true, ..Filter::ALL };
    /// Those in which there is work left.
    pub const OPEN: Filter = Filter { status: Some(Status::Open), ..Filter::ALL };

    /// What somebody has claimed.
    pub fn owned_by(owner: impl Into<String>) -> Self {
        Self { owner: Some(owner.into()), ..Self::ALL }
    }

    fn admits(&self, item: &Item, state: &State) -> bool {
        self.status.is_none_or(|status| status == item.status)
            && self.owner.as_ref().is_none_or(|owner| item.owner.as_ref() == Some(owner))
            && (!self.ready || state.is_ready(item))
    }
}

/// By number; those that are ready by priority first.
pub(super) fn select(state: &State, filter: &Filter) -> Vec<Arc<Item>> {
    let mut items: Vec<_> = state.items.values().filter(|item| filter.admits(item, state)).cloned().collect();
    if filter.ready {
        // Stable: of the same priority the oldest first.
        items.sort_by_key(|item| item.priority);
    }
    items
}
