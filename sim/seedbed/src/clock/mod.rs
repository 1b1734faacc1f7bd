//! Wall clocks: what processes take the date from.
//!
//! True time is one, [`World::now`](crate::World::now), and begins at [`START`]. Each machine has a wall clock, which its
//! nodes share; it shows the true time until a scenario or a fault puts it wrong. It is worked out when it is read and
//! sets no timer, so that it neither moves the world's time nor hides a deadlock.
//!
//! std's `SystemTime::now()` is madsim's: it shows a date of 2022 that is drawn from the seed, and no machine's clock.

mod change;
mod fault;
mod handle;
mod wall_clock;

pub use change::{Change, Shift};
pub use handle::{Clock, START, wall};

pub(crate) use fault::Fault;
pub(crate) use wall_clock::WallClock;
