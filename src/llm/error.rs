//! How a model call fails, and which failures are worth another attempt.

use tokio::time::Duration;

use crate::scheduler::AcquireError;

/// Why a call gave no whole answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Too many requests for the provider's limits.
    #[error("throttled by the provider (wait {retry_after:?})")]
    Throttled {
        /// How long it wants us to wait, if it said so.
        retry_after: Option<Duration>,
    },
    /// The provider is out of capacity or had an error of its own.
    #[error("the provider is overloaded")]
    Overloaded,
    /// The connection failed or broke.
    #[error("the connection to the provider broke")]
    Disconnected,
    /// The call took longer than a call may. The provider may have done the work.
    #[error("no whole answer within {limit:?}")]
    TimedOut {
        /// The setting that ended the call.
        limit: Duration,
    },
    /// The request's own deadline came during the call.
    #[error("the deadline passed during the call")]
    DeadlineExceeded,
    /// The provider will never answer this request: bad, forbidden, too long, out of money.
    #[error("the provider refused the request")]
    Refused,
    /// The stream ended before its last chunk.
    #[error("the answer was cut off")]
    Truncated,
    /// A success without any text.
    #[error("the answer was empty")]
    Empty,
    /// The stream stood still: the provider sent nothing, or the reader made no room.
    #[error("the stream stood still for {limit:?}")]
    Idle {
        /// The setting that ended the stream.
        limit: Duration,
    },
    /// The client's code panicked.
    #[error("the model client panicked: {message}")]
    Panicked {
        /// The message of the panic.
        message: String,
    },
    /// There was no slot, so nothing was asked.
    #[error("no API slot: {0}")]
    Slot(#[from] AcquireError),
}

impl CallError {
    /// Whether the same request may succeed if it is made again.
    ///
    /// A slot timeout is not retried: that wait was already as long as a wait may be. Nor is a
    /// panic: the same code would meet the same request.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Throttled { .. }
            | Self::Overloaded
            | Self::Disconnected
            | Self::TimedOut { .. }
            | Self::Truncated
            | Self::Empty
            | Self::Idle { .. } => true,
            Self::DeadlineExceeded | Self::Refused | Self::Panicked { .. } | Self::Slot(_) => false,
        }
    }
}
