//! smoke
use seedbed::{
    World, ensure,
    time::{Duration, sleep},
};
#[test]
fn smoke() {
    let report = seedbed::sweep("smoke", 0..200, |world: World| async move {
        let sem = std::sync::Arc::new(tokio::sync::Semaphore::new(2));
        let s2 = sem.clone();
        let h = world.spawn_each("client", 0..5u64, move |i| {
            let sem = s2.clone();
            async move {
                for _ in 0..3 {
                    let _p = sem.acquire().await.unwrap();
                    tracing::info!(i, "got");
                    sleep(Duration::from_millis(10 * (i + 1))).await;
                }
            }
        });
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
        world.spawn("taker", async move {
            let _a = sem.acquire().await.unwrap();
            let _b = sem.acquire().await.unwrap();
        });
        world.settle().await;
        Ok(())
    });
    report.assert_clean();
}
#[test]
fn panics() {
    let report = seedbed::sweep("p", 0..3, |world: World| async move {
        let h = world.spawn("taker", async move {
            sleep(Duration::from_secs(1)).await;
            panic!("ouch 37")
        });
        let _ = h.await;
        Ok(())
    });
    report.assert_clean();
}
#[test]
fn uniform() {
    seedbed::sweep("u", 0..3, |world: World| async move {
        const S: seedbed::decision::Site = seedbed::decision::Site::new("w");
        let mut hit = std::collections::BTreeSet::new();
        let mut times = vec![];
        for _ in 0..300 { times.push(world.draw(S, &(0..3_000_000u64))); }
        for _ in 0..300 { hit.insert(world.draw(S, &(0..1200u64))); }
        times.sort();
        println!("{} distinct, median {}", hit.len(), times[150]);
        let mut sum = 0; 
        for t in world.spawn_each("x", 0..1000u64, move |_| async move { world.draw(S, &(50_000..800_000u64)) }) { sum += t.await.unwrap(); }
        println!("mean first draw {}", sum / 1000);
        let mut sum = 0; 
        for t in world.spawn_each("x", 0..1000u64, move |_| async move { world.draw(S, &(50_000..800_000u64)); world.draw(S, &(50_000..800_000u64)) }) { sum += t.await.unwrap(); }
        println!("mean 2nd draw {}", sum / 1000);
        Ok(())
    }).assert_clean();
}
