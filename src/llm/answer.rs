//! The reader's end of a stream. Owns the buffer of chunks; knows nothing of slots or providers.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::Stream;
use tokio::{
    sync::mpsc,
    task::{JoinError, JoinHandle},
};

use super::{error::CallError, model::Chunk, pump::Ending};
use crate::panics;

/// An answer piece by piece. It ends after a chunk with `finish`, which says that the answer is
/// whole, or after an error; no stream ends without one of the two.
///
/// Dropping it closes the call and so frees its slot. Dropping a future of its next item loses
/// nothing.
#[must_use = "dropping the stream closes the call"]
pub struct AnswerStream {
    chunks: mpsc::Receiver<Chunk>,
    /// Gone once it has been asked for the ending.
    pump: Option<JoinHandle<Ending>>,
}

impl AnswerStream {
    pub(super) fn new(chunks: mpsc::Receiver<Chunk>, pump: JoinHandle<Ending>) -> AnswerStream {
        AnswerStream { chunks, pump: Some(pump) }
    }
}

impl Stream for AnswerStream {
    type Item = Result<Chunk, CallError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(chunk) = ready!(self.chunks.poll_recv(cx)) {
            return Poll::Ready(Some(Ok(chunk)));
        }
        let Some(pump) = &mut self.pump else {
            return Poll::Ready(None);
        };
        let joined = ready!(Pin::new(pump).poll(cx));
        self.pump = None;
        Poll::Ready(joined.unwrap_or_else(|error| Some(Err(cut_off(error)))))
    }
}

/// The pump itself died: its task was aborted, or a destructor of the provider's stream panicked.
fn cut_off(error: JoinError) -> CallError {
    match error.try_into_panic() {
        Ok(payload) => CallError::Panicked { message: panics::message(payload) },
        Err(_) => CallError::Truncated,
    }
}
