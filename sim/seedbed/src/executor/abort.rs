//! Asking a task to stop, from anywhere.

use super::Header;
use std::sync::Arc;

/// The right to abort one task.
#[derive(Clone, Debug)]
pub(crate) struct Abort(pub(crate) Arc<Header>);

impl Abort {
    pub(crate) fn ask(&self) {
        self.0.ask_abort();
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.0.is_done()
    }
}
