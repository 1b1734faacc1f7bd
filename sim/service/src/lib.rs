//! Jobs over HTTP, kept in memory: each is done once, however often it is asked for. `PUT /jobs/NAME` answers with the
//! job's receipt when it is done. Beside them orders, which are kept on disk, and copies, which stream.

mod copies;
mod orders;
mod serve;

pub use copies::copies;
pub use orders::{Orders, Outcome};
pub use serve::serve;

use axum::{
    Router,
    extract::{Path, State},
    routing::put,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    sync::OnceCell,
    time::{Duration, sleep},
};

/// What one job takes.
const WORK: Duration = Duration::from_millis(100);

/// The jobs that were asked for.
#[derive(Clone, Debug, Default)]
pub struct Jobs(Arc<Board>);

#[derive(Debug, Default)]
struct Board {
    receipts: Mutex<BTreeMap<String, Arc<OnceCell<u64>>>>,
    done: AtomicU64,
}

impl Jobs {
    /// The service.
    pub fn router(&self) -> Router {
        let put_job = put(|State(jobs): State<Self>, Path(job)| async move { jobs.receipt(job).await.to_string() });
        Router::new().route("/jobs/{name}", put_job).with_state(self.clone())
    }

    /// How many were asked for.
    pub fn asked(&self) -> usize {
        self.0.receipts.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// How many times one was done.
    pub fn done(&self) -> u64 {
        self.0.done.load(Ordering::Relaxed)
    }

    /// Does the job unless it is done, and gives its receipt.
    ///
    /// # Cancel safety
    /// Dropped, the job is begun anew by whoever else waits for it, or asks again.
    pub async fn receipt(&self, job: String) -> u64 {
        let receipt = self.0.receipts.lock().unwrap_or_else(PoisonError::into_inner).entry(job).or_default().clone();
        *receipt.get_or_init(|| self.work()).await
    }

    async fn work(&self) -> u64 {
        sleep(WORK).await;
        self.0.done.fetch_add(1, Ordering::Relaxed) + 1
    }
}
