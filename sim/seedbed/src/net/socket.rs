//! Sockets as processes hold them: numbers, closed with their last user.

use crate::{
    context,
    executor::Core,
    net::{Network, network::Outcome},
};
use bytes::BufMut;
use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    task::{Context, Poll, ready},
    time::Duration,
};

/// Numbered through the whole run: one that outlives its process, or a power loss, opens nothing else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SocketId {
    /// A socket may be kept in a static, and outlive its world.
    pub(super) world: u32,
    pub(super) number: u64,
    pub(super) family: Family,
}

/// Which kind of address a socket was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    /// It takes IPv4's too, in IPv6's clothes (`::ffff:10.0.0.1`, RFC 4291 2.5.5.2): Linux's default.
    V6,
}

impl Family {
    pub(super) fn of(address: SocketAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// No address.
    pub(super) fn unspecified(self) -> SocketAddr {
        let ip = match self {
            Self::V4 => IpAddr::from(Ipv4Addr::UNSPECIFIED),
            Self::V6 => Ipv6Addr::UNSPECIFIED.into(),
        };
        SocketAddr::new(ip, 0)
    }

    /// What a process hands in, as the network knows it.
    ///
    /// # Errors
    /// `EAFNOSUPPORT`, or else what this call says of an address of IPv4 on a socket of IPv6.
    pub(super) fn known(self, address: SocketAddr, v4_on_v6: Option<i32>) -> io::Result<SocketAddr> {
        match (self, Self::of(address), v4_on_v6) {
            (Self::V4, Self::V6, _) => refused(libc::EAFNOSUPPORT),
            (Self::V6, Self::V4, Some(error)) => refused(error),
            _ => Ok(SocketAddr::new(address.ip().to_canonical(), address.port())),
        }
    }

    /// What the network knows, as a process is shown it.
    pub(super) fn shown(self, address: SocketAddr) -> SocketAddr {
        match (self, address.ip()) {
            (Self::V6, IpAddr::V4(ip)) => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
            _ => address,
        }
    }
}

/// What is asked of a socket before it is connected, and may be changed later.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) send_buffer: usize,
    pub(super) receive_buffer: usize,
    pub(super) linger: Option<Duration>,
    pub(super) nodelay: bool,
    pub(super) keepalive: bool,
    pub(super) reuse_address: bool,
    pub(super) ttl: u32,
}

impl Options {
    /// Smaller than Linux grows its own to, so that a slow reader is felt.
    pub(super) const BASE: Self = Self {
        send_buffer: 64 << 10,
        receive_buffer: 64 << 10,
        linger: None,
        nodelay: false,
        keepalive: false,
        reuse_address: false,
        ttl: 64,
    };
}

/// An open socket. Dropped, it is closed.
pub(super) struct Socket(pub(super) SocketId);

impl Drop for Socket {
    fn drop(&mut self) {
        self.call_if_any(|network, core, id| network.close(core, id));
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.number)
    }
}

impl Socket {
    /// A call that does not wait.
    pub(super) fn call<T>(&self, work: impl FnOnce(&mut Network, &Core, SocketId) -> T) -> T {
        context::with(|core| core.network(|network| work(network, core, self.0)))
    }

    /// The same, for what plain code may ask of a socket before there is a runtime.
    pub(super) fn set_up<T>(&self, work: impl FnOnce(&mut Network, SocketId) -> T) -> T {
        context::reach(|core| core.network(|network| work(network, self.0)))
    }

    /// The same, and nothing where no world is.
    pub(super) fn call_if_any(&self, work: impl FnOnce(&mut Network, &Core, SocketId)) {
        context::try_reach(|core| core.network(|network| work(network, core, self.0)));
    }

    /// A call that may have to wait, for what is said when the stack of its task is asked for.
    pub(super) fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        waits_for: &'static str,
        work: impl FnOnce(&mut Network, &Core, SocketId, &mut Context<'_>) -> Outcome<T>,
    ) -> Poll<io::Result<T>> {
        let budget = ready!(tokio::task::coop::poll_proceed(cx));
        let outcome = context::with(|core| {
            let described = || core.network(|network| network.describe(waits_for, self.0));
            core.trace_saying(described, || core.network(|network| work(network, core, self.0, cx)))
        });
        match outcome {
            Some(result) => {
                budget.made_progress();
                Poll::Ready(result)
            }
            None => Poll::Pending,
        }
    }
}

/// Reads by way of bytes of our own: to say how much of another's memory is filled would be unsafe.
pub(super) fn read_into<B: BufMut, T: Received>(
    buf: &mut B,
    read: impl FnOnce(&mut [u8]) -> io::Result<T>,
) -> io::Result<T> {
    const READ_MAX: usize = 64 << 10;
    let mut bytes = vec![0; buf.remaining_mut().min(READ_MAX)];
    let received = read(&mut bytes)?;
    buf.put_slice(&bytes[..received.count()]);
    Ok(received)
}

/// How much was received, and maybe from whom.
pub(super) trait Received {
    fn count(&self) -> usize;
}

impl Received for usize {
    fn count(&self) -> usize {
        *self
    }
}

impl Received for (usize, SocketAddr) {
    fn count(&self) -> usize {
        self.0
    }
}

pub(super) fn refused<T>(code: i32) -> io::Result<T> {
    Err(io::Error::from_raw_os_error(code))
}
