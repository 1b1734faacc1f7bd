//! Runtimes, with tokio's API. Within a world one is a group of its tasks, to be shut down together; in plain code it is the
//! thread's standing world, in which all runtimes that the thread uses are groups.

mod builder;
mod drivers;
mod enter;
mod handle;
mod local;
mod metrics;
mod owned;

pub use builder::Builder;
pub(crate) use drivers::{assert_io, assert_time};
pub use enter::EnterGuard;
pub(crate) use enter::swap_guards;
pub use handle::{Handle, Id, RuntimeFlavor, TryCurrentError};
pub use local::{LocalOptions, LocalRuntime};
pub use metrics::RuntimeMetrics;
pub use owned::Runtime;

use std::io;

/// Whether a call failed because its runtime was shut down. Never: in a world such a call's task is gone before it fails.
#[must_use]
pub fn is_rt_shutdown_err(_err: &io::Error) -> bool {
    false
}

/// Which worker runs the caller. `None`: a world has none.
#[must_use]
pub fn worker_index() -> Option<usize> {
    None
}
