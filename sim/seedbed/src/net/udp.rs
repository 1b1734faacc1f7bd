//! Datagrams, with tokio's API.

use super::{
    lookup::{ToSocketAddrs, ask, first_of, resolve},
    socket::Socket,
    waiters::By,
};
use crate::{context, runtime::assert_io};
use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    task::{Context, Poll},
};
use tokio::io::ReadBuf;

/// Sends and receives datagrams: each arrives whole and once, in the order of sending, as long as no fault or cut link
/// meddles; what nobody has read is lost when there is too much of it. Nobody learns of a loss.
#[derive(Debug)]
pub struct UdpSocket(Socket);

impl UdpSocket {
    /// Receives at an address of the process's machine; at a port that is free, if it is 0.
    ///
    /// # Errors
    /// `AddrInUse`, `AddrNotAvailable`, or the name stands for nothing.
    ///
    /// # Panics
    /// In a runtime that was built without [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// # Cancel safety
    /// Dropped, there is no socket.
    pub async fn bind<A: ToSocketAddrs>(addr: A) -> io::Result<Self> {
        assert_io();
        first_of(ask(addr), async |address| {
            let id = context::with(|core| core.network(|network| network.open_mailbox(core, address)))?;
            Ok(Self(Socket(id)))
        })
        .await
    }

    /// From now on it sends to this address and hears no other.
    ///
    /// # Errors
    /// `NetworkUnreachable`: there is no way there; or the name stands for nothing.
    ///
    /// # Cancel safety
    /// Dropped, it is connected or not.
    pub async fn connect<A: ToSocketAddrs>(&self, addr: A) -> io::Result<()> {
        first_of(ask(addr), async |address| self.0.call(|network, _, id| network.connect_mailbox(id, address))).await
    }

    /// Where it is.
    ///
    /// # Errors
    /// The socket was its process's, which is dead.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.call(|network, _, id| network.local_address(id))
    }

    /// Whom it is connected to.
    ///
    /// # Errors
    /// `NotConnected`.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.call(|network, _, id| network.peer_of_mailbox(id))
    }

    /// Sends to whom it is connected.
    ///
    /// # Errors
    /// `ConnectionRefused`: nobody was there for one before; it is too long; or it is not connected.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, nothing is sent.
    pub async fn send(&self, buf: &[u8]) -> io::Result<usize> {
        poll_fn(|cx| self.poll_send(cx, buf)).await
    }

    /// [`send`](Self::send), to be polled.
    pub fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.0.poll(cx, "udp send", |network, core, id, _| Some(network.send_letter(core, id, None, buf)))
    }

    /// [`send`](Self::send), at once.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
        self.0.call(|network, core, id| network.send_letter(core, id, None, buf))
    }

    /// Sends to the first address that the name stands for.
    ///
    /// # Errors
    /// As [`send`](Self::send), or the name stands for nothing.
    ///
    /// # Cancel safety
    /// As [`send`](Self::send).
    pub async fn send_to<A: ToSocketAddrs>(&self, buf: &[u8], target: A) -> io::Result<usize> {
        let Some(to) = resolve(ask(target)).await?.into_iter().next() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no addresses to send data to"));
        };
        poll_fn(|cx| self.poll_send_to(cx, buf, to)).await
    }

    /// [`send_to`](Self::send_to), to be polled.
    pub fn poll_send_to(&self, cx: &mut Context<'_>, buf: &[u8], target: SocketAddr) -> Poll<io::Result<usize>> {
        self.0.poll(cx, "udp send", |network, core, id, _| Some(network.send_letter(core, id, Some(target), buf)))
    }

    /// [`send_to`](Self::send_to), at once.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn try_send_to(&self, buf: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.0.call(|network, core, id| network.send_letter(core, id, Some(target), buf))
    }

    /// Receives one. What is longer than the buffer is cut off.
    ///
    /// # Errors
    /// `ConnectionRefused`: nobody is where it is connected to.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, nothing is lost.
    pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.recv_from(buf).await.map(|(count, _)| count)
    }

    /// [`recv`](Self::recv), to be polled.
    pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_recv_from(cx, buf).map_ok(drop)
    }

    /// [`recv`](Self::recv) of what is there.
    ///
    /// # Errors
    /// `WouldBlock`: nothing is; or as [`recv`](Self::recv).
    pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.try_recv_from(buf).map(|(count, _)| count)
    }

    /// [`recv`](Self::recv), and from whom.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    /// As [`recv`](Self::recv).
    pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let mut buffer = ReadBuf::new(buf);
        let from = poll_fn(|cx| self.poll_receive(cx, &mut buffer, false, By::Call)).await?;
        Ok((buffer.filled().len(), from))
    }

    /// [`recv_from`](Self::recv_from), to be polled.
    pub fn poll_recv_from(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<SocketAddr>> {
        self.poll_receive(cx, buf, false, By::Poll)
    }

    /// [`recv_from`](Self::recv_from) of what is there.
    ///
    /// # Errors
    /// As [`try_recv`](Self::try_recv).
    pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let mut buffer = ReadBuf::new(buf);
        let from = self.try_receive(&mut buffer, false)?;
        Ok((buffer.filled().len(), from))
    }

    /// What would be received next, without taking it.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.peek_from(buf).await.map(|(count, _)| count)
    }

    /// [`peek`](Self::peek), and from whom.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let mut buffer = ReadBuf::new(buf);
        let from = poll_fn(|cx| self.poll_receive(cx, &mut buffer, true, By::Call)).await?;
        Ok((buffer.filled().len(), from))
    }

    /// [`peek_from`](Self::peek_from), to be polled.
    pub fn poll_peek_from(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<SocketAddr>> {
        self.poll_receive(cx, buf, true, By::Poll)
    }

    pub(super) fn try_receive(&self, buf: &mut ReadBuf<'_>, keep: bool) -> io::Result<SocketAddr> {
        let received = self.0.call(|network, _, id| network.receive(id, buf, keep, None));
        received.unwrap_or_else(|| Err(io::ErrorKind::WouldBlock.into()))
    }

    pub(super) fn poll_receive(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        keep: bool,
        by: By,
    ) -> Poll<io::Result<SocketAddr>> {
        self.0.poll(cx, "udp receive at", |network, _, id, cx| network.receive(id, buf, keep, Some((by, cx.waker()))))
    }

    /// Waits until something can be received.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn readable(&self) -> io::Result<()> {
        poll_fn(|cx| self.poll_readable(cx, By::Call)).await
    }

    pub(super) fn poll_readable(&self, cx: &mut Context<'_>, by: By) -> Poll<io::Result<()>> {
        self.0.poll(cx, "udp receive at", |network, _, id, cx| network.mailbox_readable(id, (by, cx.waker())))
    }

    /// What has gone wrong, if nobody has been told yet; nobody will be after this.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.0.call(|network, _, id| network.take_mailbox_error(id))
    }

    /// Waits until something can be sent: always.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn writable(&self) -> io::Result<()> {
        self.local_addr().map(drop)
    }
}
