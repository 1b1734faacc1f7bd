//! Runtimes, with tokio's API, as far as a task sees its own.

mod handle;

pub use handle::{EnterGuard, Handle, RuntimeFlavor, TryCurrentError};
