//! tokio's own `sync`: it knows no clock and no thread, so it is real and replays.
//!
//! The calls that block a thread (`blocking_lock`, `blocking_recv`, ..) panic by tokio's own hand inside
//! a task's turn.

pub use real_tokio::sync::*;
