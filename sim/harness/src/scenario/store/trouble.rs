//! What befalls a store beside its writers: somebody compacts its log all the time.

use super::{agent, yard::Yard};
use std::time::Duration;
use tokio::time::sleep;

/// In one life.
const COMPACTIONS: u64 = 20;

/// Compacts the log, again and again.
pub(super) async fn compact(yard: &'static Yard) {
    const PAUSE: Duration = Duration::from_millis(2);
    let mut store = agent::open(yard).await;
    for _ in 0..COMPACTIONS {
        if store.compact().await.is_err() {
            store = agent::open(yard).await;
        }
        sleep(PAUSE).await;
    }
}
