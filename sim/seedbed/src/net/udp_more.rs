//! What a socket for datagrams can do beside sending and receiving one: tell whether it could, show who is next, receive to
//! the end of a buffer.

use super::{
    readiness::{Interest, Ready},
    socket::read_into,
    udp::UdpSocket,
    waiters::By,
};
use bytes::BufMut;
use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    task::{Context, Poll},
};
use tokio::io::ReadBuf;

impl UdpSocket {
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
        interest.assert_simulated("tokio::net::UdpSocket::ready");
        poll_fn(|cx| {
            let can_send = if interest.is_writable() { Ready::WRITABLE } else { Ready::EMPTY };
            let received = if interest.is_readable() { self.poll_readable(cx, By::Call) } else { Poll::Pending };
            match received {
                Poll::Ready(readable) => Poll::Ready(readable.map(|()| Ready::READABLE | can_send)),
                Poll::Pending if can_send.is_empty() => Poll::Pending,
                Poll::Pending => Poll::Ready(self.local_addr().map(|_| can_send)),
            }
        })
        .await
    }

    /// [`readable`](Self::readable), to be polled.
    pub fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_readable(cx, By::Poll)
    }

    /// [`writable`](Self::writable), to be polled.
    pub fn poll_send_ready(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.local_addr().map(drop))
    }

    /// [`recv`](Self::recv) to the end of `buf`.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    /// As [`recv`](Self::recv).
    pub async fn recv_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.recv_buf_from(buf).await.map(|(count, _)| count)
    }

    /// [`recv_from`](Self::recv_from) to the end of `buf`.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    /// As [`recv`](Self::recv).
    pub async fn recv_buf_from<B: BufMut>(&self, buf: &mut B) -> io::Result<(usize, SocketAddr)> {
        loop {
            self.readable().await?;
            match self.try_recv_buf_from(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                received => return received,
            }
        }
    }

    /// [`try_recv`](Self::try_recv) to the end of `buf`.
    ///
    /// # Errors
    /// As [`try_recv`](Self::try_recv).
    pub fn try_recv_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.try_recv_buf_from(buf).map(|(count, _)| count)
    }

    /// [`try_recv_from`](Self::try_recv_from) to the end of `buf`.
    ///
    /// # Errors
    /// As [`try_recv`](Self::try_recv).
    pub fn try_recv_buf_from<B: BufMut>(&self, buf: &mut B) -> io::Result<(usize, SocketAddr)> {
        read_into(buf, |bytes| self.try_recv_from(bytes))
    }

    /// [`peek`](Self::peek), to be polled.
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_peek_from(cx, buf).map_ok(drop)
    }

    /// [`peek`](Self::peek) at what is there.
    ///
    /// # Errors
    /// As [`try_recv`](Self::try_recv).
    pub fn try_peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.try_peek_from(buf).map(|(count, _)| count)
    }

    /// [`peek_from`](Self::peek_from) at what is there.
    ///
    /// # Errors
    /// As [`try_recv`](Self::try_recv).
    pub fn try_peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let mut buffer = ReadBuf::new(buf);
        let from = self.try_receive(&mut buffer, true)?;
        Ok((buffer.filled().len(), from))
    }

    /// From whom the next is.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn peek_sender(&self) -> io::Result<SocketAddr> {
        poll_fn(|cx| self.poll_receive(cx, &mut ReadBuf::new(&mut []), true, By::Call)).await
    }

    /// [`peek_sender`](Self::peek_sender), to be polled.
    pub fn poll_peek_sender(&self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        self.poll_peek_from(cx, &mut ReadBuf::new(&mut []))
    }

    /// [`peek_sender`](Self::peek_sender) of what is there.
    ///
    /// # Errors
    /// As [`try_recv`](Self::try_recv).
    pub fn try_peek_sender(&self) -> io::Result<SocketAddr> {
        self.try_receive(&mut ReadBuf::new(&mut []), true)
    }
}
