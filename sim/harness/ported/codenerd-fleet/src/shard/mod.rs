//! codeNERD's spawn queue and shard manager, their flaws included, behind the face of this project's fleet.
//!
//! The face knows no priorities of shards, so of the four lines of requests there is one.

mod settings;
mod result;
pub mod events;
mod manager;
mod queue;
mod handle;
mod fleet;

pub use fleet::{Fleet, SpawnError};
pub use handle::ShardHandle;
pub use result::{ShardError, ShardResult};
pub use settings::{Settings, SpawnOptions};
