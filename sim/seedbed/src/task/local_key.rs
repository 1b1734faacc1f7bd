//! Task-locals are tokio's own: thread-locals that hold a value while its task is polled. Where a poll stands still, others
//! are polled in the midst of it, so what it has set is put aside meanwhile.

use std::{any::Any, cell::RefCell, mem, thread::LocalKey};

/// A thread-local that a task-local is kept in.
type Store<T> = LocalKey<RefCell<Option<T>>>;

thread_local! {
    /// Those that this thread has used.
    static USED: RefCell<Vec<&'static dyn Slot>> = const { RefCell::new(Vec::new()) };
}

trait Slot {
    fn is_read(&'static self) -> bool;
    fn take(&'static self) -> Option<Box<dyn Any>>;
    fn put(&'static self, value: Box<dyn Any>);
}

impl<T: 'static> Slot for Store<T> {
    fn is_read(&'static self) -> bool {
        self.try_with(|slot| slot.try_borrow_mut().is_err()) == Ok(true)
    }

    fn take(&'static self) -> Option<Box<dyn Any>> {
        let value = self.try_with(|slot| slot.borrow_mut().take());
        Some(Box::new(value.ok()??))
    }

    fn put(&'static self, value: Box<dyn Any>) {
        if let Ok(value) = value.downcast() {
            self.set(Some(*value));
        }
    }
}

/// To be called at the store's first use on each thread.
#[doc(hidden)]
pub fn put_aside<T: 'static>(store: &'static Store<T>) {
    USED.with_borrow_mut(|used| used.push(store));
}

/// What a poll has set that stands still.
#[derive(Default)]
pub(crate) struct TaskLocals(Vec<(&'static dyn Slot, Box<dyn Any>)>);

impl TaskLocals {
    /// What is being read cannot be put aside: its reader has a reference to it.
    pub(crate) fn take() -> Result<Self, &'static str> {
        let used = USED.with_borrow(Clone::clone);
        if used.iter().any(|slot| slot.is_read()) {
            return Err("who reads a task-local cannot block: others would find it borrowed");
        }
        Ok(Self(used.into_iter().filter_map(|slot| Some((slot, slot.take()?))).collect()))
    }

    pub(crate) fn put_back(self) {
        self.0.into_iter().for_each(|(slot, value)| slot.put(value));
    }

    /// They are set while the result lives.
    pub(crate) fn set_back(&mut self) -> SetBack<'_> {
        mem::take(self).put_back();
        SetBack(self)
    }
}

pub(crate) struct SetBack<'a>(&'a mut TaskLocals);

impl Drop for SetBack<'_> {
    fn drop(&mut self) {
        // Its readers are gone with their turn.
        *self.0 = TaskLocals::take().unwrap_or_default();
    }
}
