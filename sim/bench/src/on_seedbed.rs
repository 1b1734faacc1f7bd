//! W as a seedbed scenario, run as a sweep runs it: portfolio, digest, no kept history.

use crate::workload::{self, Host, Size, Tally};
use seedbed::{Case, Param, Scenario, Threads, World, decision::Site, task::JoinHandle};
use std::{
    future::Future,
    ops::Range,
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    task::{Context, Poll},
    time::Duration,
};

#[derive(Clone, Copy)]
struct Seedbed(World);

struct Task(JoinHandle<()>);

impl Future for Task {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        Pin::new(&mut self.0).poll(cx).map(|ended| ended.is_ok())
    }
}

const DRAW: Site = Site::new("draw");

impl Host for Seedbed {
    type Task = Task;

    fn spawn(self, future: impl Future<Output = ()> + Send + 'static) -> Task {
        Task(seedbed::task::spawn(future))
    }

    fn abort(self, task: &Task) {
        task.0.abort();
    }

    fn sleep(self, duration: Duration) -> impl Future<Output = ()> + Send {
        seedbed::time::sleep(duration)
    }

    fn draw(self, range: Range<u64>) -> u64 {
        self.0.draw(DRAW, &range)
    }
}

static FINISHED: AtomicU64 = AtomicU64::new(0);
static ABORTED: AtomicU64 = AtomicU64::new(0);

const fn size(name: &'static str) -> Param {
    Param { name, help: "how many", default: 1, min: 1, max: 1_000_000 }
}

const WORKLOAD: Scenario = Scenario {
    name: "workload",
    story: "Shards share slots; some are aborted.",
    params: &[size("shards"), size("slots")],
    run: |world, params| {
        let param = |name| usize::try_from(params.get(name)).expect("bounded by the parameter");
        let size = Size { shards: param("shards"), slots: param("slots") };
        Box::pin(async move {
            let tally = workload::run(Seedbed(world), size).await;
            FINISHED.fetch_add(tally.finished, Relaxed);
            ABORTED.fetch_add(tally.aborted, Relaxed);
            Ok(())
        })
    },
    ..Scenario::CALM
};

/// Seeds from 0 until `go_on` says no.
pub(crate) fn run_seeds(size: Size, threads: &Threads, mut go_on: impl FnMut() -> bool) -> Tally {
    let mut case = Case::of_seed(WORKLOAD.name, 0);
    case.params.insert("shards".to_owned(), size.shards as u64);
    case.params.insert("slots".to_owned(), size.slots as u64);
    FINISHED.store(0, Relaxed);
    ABORTED.store(0, Relaxed);
    let each = |seed, outcome: seedbed::Outcome| {
        assert!(outcome.finding.is_none(), "seed {seed}: {:?}", outcome.finding);
        go_on()
    };
    WORKLOAD.run_seeds(&case, threads, 0.., each).expect("the case fits its own scenario");
    Tally { finished: FINISHED.load(Relaxed), aborted: ABORTED.load(Relaxed) }
}
