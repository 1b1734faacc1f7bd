//! What happened in a run: events, the digest of them, and the kept story.

mod digest;
mod event;
mod log;
mod recorder;
mod subscriber;
mod timeline;

pub use crate::net::event::{NetAct, NetEvent, Protocol};
pub use digest::Digest;
pub use event::{Event, TaskId, Waking};
pub use log::{LogEvent, Value};
pub use recorder::{History, Keep};
pub use timeline::Line;

pub(crate) use recorder::{Broken, Drawn, Recorder};
pub(crate) use subscriber::install as install_subscriber;
