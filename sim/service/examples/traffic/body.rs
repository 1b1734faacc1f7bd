//! A body that comes in chunks, and whose bytes anybody can tell from its number. Knows nothing of requests.

use hyper::body::{Body, Bytes, Frame};
use std::{
    convert::Infallible,
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};
use tokio::time::{Duration, Sleep, sleep};

/// What a slow sender waits before each chunk.
const PAUSE: Duration = Duration::from_millis(2);

/// The chunks that are left of it. Of no known length, so it is sent chunked.
pub(crate) struct Chunks {
    number: u64,
    sent: usize,
    len: usize,
    chunk: usize,
    pause: Option<Pin<Box<Sleep>>>,
    is_slow: bool,
}

impl Chunks {
    pub(crate) fn new(number: u64, len: usize, chunk: usize, is_slow: bool) -> Self {
        Self { number, sent: 0, len, chunk, pause: None, is_slow }
    }

    pub(crate) fn empty() -> Self {
        Self::new(0, 0, 1, false)
    }
}

/// The bytes from `start` on of the body with this number.
pub(crate) fn bytes_of(number: u64, start: usize, len: usize) -> impl Iterator<Item = u8> {
    let salt = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (start..start + len).map(move |at| (salt.wrapping_add(at as u64).wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8)
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let len = self.chunk.min(self.len - self.sent);
        if len == 0 {
            return Poll::Ready(None);
        }
        if self.is_slow {
            let pause = self.pause.get_or_insert_with(|| Box::pin(sleep(PAUSE)));
            ready!(pin!(pause).poll(cx));
            self.pause = None;
        }
        let bytes = bytes_of(self.number, self.sent, len).collect();
        self.sent += len;
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.sent == self.len
    }
}
