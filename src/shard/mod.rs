//! Shards: agents at work, each a task of its own, of which there are only so many at a time.
//!
//! Its promises: a result reaches exactly the one who asked; a panic stays inside its shard; a shard
//! counts against the limit, and is registered with the scheduler, until it has really ended,
//! whatever ended it. It knows nothing of what a shard does or of how slots are given out.

mod settings;
mod result;
pub mod events;
mod roster;
mod seat;
mod run;
mod handle;
mod fleet;

pub use fleet::{Fleet, SpawnError};
pub use handle::ShardHandle;
pub use result::{ShardError, ShardResult};
pub use settings::{Settings, SpawnOptions};
