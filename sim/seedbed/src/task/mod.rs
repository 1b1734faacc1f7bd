//! Tasks, with tokio's API.

mod join;
mod join_set;
mod local_key;
mod local_set;
mod spawn;
mod yield_now;

pub use join::{AbortHandle, Id, JoinError, JoinHandle, id, try_id};
pub use join_set::JoinSet;
pub(crate) use local_key::TaskLocals;
#[doc(hidden)]
pub use local_key::put_aside;
pub(crate) use local_set::swap_in_local_set;
pub use local_set::{LocalEnterGuard, LocalSet};
pub use spawn::{block_in_place, spawn, spawn_blocking, spawn_local};
pub use yield_now::yield_now;

/// tokio's cooperative budget: real, as each task's turn has one.
pub use tokio::task::{
    coop,
    coop::{Unconstrained, consume_budget, unconstrained},
};

/// tokio's task-locals: real, as they live in the future that is polled and in no thread. Those that the drop-in's
/// `task_local!` declares are of their task too while it blocks.
pub use tokio::task::{LocalKey, futures};
