//! What hyper 1 asks of a runtime, made of this one: the same on either side. Knows nothing of HTTP.
//!
//! hyper keeps the date of its `date` header per thread: in a world switch it off (`auto_date_header(false)`), or the
//! history depends on what ran before.

use crate::time::{Instant, Sleep};
use hyper::rt;
use real_tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use std::{
    future::Future,
    io::{IoSlice, Result},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

/// A stream, as hyper reads and writes one.
#[derive(Debug)]
pub struct Io<T>(pub T);

/// What one read takes at most.
const READ_MAX: usize = 8 << 10;

impl<T: AsyncRead + Unpin> rt::Read for Io<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, mut buf: rt::ReadBufCursor<'_>) -> Poll<Result<()>> {
        // By way of bytes of our own: to say how much of hyper's is filled would be unsafe.
        let mut bytes = [0; READ_MAX];
        let mut read = ReadBuf::new(&mut bytes[..READ_MAX.min(buf.remaining())]);
        ready!(Pin::new(&mut self.0).poll_read(cx, &mut read))?;
        buf.put_slice(read.filled());
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> rt::Write for Io<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }
}

/// The clock that hyper's limits run by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timer;

struct Sleeping(Pin<Box<Sleep>>);

impl Future for Sleeping {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

impl rt::Sleep for Sleeping {}

impl rt::Timer for Timer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Sleeping(Box::pin(crate::time::sleep(duration))))
    }

    fn sleep_until(&self, deadline: std::time::Instant) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Sleeping(Box::pin(crate::time::sleep_until(Instant::from_std(deadline)))))
    }

    fn now(&self) -> std::time::Instant {
        Instant::now().into_std()
    }
}

/// Spawns what hyper has to be done beside.
#[derive(Clone, Copy, Debug, Default)]
pub struct Executor;

impl<F> rt::Executor<F> for Executor
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        drop(crate::spawn(future));
    }
}
