//! tokio-stream's timers.

use std::pin::pin;
use tokio::time::{Duration, Instant, interval};
use tokio_stream::{StreamExt, pending, wrappers::IntervalStream};

#[tokio::test]
async fn a_stream_that_says_nothing_is_given_up() {
    let mut silence = pin!(pending::<()>().timeout(Duration::from_millis(50)));
    assert!(matches!(silence.next().await, Some(Err(_))));
}

#[tokio::test]
async fn a_stream_is_held_back_to_its_rate() {
    let before = Instant::now();
    let ticks = IntervalStream::new(interval(Duration::from_millis(1)));
    let held_back = ticks.throttle(Duration::from_millis(20)).take(5);
    assert_eq!(held_back.fold(0, |count, _| count + 1).await, 5);
    assert!(before.elapsed() >= Duration::from_millis(80), "{:?}", before.elapsed());
}
