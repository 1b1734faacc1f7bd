//! What tokio's documentation promises, item by item, on either side: a module here for each of tokio's, a file for each
//! item or a few of them, and a test for each promise. Promises that the other suites claim already are not repeated.
//!
//! What is not said here: that one of two ready things comes first, nor how late something comes. In a world both are the
//! schedule's.

extern crate seedbed_tokio as tokio;

mod block_on;
mod hand;
mod marks;
#[path = "../support/mod.rs"]
mod support;

mod time {
    mod clock;
    mod interval;
    mod sleep;
    mod timeout;
}
mod task {
    mod coop;
    mod handle;
    mod join_set;
    mod local_key;
    mod local_set;
}
mod fs;
mod io {
    mod memory;
    mod read;
    mod write;
}
mod macros {
    mod join;
    mod select;
}
mod net {
    mod ipv6;
    mod tcp;
    mod udp;
}
mod runtime;
mod thread_sleep;
mod threads;
mod sync {
    mod barrier;
    mod blocking;
    mod broadcast;
    mod mpsc {
        mod bounded;
        mod unbounded;
    }
    mod mutex;
    mod notify;
    mod once;
    mod oneshot;
    mod rwlock;
    mod semaphore;
    mod waiting;
    mod watch;
}

use tokio::{
    runtime::{Builder, Runtime},
    time::{Duration, sleep},
};

#[cfg(not(real_side))]
const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const HOUR: Duration = Duration::from_secs(3_600);

async fn after_hours(hours: u32) -> u32 {
    sleep(HOUR * hours).await;
    hours
}

/// A runtime whose time is virtual on the real side too.
fn quick() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}
