//! Which world the current thread is in.

use crate::executor::Core;
use std::{cell::RefCell, mem::ManuallyDrop, rc::Rc};

thread_local! {
    static CURRENT: RefCell<Option<Rc<Core>>> = const { RefCell::new(None) };
    /// Never dropped by the thread's end, when destructors would have no world.
    static STANDING: RefCell<Option<ManuallyDrop<Rc<Core>>>> = const { RefCell::new(None) };
}

/// Runs `f` on the current world's core.
///
/// # Panics
/// Outside a world.
#[inline]
#[track_caller]
pub(crate) fn with<R>(f: impl FnOnce(&Rc<Core>) -> R) -> R {
    try_with(f).expect(
        "this call needs a seedbed world, and the current thread is not inside one: call it from \
         a #[seedbed::test], a scenario, or what a runtime blocks on",
    )
}

/// Runs `f` on the world that [`try_reach`] reaches.
///
/// # Panics
/// Outside a world, where none stands either.
#[track_caller]
pub(crate) fn reach<R>(f: impl FnOnce(&Rc<Core>) -> R) -> R {
    match near() {
        Some(core) => f(&core),
        None => with(f),
    }
}

/// Runs `f` on the current world's core, if there is one.
#[inline]
pub(crate) fn try_with<R>(f: impl FnOnce(&Rc<Core>) -> R) -> Option<R> {
    CURRENT.try_with(|current| current.borrow().as_ref().map(f)).ok().flatten()
}

pub(crate) fn is_inside() -> bool {
    try_with(|_| ()).is_some()
}

/// Whether a world runs on this thread now, rather than being entered or standing still.
pub(crate) fn is_driving() -> bool {
    try_with(|core| core.is_driven()) == Some(true)
}

/// Runs `f` on the core of the world that runs, or on that of the thread's standing one: for what may be dropped, or asked of,
/// in the plain code between two calls that block on it.
pub(crate) fn try_reach<R>(f: impl FnOnce(&Rc<Core>) -> R) -> Option<R> {
    near().as_ref().map(f)
}

/// Plain code may still be in a world that is over, and another stands by now.
fn near() -> Option<Rc<Core>> {
    let entered = try_with(Rc::clone);
    if entered.as_ref().is_some_and(|core| core.is_driven()) { entered } else { standing().or(entered) }
}

/// The world that stands on this thread between calls that block on it.
pub(crate) fn standing() -> Option<Rc<Core>> {
    STANDING.try_with(|standing| standing.borrow().as_deref().cloned()).ok().flatten()
}

/// Makes `core` the thread's standing world, or takes it away.
pub(crate) fn set_standing(core: Option<Rc<Core>>) {
    let earlier = STANDING.replace(core.map(ManuallyDrop::new));
    drop(earlier.map(ManuallyDrop::into_inner));
}

/// The current thread is inside the world while this lives.
pub(crate) struct Entered {
    before: Option<Rc<Core>>,
}

/// Enters a world.
///
/// # Panics
/// If the thread is inside one already.
pub(crate) fn enter(core: Rc<Core>) -> Entered {
    CURRENT.with_borrow_mut(|current| {
        assert!(current.is_none(), "a world cannot be started inside another one");
        *current = Some(core);
    });
    Entered { before: None }
}

/// Enters a world that stands, from wherever the thread is.
pub(crate) fn enter_standing(core: Rc<Core>) -> Entered {
    Entered { before: CURRENT.replace(Some(core)) }
}

impl Drop for Entered {
    fn drop(&mut self) {
        drop(CURRENT.replace(self.before.take()));
    }
}
