//! What can be set about model calls. Knows none of their parts.

use tokio::time::Duration;

/// Settings of one client: `Settings { retries_max: 0, ..Settings::BASE }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The longest a call without streaming may take once it has its slot.
    pub call_timeout: Duration,
    /// The longest a stream may take once it has its slot.
    pub stream_timeout: Duration,
    /// The longest a stream may stand still: no answer, no chunk, or no room made by its reader.
    pub stream_idle: Duration,
    /// How many chunks of one stream wait for their reader at most; at least 1.
    pub stream_buffer_chunks: usize,
    /// How many times a failed call is tried again at most.
    pub retries_max: u32,
    /// The pause before the first retry; it doubles with each further one.
    pub backoff_min: Duration,
    /// The longest such pause.
    pub backoff_max: Duration,
    /// A provider that wants a longer pause than this is not asked again.
    pub retry_after_max: Duration,
}

impl Settings {
    /// The defaults: 10 min a call, 15 min a stream, 60 s of silence, 100 chunks, 3 retries after
    /// 100 ms doubling up to 5 s, and up to 60 s if the provider asks for it.
    pub const BASE: Settings = Settings {
        call_timeout: Duration::from_secs(10 * 60),
        stream_timeout: Duration::from_secs(15 * 60),
        stream_idle: Duration::from_secs(60),
        stream_buffer_chunks: 100,
        retries_max: 3,
        backoff_min: Duration::from_millis(100),
        backoff_max: Duration::from_secs(5),
        retry_after_max: Duration::from_secs(60),
    };
}
