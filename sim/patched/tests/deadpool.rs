//! deadpool, whose timeouts are tokio's.

use deadpool::{
    Runtime,
    managed::{Manager, Metrics, Pool, PoolError, RecycleResult, TimeoutType, Timeouts},
};
use std::convert::Infallible;
use tokio::time::{Duration, Instant, sleep};

const PATIENCE: Duration = Duration::from_millis(300);

/// Makes numbers, slowly.
#[derive(Debug)]
struct Slow(Duration);

impl Manager for Slow {
    type Type = u8;
    type Error = Infallible;

    async fn create(&self) -> Result<u8, Infallible> {
        sleep(self.0).await;
        Ok(7)
    }

    async fn recycle(&self, _object: &mut u8, _metrics: &Metrics) -> RecycleResult<Infallible> {
        Ok(())
    }
}

fn pool(creation: Duration) -> Pool<Slow> {
    let timeouts = Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: None };
    let pool = Pool::builder(Slow(creation)).max_size(1).runtime(Runtime::Tokio1).timeouts(timeouts).build();
    pool.expect("timeouts have a runtime")
}

#[tokio::test]
async fn a_slow_creation_and_a_long_wait_end_when_they_should() {
    let before = Instant::now();
    let slow = pool(2 * PATIENCE).get().await;
    assert!(matches!(slow, Err(PoolError::Timeout(TimeoutType::Create))));
    assert!(before.elapsed() >= PATIENCE);

    let pool = pool(Duration::ZERO);
    let _one = pool.get().await.expect("it is free");
    assert!(matches!(pool.get().await, Err(PoolError::Timeout(TimeoutType::Wait))));
}

#[cfg(madsim)]
#[seedbed::test(cancel = everywhere)]
async fn a_cancelled_request_holds_up_nobody(world: seedbed::World) -> seedbed::Result {
    let pool = pool(Duration::from_millis(20));
    let requests = world.spawn_each("request", 0..3_u64, |_| {
        let pool = pool.clone();
        async move {
            // A timeout that ends early is one of the ways to be cancelled.
            if let Ok(_object) = pool.get().await {
                sleep(Duration::from_millis(10)).await;
            }
        }
    });
    world.may_cancel(&requests);
    world.settle().await;
    seedbed::ensure!(pool.get().await.is_ok(), "{:?}", pool.status());
    Ok(())
}
