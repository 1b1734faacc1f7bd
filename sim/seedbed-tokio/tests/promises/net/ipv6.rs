//! IPv6, and how its sockets serve IPv4 too, as Linux has them.

use crate::support::online;
use real_tokio::io::{AsyncReadExt, AsyncWriteExt};
use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};
use tokio::{
    join,
    net::{TcpListener, TcpSocket, TcpStream, UdpSocket},
    time::{Duration, timeout},
};

const LONG: Duration = Duration::from_secs(5);
const EINVAL: Option<i32> = Some(22);
const EAFNOSUPPORT: Option<i32> = Some(97);
const EADDRINUSE: Option<i32> = Some(98);
const EADDRNOTAVAIL: Option<i32> = Some(99);
const ENETUNREACH: Option<i32> = Some(101);

fn code<T>(result: io::Result<T>) -> Option<i32> {
    result.err().and_then(|error| error.raw_os_error())
}

fn at(address: &str) -> SocketAddr {
    address.parse().unwrap()
}

/// A real machine may not have it, and then nothing is claimed.
async fn if_there(claim: impl Future<Output = ()>) {
    if TcpListener::bind("[::1]:0").await.is_ok() {
        return claim.await;
    }
    #[cfg(madsim)]
    panic!("each simulated machine has it");
    #[cfg(not(madsim))]
    eprintln!("this machine has no IPv6");
}

async fn pair(listen: &str, connect: &str) -> (TcpStream, TcpStream, SocketAddr) {
    let listener = TcpListener::bind(listen).await.unwrap();
    let to = SocketAddr::new(connect.parse().unwrap(), listener.local_addr().unwrap().port());
    let (asked, accepted) = join!(TcpStream::connect(to), listener.accept());
    let (accepted, from) = accepted.unwrap();
    (asked.unwrap(), accepted, from)
}

#[test]
fn a_connection_over_its_loopback_bears_its_addresses() {
    online(|| {
        if_there(async {
            let (mut asked, mut accepted, from) = pair("[::1]:0", "::1").await;
            assert_eq!(
                (asked.local_addr().unwrap(), asked.peer_addr().unwrap()),
                (from, accepted.local_addr().unwrap())
            );
            assert_eq!(
                (from.ip(), asked.peer_addr().unwrap().ip()),
                (Ipv6Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into())
            );
            asked.write_all(b"over six").await.unwrap();
            drop(asked);
            let mut got = String::new();
            timeout(LONG, accepted.read_to_string(&mut got)).await.unwrap().unwrap();
            assert_eq!(got, "over six");
        })
    });
}

#[test]
fn who_listens_everywhere_is_asked_by_ipv4_too() {
    online(|| {
        if_there(async {
            let (asked, accepted, from) = pair("[::]:0", "127.0.0.1").await;
            let mapped = Ipv4Addr::LOCALHOST.to_ipv6_mapped();
            assert_eq!(from, SocketAddr::new(mapped.into(), asked.local_addr().unwrap().port()));
            assert_eq!(accepted.peer_addr().unwrap(), from);
            assert_eq!(accepted.local_addr().unwrap().ip(), mapped);
            assert_eq!(asked.peer_addr().unwrap().ip(), Ipv4Addr::LOCALHOST);
            let (_, accepted, from) = pair("[::]:0", "::1").await;
            assert_eq!(
                (from.ip(), accepted.local_addr().unwrap().ip()),
                (Ipv6Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into())
            );
        })
    });
}

#[test]
fn one_of_its_sockets_connects_by_ipv4_to_a_mapped_address() {
    online(|| {
        if_there(async {
            let (asked, accepted, from) = pair("127.0.0.1:0", "::ffff:127.0.0.1").await;
            let mapped = Ipv4Addr::LOCALHOST.to_ipv6_mapped();
            assert_eq!(
                (asked.local_addr().unwrap().ip(), asked.peer_addr().unwrap().ip()),
                (mapped.into(), mapped.into())
            );
            assert_eq!(
                (from.ip(), accepted.local_addr().unwrap().ip()),
                (Ipv4Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into())
            );
        })
    });
}

#[test]
fn no_address_is_its_loopback() {
    online(|| {
        if_there(async {
            let (asked, ..) = pair("[::1]:0", "::").await;
            assert_eq!(asked.peer_addr().unwrap().ip(), Ipv6Addr::LOCALHOST);
        })
    });
}

#[test]
fn who_listens_everywhere_has_the_port_of_both_kinds() {
    online(|| {
        if_there(async {
            let everywhere = TcpListener::bind("[::]:0").await.unwrap();
            let port = everywhere.local_addr().unwrap().port();
            for taken in ["0.0.0.0", "127.0.0.1", "::", "::1"] {
                let address = SocketAddr::new(taken.parse().unwrap(), port);
                assert_eq!(code(TcpListener::bind(address).await), EADDRINUSE, "{taken}");
            }
            let of_four = TcpListener::bind("0.0.0.0:0").await.unwrap();
            let port = of_four.local_addr().unwrap().port();
            assert_eq!(code(TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).await), EADDRINUSE);
        })
    });
}

#[test]
fn the_loopbacks_share_no_ports() {
    online(|| {
        if_there(async {
            // A port that is free on the one may be somebody else's on the other.
            for _ in 0..20 {
                let six = TcpListener::bind("[::1]:0").await.unwrap();
                let port = six.local_addr().unwrap().port();
                if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.is_ok() {
                    return;
                }
            }
            panic!("no port of the one is free on the other");
        })
    });
}

#[test]
fn a_socket_takes_addresses_of_its_kind() {
    online(|| {
        if_there(async {
            let four = || TcpSocket::new_v4().unwrap();
            let six = || TcpSocket::new_v6().unwrap();
            assert_eq!((four().local_addr().unwrap(), six().local_addr().unwrap()), (at("0.0.0.0:0"), at("[::]:0")));
            assert_eq!(code(four().bind(at("[::1]:0"))), EAFNOSUPPORT);
            assert_eq!(code(six().bind(at("127.0.0.1:0"))), EINVAL);
            assert_eq!(code(four().connect(at("[::1]:9")).await), EAFNOSUPPORT);
            assert_eq!(code(six().connect(at("127.0.0.1:9")).await), EINVAL);
            assert_eq!(code(six().bind(at("[2001:db8::1]:0"))), EADDRNOTAVAIL);
            let socket = six();
            socket.bind(at("[::ffff:127.0.0.1]:0")).unwrap();
            assert_eq!(socket.local_addr().unwrap().ip(), Ipv4Addr::LOCALHOST.to_ipv6_mapped());
            let socket = six();
            socket.bind(at("[::1]:0")).unwrap();
            assert_eq!(code(socket.connect(at("[::ffff:127.0.0.1]:9")).await), ENETUNREACH, "bound to the other kind");
            let socket = six();
            socket.bind(at("[::ffff:127.0.0.1]:0")).unwrap();
            assert_eq!(code(socket.connect(at("[::1]:9")).await), EAFNOSUPPORT, "bound to the other kind");
        })
    });
}

#[test]
fn datagrams_go_to_both_kinds_from_everywhere() {
    online(|| {
        if_there(async {
            let everywhere = UdpSocket::bind("[::]:0").await.unwrap();
            let port = everywhere.local_addr().unwrap().port();
            for (own, ip, shown) in [("127.0.0.1:0", "127.0.0.1", "::ffff:127.0.0.1"), ("[::1]:0", "::1", "::1")] {
                let peer = UdpSocket::bind(own).await.unwrap();
                peer.send_to(b"there", SocketAddr::new(ip.parse().unwrap(), port)).await.unwrap();
                let (len, from) = timeout(LONG, everywhere.recv_from(&mut [0; 8])).await.unwrap().unwrap();
                assert_eq!(
                    (len, from.to_string()),
                    (5, format!("{}", SocketAddr::new(shown.parse().unwrap(), from.port())))
                );
                everywhere.send_to(b"back", from).await.unwrap();
                let (_, from) = timeout(LONG, peer.recv_from(&mut [0; 8])).await.unwrap().unwrap();
                assert_eq!(from, SocketAddr::new(ip.parse().unwrap(), port));
                // Of IPv4's own form too, where a stream takes none.
                everywhere.send_to(b"again", peer.local_addr().unwrap()).await.unwrap();
                timeout(LONG, peer.recv_from(&mut [0; 8])).await.unwrap().unwrap();
            }
        })
    });
}

#[test]
fn a_datagram_socket_of_ipv4_sends_to_no_other() {
    online(|| {
        if_there(async {
            let four = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            assert_eq!(code(four.send_to(b"x", "[::1]:9").await), EAFNOSUPPORT);
            assert_eq!(code(four.connect("[::1]:9").await), EAFNOSUPPORT);
            let six = UdpSocket::bind("[::1]:0").await.unwrap();
            assert_eq!(code(six.send_to(b"x", "[::ffff:127.0.0.1]:9").await), ENETUNREACH);
            let everywhere = UdpSocket::bind("[::]:0").await.unwrap();
            everywhere.connect((Ipv4Addr::LOCALHOST, four.local_addr().unwrap().port())).await.unwrap();
            let mapped = Ipv4Addr::LOCALHOST.to_ipv6_mapped();
            assert_eq!(everywhere.local_addr().unwrap().ip(), mapped);
            assert_eq!(everywhere.peer_addr().unwrap().ip(), mapped);
            assert_eq!(code(everywhere.connect(six.local_addr().unwrap()).await), EAFNOSUPPORT, "its peer bound it");
            assert_eq!(code(everywhere.send_to(b"x", six.local_addr().unwrap()).await), EAFNOSUPPORT);
            let everywhere = UdpSocket::bind("[::]:0").await.unwrap();
            everywhere.connect(six.local_addr().unwrap()).await.unwrap();
            assert_eq!(everywhere.local_addr().unwrap().ip(), Ipv6Addr::LOCALHOST);
            everywhere.send_to(b"x", four.local_addr().unwrap()).await.unwrap();
            let (_, from) = timeout(LONG, four.recv_from(&mut [0; 8])).await.unwrap().unwrap();
            assert_eq!(from.ip(), Ipv4Addr::LOCALHOST, "a peer of the other kind binds it to nothing");
        })
    });
}
