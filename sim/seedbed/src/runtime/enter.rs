//! Being in a runtime without running in it.

use crate::{
    context::{self, Entered},
    executor::{Core, Group},
};
use std::{
    cell::Cell,
    fmt,
    marker::PhantomData,
    rc::Rc,
    sync::{Arc, MutexGuard},
    thread::panicking,
};

thread_local! {
    /// How many guards the thread has.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// How many guards the running stack has; from now on, so many.
pub(crate) fn swap_guards(guards: usize) -> usize {
    DEPTH.replace(guards)
}

/// While it lives, what the thread spawns is of the runtime that it entered.
///
/// # Panics
/// Dropped before one that was made after it.
#[must_use = "dropped, it has no effect"]
pub struct EnterGuard<'a> {
    core: Rc<Core>,
    /// None inside a world that runs.
    entered: Option<Entered>,
    before: Option<Arc<Group>>,
    depth: usize,
    /// As tokio's, it stays on its thread.
    _lives: PhantomData<MutexGuard<'a, ()>>,
}

impl EnterGuard<'_> {
    pub(super) fn new(core: Rc<Core>, group: Option<Arc<Group>>) -> Self {
        let entered = (!context::is_driving()).then(|| context::enter_standing(core.clone()));
        let before = core.enter_group(group);
        let depth = DEPTH.get() + 1;
        DEPTH.set(depth);
        Self { core, entered, before, depth, _lives: PhantomData }
    }
}

impl Drop for EnterGuard<'_> {
    fn drop(&mut self) {
        if self.depth != DEPTH.get() {
            assert!(
                panicking(),
                "an `EnterGuard` is dropped before one that was made after it; drop the last one first"
            );
            return;
        }
        DEPTH.set(self.depth - 1);
        self.core.enter_group(self.before.take());
        self.entered.take();
    }
}

impl fmt::Debug for EnterGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterGuard").finish_non_exhaustive()
    }
}
