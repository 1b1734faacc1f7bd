//! The two bounds around foreign code: it must end in time, and its panics end here.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use tokio::time::{Duration, Instant, timeout_at};

use super::{error::CallError, model::Request};
use crate::{instant::after, panics};

/// When a call must be over, and what to say then.
pub(super) struct CallLimit {
    at: Instant,
    error: CallError,
}

impl CallLimit {
    /// `limit` from now on, or the request's deadline if that comes first.
    pub(super) fn new(request: &Request, limit: Duration) -> CallLimit {
        let at = after(Instant::now(), limit);
        match request.deadline {
            Some(deadline) if deadline <= at => CallLimit { at: deadline, error: CallError::DeadlineExceeded },
            _ => CallLimit { at, error: CallError::TimedOut { limit } },
        }
    }

    /// Dropped at its await: so is `work`.
    pub(super) async fn hold<T>(&self, work: impl Future<Output = Result<T, CallError>>) -> Result<T, CallError> {
        match timeout_at(self.at, work).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.error.clone()),
        }
    }
}

/// Turns a panic of `work` into an error; what `work` held is dropped either way.
///
/// Dropped at its await: so is `work`.
pub(super) async fn caught<T>(work: impl Future<Output = Result<T, CallError>>) -> Result<T, CallError> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(payload) => Err(CallError::Panicked { message: panics::message(payload) }),
    }
}
