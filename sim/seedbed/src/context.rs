//! Which world the current thread is in.

use crate::executor::Core;
use std::{cell::RefCell, rc::Rc};

thread_local! {
    static CURRENT: RefCell<Option<Rc<Core>>> = const { RefCell::new(None) };
}

/// Runs `f` on the current world's core.
///
/// # Panics
/// Outside a world.
#[inline]
pub(crate) fn with<R>(f: impl FnOnce(&Rc<Core>) -> R) -> R {
    try_with(f).expect(
        "this call needs a seedbed world, and the current thread is not inside one: call it from \
         a #[seedbed::test] or a scenario",
    )
}

/// Runs `f` on the current world's core, if there is one.
#[inline]
pub(crate) fn try_with<R>(f: impl FnOnce(&Rc<Core>) -> R) -> Option<R> {
    CURRENT.try_with(|current| current.borrow().as_ref().map(f)).ok().flatten()
}

pub(crate) fn is_inside() -> bool {
    try_with(|_| ()).is_some()
}

/// The current thread is inside the world while this lives.
pub(crate) struct Entered(());

/// Enters a world.
///
/// # Panics
/// If the thread is inside one already.
pub(crate) fn enter(core: Rc<Core>) -> Entered {
    CURRENT.with_borrow_mut(|current| {
        assert!(current.is_none(), "a world cannot be started inside another one");
        *current = Some(core);
    });
    Entered(())
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(|current| *current = None);
    }
}
