//! codeNERD's API scheduler, its flaws included, behind the face of this project's own: it takes the place of
//! `src/scheduler` in a copy of the sources, where the ordinary scenarios and checks judge it.
//!
//! What is said to the log, settings, classes and errors are this project's. What it does is the other's.

mod settings;
mod priority;
mod error;
pub mod events;
#[expect(dead_code, reason = "only what a shard looks like from outside")]
mod record;
mod metrics;
mod books;
mod api_scheduler;

pub use api_scheduler::{Acquire, AcquireOptions, Permit, Scheduler};
pub use error::{AcquireError, CheckpointError, NotRegistered};
pub use metrics::Metrics;
pub use priority::Priority;
pub use record::{Phase, ShardState};
pub use settings::Settings;
