//! The task table. Owns every task strongly: one that nobody can wake any more must still be seen.

use super::{
    address::{GENERATIONS, SLOTS},
    task::Task,
};
use crate::history::TaskId;
use std::rc::Rc;

/// A place in the table, and which of the tasks that lived there.
/// One number, as it is copied about at every turn: the slot above, the generation below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place(u64);

impl Place {
    #[inline]
    pub(super) const fn new(slot: u32, generation: u32) -> Self {
        Self((slot as u64) << 32 | generation as u64)
    }

    #[inline]
    pub(super) const fn slot(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline]
    pub(super) const fn generation(self) -> u32 {
        self.0 as u32
    }
}

#[derive(Debug, Default)]
struct Slot {
    generation: u32,
    task: Option<Rc<Task>>,
}

#[derive(Debug)]
pub(crate) struct Table {
    slots: Vec<Slot>,
    free: Vec<u32>,
    spawned: u32,
}

impl Default for Table {
    fn default() -> Self {
        Self { slots: Vec::with_capacity(TYPICAL), free: Vec::with_capacity(TYPICAL), spawned: 0 }
    }
}

/// Room for the tasks of a small run.
const TYPICAL: usize = 32;

impl Table {
    /// A place and a number for the next task; [`fill`](Self::fill) must follow.
    ///
    /// # Panics
    /// At the four millionth live task.
    pub(crate) fn reserve(&mut self) -> (Place, TaskId) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            let slot = u32::try_from(self.slots.len() - 1).unwrap_or(SLOTS);
            assert!(slot < SLOTS, "a world has fewer than {SLOTS} live tasks");
            slot
        });
        let task = TaskId(self.spawned);
        self.spawned += 1;
        (Place::new(slot, self.slots[slot as usize].generation), task)
    }

    pub(crate) fn fill(&mut self, task: Rc<Task>) {
        let slot = task.place().slot();
        self.slots[slot as usize].task = Some(task);
    }

    /// The task at `place`, unless it is gone. One that has ended stays until its result was taken.
    #[inline]
    pub(crate) fn get(&self, place: Place) -> Option<&Rc<Task>> {
        let slot = self.slots.get(place.slot() as usize)?;
        slot.task.as_ref().filter(|_| slot.generation == place.generation())
    }

    pub(crate) fn remove(&mut self, place: Place) -> Option<Rc<Task>> {
        let slot = &mut self.slots[place.slot() as usize];
        if slot.generation != place.generation() {
            return None;
        }
        let task = slot.task.take()?;
        slot.generation += 1;
        // A slot whose generations are used up is never used again.
        if slot.generation < GENERATIONS {
            self.free.push(place.slot());
        }
        Some(task)
    }

    /// The live tasks in order of spawning.
    pub(crate) fn live(&self) -> Vec<Rc<Task>> {
        let mut live = self.all();
        live.retain(|task| !task.is_done());
        live
    }

    /// All tasks in order of spawning, with those whose results nobody has taken.
    pub(crate) fn all(&self) -> Vec<Rc<Task>> {
        let mut all: Vec<_> = self.slots.iter().filter_map(|slot| slot.task.clone()).collect();
        all.sort_unstable_by_key(|task| task.id);
        all
    }

    pub(crate) fn spawned(&self) -> u32 {
        self.spawned
    }
}
