//! Workload W: shards that share slots, with calls, gaps and random aborts. Owns its story, once.
//! Knows no runtime: each variant brings its own `Host`.

use std::{future::Future, ops::Range, sync::Arc, time::Duration};
use tokio::sync::Semaphore;

const CALLS_PER_SHARD: usize = 4;
const CALL_US: Range<u64> = 50_000..800_000;
const GAP_US: Range<u64> = 0..20_000;
const ABORT_AT_US: Range<u64> = 0..3_000_000;

/// What W needs of a runtime. Called only from inside a run.
pub(crate) trait Host: Copy + Send + Sync + 'static {
    /// A spawned task: resolves when it has ended, to whether it ran to its end.
    type Task: Future<Output = bool>;
    /// Starts a task beside the caller.
    fn spawn(self, future: impl Future<Output = ()> + Send + 'static) -> Self::Task;
    /// Aborts a task; nothing happens to one that has ended.
    fn abort(self, task: &Self::Task);
    /// Sleeps in virtual time.
    fn sleep(self, duration: Duration) -> impl Future<Output = ()> + Send;
    /// Draws evenly from a range, from the run's own seed.
    fn draw(self, range: Range<u64>) -> u64;
}

/// How large W is. A quarter as many aborts as shards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) shards: usize,
    pub(crate) slots: usize,
}

/// What runs came to, to see that two hosts do the same work.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) finished: u64,
    pub(crate) aborted: u64,
}

/// One run of W, as the main task of a world.
pub(crate) async fn run<H: Host>(host: H, size: Size) -> Tally {
    let slots = Arc::new(Semaphore::new(size.slots));
    let shards: Vec<H::Task> = (0..size.shards).map(|_| host.spawn(shard(host, slots.clone()))).collect();
    abort_some(host, &shards).await;
    let mut tally = Tally::default();
    for shard in shards {
        if shard.await {
            tally.finished += 1;
        } else {
            tally.aborted += 1;
        }
    }
    tally
}

async fn shard<H: Host>(host: H, slots: Arc<Semaphore>) {
    for call in 0..CALLS_PER_SHARD {
        if call > 0 {
            host.sleep(draw_us(host, GAP_US)).await;
        }
        let _slot = slots.acquire().await.expect("nobody closes the slots");
        host.sleep(draw_us(host, CALL_US)).await;
    }
}

async fn abort_some<H: Host>(host: H, shards: &[H::Task]) {
    let mut instants_us: Vec<u64> = (0..shards.len() / 4).map(|_| host.draw(ABORT_AT_US)).collect();
    instants_us.sort_unstable();
    let mut now_us = 0;
    for instant_us in instants_us {
        host.sleep(Duration::from_micros(instant_us - now_us)).await;
        now_us = instant_us;
        let victim = host.draw(0..shards.len() as u64);
        host.abort(&shards[usize::try_from(victim).expect("drawn from the indices")]);
    }
}

fn draw_us<H: Host>(host: H, range: Range<u64>) -> Duration {
    Duration::from_micros(host.draw(range))
}
