//! What befalls a store beside its writers: somebody compacts its log all the time, somebody stops in the midst of it.

use super::{agent, yard::Yard};
use seam::fs::Positioned;
use std::{path::Path, time::Duration};
use tokio::{fs::OpenOptions, time::sleep};

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

/// Waits for the one who sits in the first seat, as a process in the line does, and is then stopped for minutes: longer than
/// any write may wait.
pub(super) async fn hang(yard: &'static Yard) {
    const STOPPED: Duration = Duration::from_secs(180);
    agent::open(yard).await;
    let seat = Path::new(agent::STORE).join("lock/seat-00");
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(seat).await;
    let file = Positioned::new(file.expect("the disk is well")).await;
    let _lock = file.lock().await.expect("the disk is well");
    sleep(STOPPED).await;
}
