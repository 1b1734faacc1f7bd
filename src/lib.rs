//! shardwright: the backend of an LLM agent system.
//!
//! Shards are agents at work; each makes model calls, and a call needs one of few API slots. In
//! reading order: what a shard is called ([`ShardId`]), who gets a slot ([`scheduler`]), how a call
//! is made in one ([`llm`]), and who starts and ends shards ([`shard`]).
//!
//! Everything outside the process is reached through the names `tokio` and `seam`. Time, tasks and
//! randomness are whatever those are built as; nothing here asks the machine directly.

mod id;
mod instant;
mod panics;
pub mod scheduler;
pub mod llm;
pub mod shard;
pub mod store;

pub use id::ShardId;
