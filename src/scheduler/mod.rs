//! The API-slot scheduler: a slot is permission for one model call, and there are few of them.
//!
//! Its promises: never more holders than slots; every slot comes back exactly once; nobody starves;
//! a wait that ends in an error never leaves a slot behind. It knows nothing of models, of what a
//! shard does, or of who starts shards.

mod settings;
mod priority;
mod error;
pub mod events;
mod queue;
mod record;
mod metrics;
mod ledger;
mod handle;
mod acquire;
mod permit;

pub use acquire::{Acquire, AcquireOptions};
pub use error::{AcquireError, CheckpointError, NotRegistered};
pub use handle::Scheduler;
pub use metrics::Metrics;
pub use permit::Permit;
pub use priority::Priority;
pub use record::{Phase, ShardState};
pub use settings::Settings;
