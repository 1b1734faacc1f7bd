//! Sockets of paths, which a world does not have yet: names for those who only mention them. Whoever opens one is told so.

use std::{
    io,
    path::Path,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection by a path. There is none in a world.
#[derive(Debug)]
pub enum UnixStream {}

/// A socket that listens at a path. There is none in a world.
#[derive(Debug)]
pub enum UnixListener {}

/// Where a socket of paths is. There is none in a world.
#[derive(Clone, Debug)]
pub enum SocketAddr {}

fn refused(call: &str) -> ! {
    panic!("tokio::net::{call} is not supported in a simulated world, which has TCP and UDP alone")
}

impl UnixStream {
    /// Refused.
    ///
    /// # Errors
    /// None.
    ///
    /// # Panics
    /// Always.
    ///
    /// # Cancel safety
    /// Dropped, nothing has happened.
    pub async fn connect<P: AsRef<Path>>(_path: P) -> io::Result<Self> {
        refused("UnixStream::connect")
    }

    /// Nobody has one to ask.
    ///
    /// # Errors
    /// None.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match *self {}
    }

    /// Nobody has one to ask.
    ///
    /// # Errors
    /// None.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        match *self {}
    }
}

impl UnixListener {
    /// Refused.
    ///
    /// # Errors
    /// None.
    ///
    /// # Panics
    /// Always.
    pub fn bind<P: AsRef<Path>>(_path: P) -> io::Result<Self> {
        refused("UnixListener::bind")
    }

    /// Nobody has one to ask.
    ///
    /// # Errors
    /// None.
    ///
    /// # Cancel safety
    /// Dropped, nothing has happened.
    pub async fn accept(&self) -> io::Result<(UnixStream, SocketAddr)> {
        match *self {}
    }

    /// Nobody has one to ask.
    ///
    /// # Errors
    /// None.
    pub fn poll_accept(&self, _cx: &mut Context<'_>) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        match *self {}
    }

    /// Nobody has one to ask.
    ///
    /// # Errors
    /// None.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match *self {}
    }
}

impl AsyncRead for UnixStream {
    fn poll_read(self: Pin<&mut Self>, _cx: &mut Context<'_>, _buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }
}

impl AsyncWrite for UnixStream {
    fn poll_write(self: Pin<&mut Self>, _cx: &mut Context<'_>, _buf: &[u8]) -> Poll<io::Result<usize>> {
        match *self {}
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }
}
