//! The task table. Owns every task strongly: one that nobody can wake any more must still be seen.

use super::task::Task;
use crate::history::TaskId;
use std::rc::Rc;

/// A place in the table, and which task it was given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) index: u32,
    pub(crate) task: TaskId,
}

#[derive(Debug, Default)]
pub(crate) struct Table {
    tasks: Vec<Option<Rc<Task>>>,
    free: Vec<u32>,
    spawned: u32,
}

impl Table {
    /// A place for the next task; [`fill`](Self::fill) must follow.
    pub(crate) fn reserve(&mut self) -> Place {
        let index = self.free.pop().unwrap_or_else(|| {
            self.tasks.push(None);
            u32::try_from(self.tasks.len() - 1).expect("fewer than 2^32 live tasks")
        });
        let task = TaskId(self.spawned);
        self.spawned += 1;
        Place { index, task }
    }

    pub(crate) fn fill(&mut self, task: Rc<Task>) {
        let place = task.place();
        self.tasks[place.index as usize] = Some(task);
    }

    /// The task at `place`, unless it is gone.
    #[inline]
    pub(crate) fn get(&self, place: Place) -> Option<&Rc<Task>> {
        self.tasks[place.index as usize].as_ref().filter(|task| task.place() == place)
    }

    pub(crate) fn remove(&mut self, place: Place) -> Option<Rc<Task>> {
        let slot = &mut self.tasks[place.index as usize];
        let task = slot.take_if(|task| task.place() == place)?;
        self.free.push(place.index);
        Some(task)
    }

    /// The live tasks in order of spawning.
    pub(crate) fn live(&self) -> Vec<Rc<Task>> {
        let mut live: Vec<_> = self.tasks.iter().flatten().cloned().collect();
        live.sort_unstable_by_key(|task| task.place().task);
        live
    }

    pub(crate) fn spawned(&self) -> u32 {
        self.spawned
    }
}
