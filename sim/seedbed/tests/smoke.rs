//! smoke
use seedbed::{World, ensure, time::{sleep, Duration}};
#[test]
fn smoke() {
    let report = seedbed::sweep("smoke", 0..200, |world: World| async move {
        let sem = std::sync::Arc::new(tokio::sync::Semaphore::new(2));
        let s2 = sem.clone();
        let h = world.spawn_each("client", 0..5u64, move |i| { let sem = s2.clone(); async move {
            for _ in 0..3 { let _p = sem.acquire().await.unwrap(); tracing::info!(i, "got"); sleep(Duration::from_millis(10 * (i+1))).await; }
        }});
        world.may_cancel(&h);
        world.settle().await;
        ensure!(sem.available_permits() == 2);
        Ok(())
    });
    println!("{report}");
    report.assert_clean();
}
#[test]
fn stuck() {
    let report = seedbed::sweep("stuck", 0..3, |world: World| async move {
        let sem = std::sync::Arc::new(tokio::sync::Semaphore::new(1));
        world.spawn("taker", async move { let _a = sem.acquire().await.unwrap(); let _b = sem.acquire().await.unwrap(); });
        world.settle().await;
        Ok(())
    });
    report.assert_clean();
}
#[test]
fn panics() {
    let report = seedbed::sweep("p", 0..3, |world: World| async move {
        let h = world.spawn("taker", async move { sleep(Duration::from_secs(1)).await; panic!("ouch 37") });
        let _ = h.await;
        Ok(())
    });
    report.assert_clean();
}
