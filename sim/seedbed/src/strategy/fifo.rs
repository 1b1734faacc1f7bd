//! First ready, first run.

use super::{Entrant, Strategy};

#[derive(Debug)]
pub(super) struct Fifo;

impl Strategy for Fifo {
    fn rank(&self, _: &Entrant<'_>) -> u32 {
        0
    }

    fn is_drawn(&self) -> bool {
        false
    }
}
