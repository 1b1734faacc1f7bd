//! The ready tasks, by rank, then by the order in which they became ready.

use super::task::Task;
use std::{cmp::Ordering, collections::BinaryHeap, rc::Rc};

#[derive(Debug, Default)]
pub(crate) struct Ready {
    /// The only ready task. Most instants have one, and one needs no rank.
    only: Option<Rc<Task>>,
    heap: BinaryHeap<Entry>,
    entered: u32,
}

#[derive(Debug)]
struct Entry {
    /// The rank above, the order of entering below.
    order: u64,
    task: Rc<Task>,
}

impl Ready {
    /// Lets a task in; `rank` is asked once two compete.
    #[inline]
    pub(crate) fn push(&mut self, task: Rc<Task>, rank: impl Fn(&Task) -> u32) {
        if self.heap.is_empty() {
            match self.only.take() {
                None => {
                    self.only = Some(task);
                    return;
                }
                Some(first) => self.enter(rank(&first), first),
            }
        }
        self.enter(rank(&task), task);
    }

    fn enter(&mut self, rank: u32, task: Rc<Task>) {
        let order = u64::from(rank) << 32 | u64::from(self.entered);
        self.entered = self.entered.wrapping_add(1);
        self.heap.push(Entry { order, task });
    }

    /// The next task; one that is gone is passed over by the caller.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Rc<Task>> {
        if let Some(only) = self.only.take() {
            return Some(only);
        }
        let next = self.heap.pop();
        if self.heap.is_empty() {
            // Nobody waits, so the order may start anew: it never gets near its end.
            self.entered = 0;
        }
        next.map(|entry| entry.task)
    }

    pub(crate) fn clear(&mut self) {
        self.only = None;
        self.heap.clear();
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The lowest order is the greatest, as std's heap gives the greatest first.
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        other.order.cmp(&self.order)
    }
}
