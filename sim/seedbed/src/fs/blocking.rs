//! A call to the machine's file system, which goes on whether or not anybody waits for it.

use crate::{
    context,
    decision::{LogNormal, Site, TypeName},
    disk::System,
    executor::Name,
    task::JoinHandle,
    time::sleep,
};
use std::{future::pending, io, time::Duration};

const LATENCY: Site = Site::new("disk.latency");
/// Of a solid-state disk.
const LATENCIES: LogNormal = LogNormal { median: Duration::from_micros(80), sigma_percent: 100 };

/// Starts `work` on `what`, which happens at once and as a whole when its time has come. As on tokio's blocking threads,
/// calls that are under way at the same time come in any order. Those of a killed process do not come at all.
pub(super) fn start<W: Send + 'static, T: Send + 'static>(
    name: &'static str,
    what: W,
    work: impl FnOnce(&mut System<'_>, &W) -> io::Result<T> + Send + 'static,
) -> JoinHandle<io::Result<T>> {
    context::with(|core| {
        JoinHandle::new(core.spawn(Some(Name::Type(TypeName::of(name))), false, async move {
            turn_comes(name).await;
            // `what` outlives it: the last user of a file closes it, which is a call too.
            context::with(|core| core.call_system(name, |system| work(system, &what)))
        }))
    })
}

/// [`start`], and waits for it.
pub(super) async fn call<W: Send + 'static, T: Send + 'static>(
    name: &'static str,
    what: W,
    work: impl FnOnce(&mut System<'_>, &W) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    start(name, what, work).await.unwrap_or_else(|_| Err(lost()))
}

/// Waits until the running task's call happens: never, if the power fails before it.
pub(super) async fn turn_comes(call: &'static str) {
    let nanos = context::with(|core| core.decide_here(&LATENCY, &LATENCIES));
    sleep(Duration::from_nanos(nanos)).await;
    if context::with(|core| core.power_fails(call)) {
        pending().await
    }
}

/// What tokio says of a call whose thread died.
pub(super) fn lost() -> io::Error {
    io::Error::other("background task failed")
}
