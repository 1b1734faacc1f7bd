//! tokio's own `sync`: it knows no clock and no thread, so it is real and replays.
//!
//! Two kinds of calls do not belong in a world, and cannot be taken out of tokio's types. Those that block
//! a thread (`blocking_lock`, `blocking_recv`, ..) panic in async code, as ever; elsewhere they return only if they
//! need not wait: else the world's one thread waits for itself, until the watchdog names the case.
//! `mpsc::Sender::send_timeout` panics, as there is no timer of tokio's.

pub use real_tokio::sync::*;
