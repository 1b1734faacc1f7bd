//! One end of a connection.

use super::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, TcpSocket, WriteHalf, split::split, split_owned::split_owned};
use crate::net::{
    lookup::{ToSocketAddrs, ask, first_of},
    readiness::{Interest, Ready},
    socket::{Socket, read_into},
    waiters::By,
};
use bytes::BufMut;
use std::{
    fmt,
    future::poll_fn,
    io::{self, IoSlice, IoSliceMut},
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection, with what Linux promises of one: what was written arrives in order, after a while and in pieces, or the
/// writer learns that it may not have. A peer that closes it, or is killed, is seen as the end of what it sent, or as a
/// reset if it leaves anything unread; one whose machine has lost its power is not seen at all.
///
/// Dropped, it is closed: the peer gets what was written, and then the end.
pub struct TcpStream(pub(super) Socket);

impl TcpStream {
    /// Connects to the first address that takes it.
    ///
    /// # Errors
    /// `ConnectionRefused`: nobody listens there; `TimedOut`: nobody has answered, for two minutes; `HostUnreachable` or
    /// `NetworkUnreachable`: there is no such machine; or the name stands for nothing.
    ///
    /// # Cancel safety
    /// Dropped, there is no connection; whoever listens may see one that ends at once.
    pub async fn connect<A: ToSocketAddrs>(addr: A) -> io::Result<Self> {
        first_of(ask(addr), async |address| TcpSocket::fit_for(address).connect(address).await).await
    }

    /// Where this end is.
    ///
    /// # Errors
    /// The stream was its process's, which is dead.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.call(|network, _, id| network.local_address(id))
    }

    /// Where the other end is.
    ///
    /// # Errors
    /// `NotConnected`: the connection is no more.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.call(|network, _, id| network.remote_address(id))
    }

    /// What has broken the connection, if nobody has been told yet; nobody will be after this.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.0.call(|network, _, id| network.take_error(id))
    }

    /// What would be read now, without taking it.
    ///
    /// # Errors
    /// As a read's.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buf);
        poll_fn(|cx| self.poll_read_by(cx, &mut buffer, true, By::Call)).await
    }

    /// [`peek`](Self::peek), to be polled.
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<usize>> {
        self.poll_read_to(cx, buf, true)
    }

    /// Waits until something of `interest` can be done.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    ///
    /// # Panics
    /// If it is neither to read nor to write: nothing else is simulated.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        interest.assert_simulated("tokio::net::TcpStream::ready");
        poll_fn(|cx| {
            self.0.poll(cx, "tcp read from or write to", |network, _, id, cx| {
                network.ready(id, interest, (By::Call, cx.waker()))
            })
        })
        .await
    }

    /// Waits until something can be read: bytes, the end, or an error.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn readable(&self) -> io::Result<()> {
        poll_fn(|cx| self.poll_readable_by(cx, By::Call)).await
    }

    /// [`readable`](Self::readable), to be polled.
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_readable_by(cx, By::Poll)
    }

    fn poll_readable_by(&self, cx: &mut Context<'_>, by: By) -> Poll<io::Result<()>> {
        self.0.poll(cx, "tcp read from", |network, _, id, cx| network.readable(id, (by, cx.waker())))
    }

    /// Waits until something can be written, or cannot be any more.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn writable(&self) -> io::Result<()> {
        poll_fn(|cx| self.poll_writable_by(cx, By::Call)).await
    }

    /// [`writable`](Self::writable), to be polled.
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_writable_by(cx, By::Poll)
    }

    fn poll_writable_by(&self, cx: &mut Context<'_>, by: By) -> Poll<io::Result<()>> {
        self.0.poll(cx, "tcp write to", |network, _, id, cx| network.writable(id, (by, cx.waker())))
    }

    /// Reads what is there.
    ///
    /// # Errors
    /// `WouldBlock`: nothing is; or as a read's.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buf);
        let read = self.0.call(|network, core, id| network.read(core, id, &mut buffer, false, None));
        read.unwrap_or_else(|| Err(io::ErrorKind::WouldBlock.into()))
    }

    /// [`try_read`](Self::try_read) to the end of `buf`.
    ///
    /// # Errors
    /// As [`try_read`](Self::try_read).
    pub fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        read_into(buf, |bytes| self.try_read(bytes))
    }

    /// [`try_read`](Self::try_read) into several buffers, one after the other.
    ///
    /// # Errors
    /// As [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let mut total = 0;
        for buf in bufs.iter_mut().filter(|buf| !buf.is_empty()) {
            match self.try_read(buf) {
                Ok(count) => {
                    total += count;
                    if count < buf.len() {
                        break;
                    }
                }
                Err(_) if total > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(total)
    }

    /// Writes as much as there is room for.
    ///
    /// # Errors
    /// `WouldBlock`: there is none; or as a write's.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.try_write_vectored(&[IoSlice::new(buf)])
    }

    /// [`try_write`](Self::try_write) of several buffers, one after the other.
    ///
    /// # Errors
    /// As [`try_write`](Self::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = self.0.call(|network, core, id| network.write(core, id, bufs, None));
        written.unwrap_or_else(|| Err(io::ErrorKind::WouldBlock.into()))
    }

    /// As [`set_nodelay`](Self::set_nodelay) said.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    pub fn nodelay(&self) -> io::Result<bool> {
        self.0.call(|network, _, id| network.options(id).map(|options| options.nodelay))
    }

    /// Kept and shown, no more: nothing is held back, so there is nothing to switch off.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.0.call(|network, _, id| network.options(id).map(|options| options.nodelay = nodelay))
    }

    /// How long it lingers.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        self.0.call(|network, _, id| network.options(id).map(|options| options.linger))
    }

    /// Zero: closed, it resets the connection rather than end it. Anything else makes no difference: closing never waits.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    pub fn set_linger(&self, dur: Option<Duration>) -> io::Result<()> {
        self.0.call(|network, _, id| network.options(id).map(|options| options.linger = dur))
    }

    /// Closed, it resets the connection rather than end it.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }

    /// How many routers what it sends may pass.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    pub fn ttl(&self) -> io::Result<u32> {
        self.0.call(|network, _, id| network.options(id).map(|options| options.ttl))
    }

    /// Kept and shown, no more: there are no routers.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.0.call(|network, _, id| network.options(id).map(|options| options.ttl = ttl))
    }

    /// A half to read and one to write, as long as this is borrowed.
    pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        split(self)
    }

    /// A half to read and one to write, each its owner's. The one to write ends what is sent when it is dropped.
    #[must_use]
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        split_owned(self)
    }

    pub(super) fn poll_read_to(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        keep: bool,
    ) -> Poll<io::Result<usize>> {
        self.poll_read_by(cx, buf, keep, By::Poll)
    }

    fn poll_read_by(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>, keep: bool, by: By) -> Poll<io::Result<usize>> {
        self.0.poll(cx, "tcp read from", |network, core, id, cx| {
            network.read(core, id, buf, keep, Some((by, cx.waker())))
        })
    }

    pub(super) fn poll_write_from(&self, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.0.poll(cx, "tcp write to", |network, core, id, cx| {
            network.write(core, id, bufs, Some((By::Poll, cx.waker())))
        })
    }

    /// As tokio, it minds no connection that is no more.
    pub(super) fn shut_down(&self) -> io::Result<()> {
        self.0.call(|network, core, id| network.shut_down(core, id))
    }

    /// The same of a half that may outlive its world.
    pub(super) fn shut_down_if_any(&self) {
        self.0.call_if_any(|network, core, id| drop(network.shut_down(core, id)));
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_read_to(cx, buf, false).map_ok(drop)
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_from(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_from(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.shut_down())
    }
}

impl AsRef<Self> for TcpStream {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TcpStream").field(&self.0).finish()
    }
}
