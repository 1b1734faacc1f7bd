//! Every pick evenly random among the ready.

use super::{Entrant, Strategy};

#[derive(Debug)]
pub(super) struct Random;

impl Strategy for Random {
    fn rank(&self, entrant: &Entrant<'_>) -> u32 {
        (entrant.bits(entrant.poll()) >> 32) as u32
    }
}
