//! tokio's own `sync`: it knows no clock and no thread, so it is real and replays.
//!
//! Calls that block a thread (`blocking_lock`, `blocking_recv`, ..) panic in async code, as ever; in `spawn_blocking` and
//! `block_in_place` they wait, and all others go on. Where no turn of a world can stand still, as under the strategy `madsim`
//! or in plain code between two calls that block on its runtime, they park the thread, as for other threads.
//!
//! One call does not belong in a world, and cannot be taken out of tokio's types: `mpsc::Sender::send_timeout` panics, as there
//! is no timer of tokio's.

pub use real_tokio::sync::*;
