//! What a history tells of the network.

use crate::decision::mix;
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

/// Something that happened to a socket, as its machine's kernel saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetEvent {
    /// In which protocol.
    pub protocol: Protocol,
    /// What.
    pub act: NetAct,
    /// Where it came from.
    pub from: SocketAddr,
    /// Whom it was for; without one, the same.
    pub to: SocketAddr,
    /// How many bytes it was about.
    pub bytes: u32,
}

/// How the bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// In streams.
    Tcp,
    /// In datagrams.
    Udp,
}

/// What may happen to a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetAct {
    /// What is sent to it is taken from now on: connections or datagrams.
    Listened,
    /// A connection was asked for.
    Asked,
    /// Whoever asked has it.
    Connected,
    /// Whoever listens has taken it.
    Accepted,
    /// Bytes were given to the kernel.
    Sent,
    /// Bytes are there to be read.
    Delivered,
    /// What was on the way was lost.
    Lost,
    /// The other end has learnt that nothing more comes.
    Ended,
    /// The other end has learnt that the connection is no more.
    Reset,
    /// The kernel has given up: nobody has answered for too long.
    TimedOut,
    /// A socket was closed.
    Closed,
}

impl NetEvent {
    /// For the digest.
    pub(crate) fn words(&self) -> [u64; 3] {
        let end = |end: SocketAddr| match end.ip() {
            IpAddr::V4(ip) => u64::from(ip.to_bits()) << 16 | u64::from(end.port()),
            IpAddr::V6(ip) => {
                let [high, low] = [(ip.to_bits() >> 64) as u64, ip.to_bits() as u64];
                mix(mix(high, low), u64::from(end.port()))
            }
        };
        let what = (self.protocol as u64) << 8 | self.act as u64;
        [what << 32 | u64::from(self.bytes), end(self.from), end(self.to)]
    }
}

impl fmt::Display for NetEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { protocol, act, from, to, bytes } = self;
        let protocol = match protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        };
        match act {
            NetAct::Listened => write!(f, "{protocol} {from} listens"),
            NetAct::Asked => write!(f, "{protocol} {from} asks {to} for a connection"),
            NetAct::Connected => write!(f, "{protocol} {from} is connected to {to}"),
            NetAct::Accepted => write!(f, "{protocol} {from} accepts {to}"),
            NetAct::Sent => write!(f, "{protocol} {from} sends {bytes} bytes to {to}"),
            NetAct::Delivered => write!(f, "{protocol} {bytes} bytes from {from} are at {to}"),
            NetAct::Lost => write!(f, "{protocol} {bytes} bytes from {from} to {to} are lost"),
            NetAct::Ended => write!(f, "{protocol} {to} learns that {from} sends no more"),
            NetAct::Reset => write!(f, "{protocol} {to} learns that the connection to {from} is reset"),
            NetAct::TimedOut => write!(f, "{protocol} {from} gives up on {to}"),
            NetAct::Closed => write!(f, "{protocol} {from} is closed"),
        }
    }
}
