//! Decides whether and when a failed call is made again. Pure: takes time as an argument.

use tokio::time::{Duration, Instant};

use super::{error::CallError, model::Request, settings::Settings};
use crate::instant::after;

/// The pause before the next attempt; `None` if there must not be one. `request` is the one that
/// failed.
///
/// A provider's wish to wait is never undercut, since asking earlier only prolongs a throttling; a
/// wish beyond the limit ends the attempts. So does a deadline that would come during the pause,
/// and the caller then gets the provider's error, which says more than that its time is over.
pub(super) fn pause_before_retry(
    settings: &Settings,
    request: &Request,
    error: &CallError,
    now: Instant,
) -> Option<Duration> {
    let wanted = match error {
        CallError::Throttled { retry_after } => retry_after.unwrap_or_default(),
        _ => Duration::ZERO,
    };
    let is_worth_it = error.is_retryable() && request.attempt < settings.retries_max;
    if !is_worth_it || wanted > settings.retry_after_max {
        return None;
    }
    let pause = backoff(settings, request.attempt).max(wanted);
    let too_late = request.deadline.is_some_and(|deadline| after(now, pause) >= deadline);
    (!too_late).then_some(pause)
}

fn backoff(settings: &Settings, attempt: u32) -> Duration {
    let factor = 2u32.saturating_pow(attempt);
    settings.backoff_min.saturating_mul(factor).min(settings.backoff_max)
}

#[cfg(all(test, real_side))]
mod tests {
    use super::*;
    use crate::id::ShardId;

    fn check(attempt: u32, deadline_ms: Option<u64>, error: CallError, expected_ms: Option<u64>) {
        let now = Instant::now();
        let deadline = deadline_ms.map(|ms| now + Duration::from_millis(ms));
        let request = Request { attempt, deadline, ..Request::new(ShardId(1), 1, "?") };
        let pause = pause_before_retry(&Settings { retries_max: 20, ..Settings::BASE }, &request, &error, now);
        assert_eq!(pause, expected_ms.map(Duration::from_millis), "attempt {attempt}, {error:?}");
    }

    #[test]
    fn back_off_doubles_up_to_its_cap() {
        check(0, None, CallError::Overloaded, Some(100));
        check(3, None, CallError::Overloaded, Some(800));
        check(6, None, CallError::Overloaded, Some(5_000));
        check(19, None, CallError::Overloaded, Some(5_000));
        check(20, None, CallError::Overloaded, None);
    }

    #[test]
    fn a_wish_to_wait_is_kept_or_ends_the_attempts() {
        let throttled = |ms| CallError::Throttled { retry_after: Some(Duration::from_millis(ms)) };
        check(0, None, throttled(7_000), Some(7_000));
        check(3, None, throttled(1), Some(800));
        check(0, None, throttled(60_001), None);
        check(0, None, CallError::Throttled { retry_after: None }, Some(100));
    }

    #[test]
    fn nothing_is_retried_in_vain() {
        check(0, Some(100), CallError::Overloaded, None);
        check(0, Some(101), CallError::Overloaded, Some(100));
        check(0, None, CallError::Refused, None);
        check(0, None, CallError::Slot(crate::scheduler::AcquireError::Stopped), None);
    }
}
