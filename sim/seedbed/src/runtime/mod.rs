//! Runtimes, with tokio's API. Within a world one is a group of its tasks, to be shut down together; in plain code it is the
//! thread's standing world, in which all runtimes that the thread uses are groups.

mod builder;
mod enter;
mod handle;
mod metrics;
mod owned;

pub use builder::Builder;
pub use enter::EnterGuard;
pub use handle::{Handle, Id, RuntimeFlavor, TryCurrentError};
pub use metrics::RuntimeMetrics;
pub use owned::Runtime;
