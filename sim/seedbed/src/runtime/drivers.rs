//! What a runtime was built with. Who needs what it was built without is told so in tokio's words.

use crate::context;

/// # Panics
/// In a runtime that was built without time.
#[track_caller]
pub(crate) fn assert_time() {
    let has_time = context::with(|core| core.has(|group| group.has_time));
    assert!(
        has_time,
        "no time in this runtime: A Tokio 1.x context was found, but timers are disabled. Call `enable_time` on the runtime \
         builder to enable timers."
    );
}

/// # Panics
/// In a runtime that was built without network and signals.
#[track_caller]
pub(crate) fn assert_io() {
    let has_io = context::with(|core| core.has(|group| group.has_io));
    assert!(
        has_io,
        "no network in this runtime: A Tokio 1.x context was found, but IO is disabled. Call `enable_io` on the runtime \
         builder to enable IO."
    );
}
