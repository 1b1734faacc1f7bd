//! Calls to the machine's file system, which go on whether or not anybody waits for them.

use crate::{
    context,
    decision::{LogNormal, Site},
    disk::{DiskFault, System},
    task::JoinHandle,
    time::pass,
};
use std::{
    future::{Future, pending},
    io,
    time::Duration,
};

const LATENCY: Site = Site::new("disk.latency");
/// Of a solid-state disk.
const LATENCIES: LogNormal = LogNormal { median: Duration::from_micros(80), sigma_percent: 100 };

/// Starts `calls`, which are made one after the other with [`step`]. As on tokio's blocking threads, those that are under
/// way at the same time come in any order. Those of a killed process do not come at all.
pub(super) fn start<T: 'static>(
    name: &'static str,
    calls: impl Future<Output = io::Result<T>> + 'static,
) -> JoinHandle<io::Result<T>> {
    context::with(|core| JoinHandle::new(core.spawn_call(name, calls)))
}

/// [`start`], and waits for the end of it.
pub(super) async fn run<T: 'static>(
    name: &'static str,
    calls: impl Future<Output = io::Result<T>> + 'static,
) -> io::Result<T> {
    start(name, calls).await.unwrap_or_else(|_| Err(lost()))
}

/// [`start`] with one call: what `work` does with `what`.
pub(super) fn start_one<W: 'static, T: 'static>(
    name: &'static str,
    what: W,
    work: impl FnOnce(&mut System<'_>, &W) -> io::Result<T> + 'static,
) -> JoinHandle<io::Result<T>> {
    // `what` outlives the call: the last user of a file closes it, which is a call too.
    start(name, async move { step(name, |system| work(system, &what)).await })
}

/// [`start_one`], and waits for the end of it.
pub(super) async fn call<W: 'static, T: 'static>(
    name: &'static str,
    what: W,
    work: impl FnOnce(&mut System<'_>, &W) -> io::Result<T> + 'static,
) -> io::Result<T> {
    start_one(name, what, work).await.unwrap_or_else(|_| Err(lost()))
}

/// One call, which happens at one instant and as a whole.
pub(super) async fn step<T>(name: &'static str, work: impl FnOnce(&mut System<'_>) -> io::Result<T>) -> io::Result<T> {
    turn_comes(name).await;
    context::with(|core| core.call_system(name, work))
}

/// Waits until the running task's call happens: never, if the power fails before it.
pub(super) async fn turn_comes(call: &'static str) {
    let nanos = context::with(|core| {
        let latency = core.decide_here(&LATENCY, &LATENCIES);
        latency + core.disk_strikes(DiskFault::Stall, call).unwrap_or(0)
    });
    pass(Duration::from_nanos(nanos)).await;
    if context::with(|core| core.power_fails(call)) {
        pending().await
    }
}

/// Ends when a signal interrupts the running task's call, which has begun to wait: mostly never.
pub(super) async fn interrupted<T>(call: &'static str) -> io::Result<T> {
    match context::with(|core| core.disk_strikes(DiskFault::Interrupt, call)) {
        None => pending().await,
        Some(nanos) => {
            pass(Duration::from_nanos(nanos)).await;
            let told = |_: &mut System<'_>| Err(io::Error::from_raw_os_error(DiskFault::Interrupt.error()));
            context::with(|core| core.call_system(call, told))
        }
    }
}

/// Writes all of `bytes` as std does: what one call left, the next one takes. `write` is told how much is written.
pub(super) async fn write_all(
    name: &'static str,
    bytes: &[u8],
    write: impl Fn(&mut System<'_>, usize, &[u8]) -> io::Result<usize>,
) -> io::Result<()> {
    let mut written = 0;
    loop {
        written += step(name, |system| write(system, written, &bytes[written..])).await?;
        if written == bytes.len() {
            return Ok(());
        }
    }
}

/// What tokio says of a call whose thread died.
pub(super) fn lost() -> io::Error {
    io::Error::other("background task failed")
}
