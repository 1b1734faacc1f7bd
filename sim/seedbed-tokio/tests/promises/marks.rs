//! What tells that it was dropped, and panics that a test means to happen.

use std::{
    future::pending,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

/// Counts its drops, and those of its clones.
#[derive(Clone, Default)]
pub(crate) struct Dropped(Arc<AtomicUsize>);

impl Dropped {
    /// A count of drops, and something that is counted.
    pub(crate) fn new() -> (Arc<AtomicUsize>, Self) {
        let held = Self::default();
        (held.0.clone(), held)
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// Holds `held` and never ends.
pub(crate) async fn forever(held: Dropped) {
    let _held = held;
    pending().await
}

/// Panics when it is dropped.
pub(crate) struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        planned();
    }
}

/// A panic that the test means to happen.
#[cfg(madsim)]
pub(crate) fn planned() -> ! {
    seedbed::inject_panic("as planned")
}

/// A panic that the test means to happen.
#[cfg(not(madsim))]
pub(crate) fn planned() -> ! {
    std::panic::resume_unwind(Box::new("as planned"))
}

/// Whether `work` panics.
pub(crate) fn panics<R>(work: impl FnOnce() -> R) -> bool {
    catch_unwind(AssertUnwindSafe(work)).is_err()
}

/// What `work` panics with.
pub(crate) fn panic_of<R>(work: impl FnOnce() -> R) -> String {
    let payload = catch_unwind(AssertUnwindSafe(work)).err().expect("it panics");
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}
