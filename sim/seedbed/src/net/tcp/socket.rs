//! A socket that neither listens nor is connected yet.

use super::{TcpListener, TcpStream};
use crate::{
    context,
    executor::Core,
    net::{
        socket::{Family, Options, Socket},
        waiters::By,
    },
    run::Standing,
    runtime::assert_io,
};
use std::{future::poll_fn, io, net::SocketAddr, time::Duration};

/// A socket whose options are set before it is used.
#[derive(Debug)]
pub struct TcpSocket(Socket);

impl TcpSocket {
    /// A socket of IPv4. In plain code it is of the thread's world, which ends with the last of its runtimes.
    ///
    /// # Errors
    /// None.
    pub fn new_v4() -> io::Result<Self> {
        Ok(Standing::anywhere(|core| Self::of(core, Family::V4)))
    }

    /// A socket of IPv6, which takes connections of IPv4 too: from `::ffff:10.0.0.1`.
    ///
    /// # Errors
    /// None.
    pub fn new_v6() -> io::Result<Self> {
        Ok(Standing::anywhere(|core| Self::of(core, Family::V6)))
    }

    /// A socket for such an address.
    pub(super) fn fit_for(address: SocketAddr) -> Self {
        context::with(|core| Self::of(core, Family::of(address)))
    }

    fn of(core: &Core, family: Family) -> Self {
        Self(Socket(core.network(|network| network.open(core, family))))
    }

    /// A socket of the same kind, for those who have set one up by other means. The real one is closed; what was set on it
    /// has no counterpart here.
    ///
    /// # Panics
    /// If it is bound or connected, which a world knows nothing of.
    #[must_use]
    pub fn from_std_stream(std_stream: std::net::TcpStream) -> Self {
        let local = std_stream.local_addr();
        let is_bound = local.as_ref().is_ok_and(|address| address.port() != 0);
        assert!(!is_bound, "a TcpSocket was made of a real one that is bound, on a network that no world is on");
        let family = local.map_or(Family::V4, Family::of);
        Standing::anywhere(|core| Self::of(core, family))
    }

    /// Takes an address of the process's machine; a port that is free, if it is 0.
    ///
    /// # Errors
    /// `AddrInUse`, `AddrNotAvailable`, or it has one already.
    pub fn bind(&self, addr: SocketAddr) -> io::Result<()> {
        self.0.set_up(|network, id| network.bind(id, addr))
    }

    /// Connects it.
    ///
    /// # Errors
    /// As [`TcpStream::connect`].
    ///
    /// # Cancel safety
    /// As [`TcpStream::connect`].
    pub async fn connect(self, addr: SocketAddr) -> io::Result<TcpStream> {
        assert_io();
        let Self(socket) = self;
        socket.call(|network, core, id| network.connect(core, id, addr))?;
        poll_fn(|cx| {
            socket.poll(cx, "tcp connection to", |network, _, id, cx| network.connected(id, (By::Call, cx.waker())))
        })
        .await?;
        Ok(TcpStream(socket))
    }

    /// Listens; with as many connections that are not accepted yet as `backlog` says, and one more. Those who ask for
    /// others hear nothing, and ask again after a second, and later.
    ///
    /// # Errors
    /// `AddrInUse`: somebody else listens there.
    ///
    /// # Panics
    /// In a runtime that was built without [`enable_io`](crate::runtime::Builder::enable_io).
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        assert_io();
        self.0.call(|network, core, id| network.listen(core, id, backlog))?;
        Ok(TcpListener(self.0))
    }

    /// Where it is.
    ///
    /// # Errors
    /// Its process is dead.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.set_up(|network, id| network.local_address(id))
    }

    fn set(&self, set: impl FnOnce(&mut Options)) -> io::Result<()> {
        self.0.set_up(|network, id| network.options(id).map(set))
    }

    fn get<T>(&self, get: impl FnOnce(&Options) -> T) -> io::Result<T> {
        self.0.set_up(|network, id| network.options(id).map(|options| get(options)))
    }

    /// As [`TcpStream::set_linger`].
    ///
    /// # Errors
    /// Its process is dead.
    pub fn set_linger(&self, dur: Option<Duration>) -> io::Result<()> {
        self.set(|options| options.linger = dur)
    }

    /// Whether others may take the same address, as long as nobody listens there.
    ///
    /// # Errors
    /// Its process is dead.
    pub fn set_reuseaddr(&self, reuseaddr: bool) -> io::Result<()> {
        self.set(|options| options.reuse_address = reuseaddr)
    }

    /// As [`set_reuseaddr`](Self::set_reuseaddr) said.
    ///
    /// # Errors
    /// Its process is dead.
    pub fn reuseaddr(&self) -> io::Result<bool> {
        self.get(|options| options.reuse_address)
    }

    /// Kept and shown, no more: nothing is held back, so there is nothing to switch off.
    ///
    /// # Errors
    /// Its process is dead.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.set(|options| options.nodelay = nodelay)
    }

    /// As [`set_nodelay`](Self::set_nodelay) said.
    ///
    /// # Errors
    /// Its process is dead.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.get(|options| options.nodelay)
    }

    /// Kept and shown, no more: Linux's first probe would come after two hours.
    ///
    /// # Errors
    /// Its process is dead.
    pub fn set_keepalive(&self, keepalive: bool) -> io::Result<()> {
        self.set(|options| options.keepalive = keepalive)
    }

    /// As [`set_keepalive`](Self::set_keepalive) said.
    ///
    /// # Errors
    /// Its process is dead.
    pub fn keepalive(&self) -> io::Result<bool> {
        self.get(|options| options.keepalive)
    }

    /// Closed, it resets the connection rather than end it.
    ///
    /// # Errors
    /// Its process is dead.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set(|options| options.linger = Some(Duration::ZERO))
    }

    /// How long it lingers; only zero makes a difference.
    ///
    /// # Errors
    /// Its process is dead.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        self.get(|options| options.linger)
    }

    /// How many bytes it takes that the other end has not got. As Linux does, it takes twice as many.
    ///
    /// # Errors
    /// Its process is dead.
    pub fn set_send_buffer_size(&self, size: u32) -> io::Result<()> {
        self.set(|options| options.send_buffer = doubled(size, SEND_BUFFER_MIN))
    }

    /// How many it takes.
    ///
    /// # Errors
    /// Its process is dead.
    pub fn send_buffer_size(&self) -> io::Result<u32> {
        self.get(|options| u32::try_from(options.send_buffer).unwrap_or(u32::MAX))
    }

    /// How many bytes it keeps until they are read. As Linux does, it takes twice as many.
    ///
    /// # Errors
    /// Its process is dead.
    pub fn set_recv_buffer_size(&self, size: u32) -> io::Result<()> {
        self.set(|options| options.receive_buffer = doubled(size, RECEIVE_BUFFER_MIN))
    }

    /// How many it keeps.
    ///
    /// # Errors
    /// Its process is dead.
    pub fn recv_buffer_size(&self) -> io::Result<u32> {
        self.get(|options| u32::try_from(options.receive_buffer).unwrap_or(u32::MAX))
    }
}

/// Linux's, and its `net.core.wmem_max`.
const SEND_BUFFER_MIN: usize = 4_608;
const RECEIVE_BUFFER_MIN: usize = 2_304;
const BUFFER_MAX: u32 = 212_992;

fn doubled(size: u32, least: usize) -> usize {
    (size.min(BUFFER_MAX) as usize * 2).max(least)
}
