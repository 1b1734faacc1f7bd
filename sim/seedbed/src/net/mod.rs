//! The network between machines, with tokio's API: TCP and UDP in memory, on the world's clock and its decisions.
//!
//! Each machine has an address, `10.0.0.n` in the order of making, which names stand for, and one of IPv6, the same behind
//! `fd00::`. Its nodes share its ports; `127.0.0.1` and `::1` are the machine itself, `localhost` the former. The scenario's
//! own machine is `10.255.0.1`, or `machine-0`. A socket at `[::]` takes what comes by IPv4 too, from `::ffff:10.0.0.n`.
//!
//! What a peer sees is what Linux shows it: the end of what was sent, a reset, or silence. Bytes take their time, come in
//! segments and in order; what a cut link has lost is sent again, ever more rarely (RFC 9293, RFC 6298).

mod address;
mod datagram;
mod endpoint;
pub(crate) mod event;
pub(crate) mod fault;
mod link;
mod listening;
mod lookup;
mod network;
mod ports;
mod readiness;
mod segment;
mod socket;
pub mod tcp;
mod transfer;
mod udp;
mod udp_more;
pub mod unix;
mod waiters;

pub use lookup::{ToSocketAddrs, lookup_host};
pub use readiness::{Interest, Ready};
pub use tcp::{TcpListener, TcpSocket, TcpStream};
pub use udp::UdpSocket;
pub use unix::{UnixListener, UnixStream};

pub(crate) use network::{BACK, Network, THERE};
pub(crate) use segment::Wire;
