//! A drop-in for tokio. Depend on it as `tokio = { package = "seedbed-tokio", .. }`: without
//! `cfg(madsim)` it is plain tokio, under it the same names live in seedbed's simulated world.
//!
//! Under the cfg a name that is missing here is not supported yet: it fails to compile rather than be
//! silently real. `ITEMS.md` lists what there is, and why something is not.

#[cfg(not(madsim))]
pub use real_tokio::*;

#[cfg(feature = "hyper")]
pub mod hyper;
#[cfg(madsim)]
mod entry;
#[cfg(madsim)]
pub mod io;
#[cfg(all(madsim, feature = "process"))]
pub mod process;
#[cfg(all(madsim, any(feature = "io-std", feature = "process")))]
mod refused;
#[cfg(madsim)]
mod select;
#[cfg(all(madsim, feature = "io-std"))]
mod stdio;
#[cfg(madsim)]
pub mod sync;
#[cfg(madsim)]
mod task_local;

#[cfg(madsim)]
pub use seedbed::task::spawn;
#[cfg(madsim)]
pub use seedbed::{fs, net, runtime, signal, task, time};

#[cfg(madsim)]
pub use real_tokio::{join, pin, try_join};

#[cfg(all(madsim, feature = "macros"))]
pub use seedbed_macros::{tokio_main as main, tokio_test as test};

#[cfg(madsim)]
#[doc(hidden)]
pub mod __private {
    pub use crate::entry::{run_main, run_test};
    pub use real_tokio;
    pub use seedbed::{select_start, task::put_aside};
}
