//! Model calls: the seam to a provider, and the client that makes each call inside an API slot.
//!
//! Its promises: a slot is held exactly while the provider is being asked, on every way out of a
//! call; what is returned as a success is complete. It knows nothing of shards' work, nor of any one
//! provider's protocol.

mod settings;
mod model;
mod error;
mod retry;
mod limit;
mod scheduled;
mod pump;
mod answer;

pub use answer::AnswerStream;
pub use error::CallError;
pub use model::{Chunk, ChunkStream, Completion, Finish, ModelClient, Request};
pub use scheduled::ScheduledClient;
pub use settings::Settings;
