//! tower's middleware that waits and spawns: a timeout, a buffer, limits.

use std::convert::Infallible;
use tokio::time::{Duration, Instant, sleep};
use tower::{BoxError, Service, ServiceBuilder, ServiceExt, service_fn, timeout::error::Elapsed};

async fn wait(millis: u64) -> Result<u64, Infallible> {
    sleep(Duration::from_millis(millis)).await;
    Ok(millis)
}

#[tokio::test]
async fn what_takes_too_long_is_given_up_when_it_should() -> Result<(), BoxError> {
    let mut service = ServiceBuilder::new().buffer(4).timeout(Duration::from_millis(100)).service(service_fn(wait));
    assert_eq!(service.ready().await?.call(10).await?, 10);
    let before = Instant::now();
    let late = service.ready().await?.call(10_000).await;
    assert!(late.is_err_and(|error| error.is::<Elapsed>()));
    assert!(before.elapsed() >= Duration::from_millis(100) && before.elapsed() < Duration::from_secs(5));
    Ok(())
}

#[tokio::test]
async fn a_rate_is_kept() -> Result<(), BoxError> {
    let before = Instant::now();
    let mut service = ServiceBuilder::new().rate_limit(2, Duration::from_millis(50)).service(service_fn(wait));
    for _ in 0..5 {
        service.ready().await?.call(0).await?;
    }
    assert!(before.elapsed() >= Duration::from_millis(100), "{:?}", before.elapsed());
    Ok(())
}

#[cfg(madsim)]
#[seedbed::test(cancel = everywhere)]
async fn a_caller_that_is_gone_leaves_its_place(world: seedbed::World) -> seedbed::Result {
    let service = ServiceBuilder::new().buffer(1).concurrency_limit(1).service(service_fn(wait));
    let callers = world.spawn_each("caller", 0..3_u64, |_| service.clone().oneshot(10));
    world.may_cancel(&callers);
    world.settle().await;
    seedbed::ensure!(service.oneshot(1).await.is_ok_and(|millis| millis == 1));
    Ok(())
}
