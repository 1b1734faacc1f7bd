//! The ready tasks, by rank, then by the order in which they became ready.

use super::Place;
use std::{cmp::Reverse, collections::BinaryHeap};

#[derive(Debug, Default)]
pub(crate) struct Ready {
    heap: BinaryHeap<Reverse<(u64, u32, u32)>>,
    entered: u32,
}

impl Ready {
    #[inline]
    pub(crate) fn push(&mut self, rank: u32, place: Place) {
        let order = u64::from(rank) << 32 | u64::from(self.entered);
        self.entered = self.entered.wrapping_add(1);
        self.heap.push(Reverse((order, place.index, place.task.0)));
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Place> {
        let Some(Reverse((_, index, task))) = self.heap.pop() else {
            // Nobody waits, so the order may start anew: it never gets near its end.
            self.entered = 0;
            return None;
        };
        Some(Place { index, task: crate::history::TaskId(task) })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}
