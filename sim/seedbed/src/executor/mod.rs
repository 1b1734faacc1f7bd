//! One executor in one madsim task. Owns tasks, their turns, and the clock.
//! Knows nothing of scenarios, checks' meanings or command lines.

mod abort;
mod address;
mod advance;
mod blocking;
mod body;
mod budget;
mod cancel;
mod clock;
mod core;
mod drive;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod futex;
mod group;
mod guest;
mod idle;
mod inbox;
mod join;
mod left;
mod lock;
mod net;
mod node;
mod offer;
mod park;
mod parker;
mod pause;
pub(crate) mod on_madsim;
mod ready;
mod signals;
mod stacks;
mod system;
mod table;
mod task;
mod tear_down;
mod thread_sleep;
mod timing;
mod waits;
mod worker;

pub(crate) use abort::Abort;
pub(crate) use blocking::{blocking, may_block};
pub(crate) use body::poll_or_drop;
pub(crate) use cancel::{FUTURE_DROPPED, Moment, TIMEOUT_FIRES};
pub(crate) use core::{Core, Limits, Setup};
pub(crate) use drive::drive;
pub(crate) use group::{Group, Home};
pub(crate) use guest::GuestEnd;
pub(crate) use idle::{IdleRuntime, Strays};
pub(crate) use join::Join;
pub(crate) use node::NodeId;
pub(crate) use offer::{CrashPoint, Noting, Offer, Offered};
pub(crate) use stacks::{AwaitStack, Chance, Seen, StackRequest, Traced};
pub(crate) use system::{LOSES, PARTS, entity_of, site_of};
pub(crate) use table::Place;
pub(crate) use task::{Key, Name, Task};
pub(crate) use timing::cancel_timer;
