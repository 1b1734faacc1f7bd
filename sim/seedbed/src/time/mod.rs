//! Virtual time, with tokio's API. Timers are exact: they fire at their deadline, never before it, and
//! a dropped one leaves nothing behind.

mod instant;
mod clock;
mod interval;
mod sleep;
mod std_sleep;
mod span;
mod timeout;
pub(crate) mod timers;

pub use clock::{advance, pause, resume};
pub use instant::Instant;
pub use interval::{Interval, MissedTickBehavior, interval, interval_at};
pub(crate) use sleep::pass;
pub use sleep::{Sleep, sleep, sleep_until};
pub use std::time::Duration;
pub use timeout::{Timeout, error, timeout, timeout_at};

pub(crate) use span::span;
