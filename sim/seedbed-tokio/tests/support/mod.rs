//! A claim's body, run on either side.

#[allow(dead_code, reason = "each test file uses some of these")]
pub(crate) mod sockets;

#[cfg(not(madsim))]
use seedbed_tokio as tokio;
use std::future::Future;

/// Runs `body` in a world for each of some seeds.
#[cfg(madsim)]
#[allow(dead_code, reason = "each test file uses some of these")]
pub(crate) fn world<F: Future<Output = ()> + 'static>(body: fn() -> F) {
    let name = std::thread::current().name().unwrap_or("contract").to_owned();
    let report = seedbed::sweep(&name, 0..100, |_| async move {
        body().await;
        Ok(())
    });
    report.assert_clean();
}

/// Runs `body` once on real tokio, whose clock is paused: it moves when all tasks wait.
#[cfg(not(madsim))]
#[allow(dead_code, reason = "each test file uses some of these")]
pub(crate) fn world<F: Future<Output = ()> + 'static>(body: fn() -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(tokio::task::LocalSet::new().run_until(body()));
}

/// [`world`]: on the simulated network time passes as it does.
#[cfg(madsim)]
#[allow(dead_code, reason = "each test file uses some of these")]
pub(crate) fn online<F: Future<Output = ()> + 'static>(body: fn() -> F) {
    world(body);
}

/// Runs `body` once on real tokio and the machine's own network, in real time: a clock that moves when all tasks wait
/// would not wait for the kernel.
#[cfg(not(madsim))]
#[allow(dead_code, reason = "each test file uses some of these")]
pub(crate) fn online<F: Future<Output = ()> + 'static>(body: fn() -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(tokio::task::LocalSet::new().run_until(body()));
}

/// An empty directory of the running test's own.
#[cfg(madsim)]
#[allow(dead_code, reason = "each test file uses some of these")]
pub(crate) fn place() -> std::path::PathBuf {
    "/".into()
}

/// An empty directory of the running test's own, the same at each call.
#[cfg(not(madsim))]
#[allow(dead_code, reason = "each test file uses some of these")]
pub(crate) fn place() -> std::path::PathBuf {
    thread_local!(static PLACE: Place = Place::new());
    PLACE.with(|place| place.0.clone())
}

#[cfg(not(madsim))]
struct Place(std::path::PathBuf);

#[cfg(not(madsim))]
impl Place {
    fn new() -> Self {
        let test = std::thread::current().name().unwrap_or("test").replace("::", "-");
        let path = std::env::temp_dir().join(format!("seedbed-tokio-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

#[cfg(not(madsim))]
impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
