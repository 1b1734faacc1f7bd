//! Taking connections.

use super::{TcpSocket, TcpStream};
use crate::net::{
    lookup::{ToSocketAddrs, ask, first_of},
    socket::Socket,
    waiters::By,
};
use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    task::{Context, Poll},
};

/// What tokio asks for.
const BACKLOG: u32 = 1_024;

/// A socket that connections are made to. Dropped, what it has not accepted is reset.
#[derive(Debug)]
pub struct TcpListener(pub(super) Socket);

impl TcpListener {
    /// Listens at an address of the process's machine; at a port that is free, if it is 0.
    ///
    /// # Errors
    /// `AddrInUse`: somebody listens there; `AddrNotAvailable`: it is not this machine's; or the name stands for nothing.
    ///
    /// # Panics
    /// In a runtime that was built without [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// # Cancel safety
    /// Dropped, nobody listens.
    pub async fn bind<A: ToSocketAddrs>(addr: A) -> io::Result<Self> {
        first_of(ask(addr), async |address| {
            let socket = TcpSocket::fit_for(address);
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            socket.listen(BACKLOG)
        })
        .await
    }

    /// Takes the next connection: it, and where it comes from.
    ///
    /// # Errors
    /// The listener was its process's, which is dead.
    ///
    /// # Cancel safety
    /// Dropped, no connection is lost.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|cx| self.poll_accept_by(cx, By::Call)).await
    }

    /// [`accept`](Self::accept), to be polled.
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        self.poll_accept_by(cx, By::Poll)
    }

    fn poll_accept_by(&self, cx: &mut Context<'_>, by: By) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let accepted =
            self.0.poll(cx, "tcp accept at", |network, core, id, cx| network.accept(core, id, (by, cx.waker())));
        accepted.map_ok(|(id, from)| (TcpStream(Socket(id)), from))
    }

    /// Where it listens.
    ///
    /// # Errors
    /// As [`accept`](Self::accept).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.call(|network, _, id| network.local_address(id))
    }
}
