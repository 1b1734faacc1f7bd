//! W on madsim's own runner, in the two ways to drive it.

use crate::workload::{self, Host, Size, Tally};
use madsim::{
    rand::Rng,
    runtime::{Builder, Runtime},
    task::JoinHandle,
};
use std::{
    future::Future,
    ops::Range,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

#[derive(Clone, Copy)]
struct Madsim;

struct Task(JoinHandle<()>);

impl Future for Task {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        Pin::new(&mut self.0).poll(cx).map(|ended| ended.is_ok())
    }
}

impl Host for Madsim {
    type Task = Task;

    fn spawn(self, future: impl Future<Output = ()> + Send + 'static) -> Task {
        Task(madsim::task::spawn(future))
    }

    fn abort(self, task: &Task) {
        task.0.abort();
    }

    fn sleep(self, duration: Duration) -> impl Future<Output = ()> + Send {
        madsim::time::sleep(duration)
    }

    fn draw(self, range: Range<u64>) -> u64 {
        madsim::rand::thread_rng().gen_range(range)
    }
}

/// `Builder::run` takes a plain `fn()`, so the size cannot be captured.
static SIZE: Mutex<Size> = Mutex::new(Size { shards: 1, slots: 1 });

/// What `#[madsim::test]` does: a fresh thread for each seed.
pub(crate) fn on_fresh_threads(seed: u64, size: Size) -> Tally {
    *SIZE.lock().unwrap_or_else(PoisonError::into_inner) = size;
    let builder = Builder {
        seed,
        count: 1,
        jobs: 1,
        config: madsim::Config::default(),
        time_limit: None,
        check: false,
        allow_system_thread: false,
    };
    builder.run(|| async {
        let size = *SIZE.lock().unwrap_or_else(PoisonError::into_inner);
        workload::run(Madsim, size).await
    })
}

/// All seeds on the calling thread.
pub(crate) fn on_one_thread(seed: u64, size: Size) -> Tally {
    let runtime = Runtime::with_seed_and_config(seed, madsim::Config::default());
    runtime.block_on(workload::run(Madsim, size))
}
