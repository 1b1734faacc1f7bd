//! Every run ends clean: all tasks dropped, nothing leaked, whatever was pending.
#![cfg(not(real_side))]
#![expect(unsafe_code, reason = "an allocator that counts; the proof stands beside it")]

use seedbed::{
    Case, Scenario, Threads, World,
    net::{TcpListener, TcpStream, UdpSocket},
    task::{JoinSet, spawn},
    time::{Duration, interval, sleep, timeout},
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    task::Poll,
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

/// Of the whole process: the test runner's own threads allocate too, a little.
static LIVE_BYTES: AtomicI64 = AtomicI64::new(0);

thread_local! {
    /// Of one thread: exact.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes to `System` with the caller's own arguments, so its contract is kept by
// `System`; counting touches an atomic and a thread-local that neither allocates nor has a
// destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE_BYTES.fetch_add(i64::try_from(layout.size()).unwrap_or(0), Relaxed);
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LIVE_BYTES.fetch_sub(i64::try_from(layout.size()).unwrap_or(0), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Tests of one process would count each other's bytes.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Leaves behind all that a run can: tasks that wait, timers, sets, handles in cycles, wakers kept.
async fn untidy(world: World) -> seedbed::Result {
    let slots = Arc::new(tokio::sync::Semaphore::new(1));
    let held = slots.clone();
    spawn(async move {
        let _held = held.acquire().await;
        std::future::pending::<()>().await;
    });
    for _ in 0..20 {
        let slots = slots.clone();
        world.spawn("waiter", async move { drop(slots.acquire().await) });
        spawn(sleep(Duration::from_secs(86_400)));
    }
    let mut set = JoinSet::new();
    set.spawn(async { interval(Duration::from_secs(7)).tick().await });
    let cycle = Arc::new(Mutex::new(None));
    let own = cycle.clone();
    *cycle.lock().unwrap() = Some(spawn(async move {
        let _own = own;
        std::future::pending::<()>().await;
    }));
    let machine = world.machine();
    machine.node().spawn("listens", async {
        let _listener = TcpListener::bind("0.0.0.0:80").await;
        std::future::pending::<()>().await;
    });
    sleep(Duration::from_secs(1)).await;
    let stream = Arc::new(TcpStream::connect("machine-1:80").await?);
    stream.try_write(b"unread")?;
    let own = stream.clone();
    spawn(async move { own.readable().await });
    let datagrams = UdpSocket::bind("0.0.0.0:0").await?;
    datagrams.send_to(b"to nobody", "machine-1:80").await?;
    timeout(Duration::from_secs(5), std::future::pending::<()>()).await.unwrap_err();
    datagrams.send_to(b"on the way", "machine-1:80").await?;
    spawn(async move {
        let _held = (stream, datagrams);
        std::future::pending::<()>().await;
    });
    Ok(())
}

const UNTIDY: Scenario = Scenario { name: "untidy", run: |world, _| Box::pin(untidy(world)), ..Scenario::CALM };

fn live_after(runs: u64, threads: &Threads) -> i64 {
    UNTIDY
        .run_seeds(&Case::of_seed("untidy", 0), threads, 0..runs, |_, outcome| {
            assert_eq!(outcome.finding, None);
            true
        })
        .unwrap();
    LIVE_BYTES.load(Relaxed)
}

#[test]
fn a_thousand_untidy_runs_keep_no_task() {
    let _alone = ONE_AT_A_TIME.lock();
    for threads in [Threads::Fresh, Threads::reused()] {
        let warm = live_after(50, &threads);
        let after = live_after(1_000, &threads);
        // A run that kept its smallest task would keep 100 bytes; the runner's threads make up the rest.
        assert!((after - warm).abs() < 50 * 1_000, "{} bytes stay", after - warm);
    }
}

#[test]
fn polling_a_sleep_again_allocates_nothing() {
    let _alone = ONE_AT_A_TIME.lock();
    seedbed::run_calm("polls", |_| async {
        let mut sleep = pin!(sleep(Duration::from_secs(3_600)));
        let grown = poll_fn(|cx| {
            assert!(sleep.as_mut().poll(cx).is_pending());
            let before = ALLOCATIONS.get();
            for _ in 0..1_000_000 {
                assert!(sleep.as_mut().poll(cx).is_pending());
            }
            Poll::Ready(ALLOCATIONS.get() - before)
        })
        .await;
        seedbed::ensure!(grown == 0, "{grown} allocations");
        Ok(())
    })
    .assert_clean();
}

#[test]
fn a_million_timeouts_that_ended_leave_nothing_behind() {
    let _alone = ONE_AT_A_TIME.lock();
    seedbed::run_calm("timeouts", |_| async {
        let before = LIVE_BYTES.load(Relaxed);
        for _ in 0..1_000_000 {
            timeout(Duration::from_secs(86_400), std::future::ready(())).await?;
            let mut armed = pin!(timeout(Duration::from_secs(86_400), std::future::pending::<()>()));
            let armed_now = poll_fn(|cx| Poll::Ready(armed.as_mut().poll(cx).is_pending())).await;
            seedbed::ensure!(armed_now);
        }
        let grown = LIVE_BYTES.load(Relaxed) - before;
        seedbed::ensure!(grown < 1_000_000, "{grown} bytes");
        Ok(())
    })
    .assert_clean();
}
