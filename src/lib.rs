//! shardwright: the backend of an LLM agent system.
//!
//! Shards are agents at work; each makes model calls, and a call needs one of few API slots. In
//! reading order: what a shard is called ([`ShardId`]), who gets a slot ([`scheduler`]).
//!
//! Everything outside the process is reached through the names `tokio` and `seam`. Time, tasks and
//! randomness are whatever those are built as; nothing here asks the machine directly.

mod id;
pub mod scheduler;

pub use id::ShardId;
