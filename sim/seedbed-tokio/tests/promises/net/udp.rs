//! `tokio::net::UdpSocket`.

use crate::{
    hand::{Wakes, ask, poll_with},
    support::{online, sockets::kind},
};
use real_tokio::io::ReadBuf;
use std::{io::ErrorKind, net::SocketAddr, pin::pin};
use tokio::{
    net::UdpSocket,
    time::{Duration, timeout},
};

const SHORT: Duration = Duration::from_millis(5);

/// Two, each connected to the other.
async fn pair() -> (UdpSocket, UdpSocket) {
    let bind = || UdpSocket::bind("127.0.0.1:0");
    let (one, other) = (bind().await.unwrap(), bind().await.unwrap());
    one.connect(other.local_addr().unwrap()).await.unwrap();
    other.connect(one.local_addr().unwrap()).await.unwrap();
    (one, other)
}

#[test]
fn of_several_addresses_the_first_that_can_be_is_bound() {
    online(|| async {
        let (taken, _other) = pair().await;
        let (taken, free) = (taken.local_addr().unwrap(), "127.0.0.1:0".parse::<SocketAddr>().unwrap());
        let other: SocketAddr = "192.0.2.1:0".parse().unwrap();
        assert!(UdpSocket::bind(&[other, free][..]).await.is_ok());
        assert_eq!(
            kind(UdpSocket::bind(&[taken, other][..]).await),
            Some(ErrorKind::AddrNotAvailable),
            "the last one's error"
        );
        assert_eq!(kind(UdpSocket::bind(&[][..] as &[SocketAddr]).await), Some(ErrorKind::InvalidInput));
    });
}

#[test]
fn one_may_be_connected_anew() {
    online(|| async {
        let ((one, other), (_, third)) = (pair().await, pair().await);
        assert_eq!(one.peer_addr().unwrap(), other.local_addr().unwrap());
        one.connect(third.local_addr().unwrap()).await.unwrap();
        assert_eq!(one.peer_addr().unwrap(), third.local_addr().unwrap());
    });
}

#[test]
fn an_empty_one_arrives_too() {
    online(|| async {
        let (one, other) = pair().await;
        assert_eq!(one.send(b"").await.unwrap(), 0);
        assert_eq!(other.recv(&mut [0; 4]).await.unwrap(), 0);
    });
}

#[test]
fn a_dropped_call_receives_nothing() {
    online(|| async {
        let (one, other) = pair().await;
        let mut bytes = [0; 8];
        assert!(timeout(SHORT, other.recv(&mut bytes)).await.is_err());
        assert!(timeout(SHORT, other.recv_from(&mut bytes)).await.is_err());
        assert!(timeout(SHORT, other.peek_from(&mut bytes)).await.is_err());
        one.send(b"word").await.unwrap();
        assert_eq!((other.recv(&mut bytes).await.unwrap(), &bytes[..4]), (4, &b"word"[..]));
    });
}

#[test]
fn readiness_stays_until_a_try_has_found_nothing() {
    online(|| async {
        let (one, other) = pair().await;
        one.send(b"word").await.unwrap();
        for _ in 0..3 {
            other.readable().await.unwrap();
        }
        let mut bytes = [0; 8];
        assert_eq!(other.try_recv(&mut bytes).unwrap(), 4);
        assert_eq!(kind(other.try_recv(&mut bytes)), Some(ErrorKind::WouldBlock));
        assert!(timeout(SHORT, other.readable()).await.is_err());
    });
}

#[test]
fn who_polled_it_last_is_woken() {
    online(|| async {
        let (one, other) = pair().await;
        assert_eq!(kind(other.try_recv(&mut [0; 4])), Some(ErrorKind::WouldBlock));
        let ((first, early), (last, late)) = (Wakes::new(), Wakes::new());
        assert!(ask(&early, |cx| other.poll_recv_ready(cx)).is_pending());
        assert!(ask(&late, |cx| other.poll_recv_ready(cx)).is_pending());
        one.send(b"word").await.unwrap();
        last.woken().await;
        assert_eq!(first.count(), 0);
        assert!(ask(&late, |cx| other.poll_recv_ready(cx)).is_ready());
    });
}

#[test]
fn whatever_is_polled_to_receive_has_one_place_to_wait_in() {
    online(|| async {
        let (one, other) = pair().await;
        assert_eq!(kind(other.try_recv(&mut [0; 4])), Some(ErrorKind::WouldBlock));
        let ((first, early), (last, late)) = (Wakes::new(), Wakes::new());
        assert!(ask(&early, |cx| other.poll_recv_ready(cx)).is_pending());
        assert!(ask(&late, |cx| other.poll_recv(cx, &mut ReadBuf::new(&mut [0; 4]))).is_pending());
        one.send(b"word").await.unwrap();
        last.woken().await;
        assert_eq!(first.count(), 0);
        let mut bytes = [0; 8];
        let mut buffer = ReadBuf::new(&mut bytes);
        assert!(ask(&late, |cx| other.poll_recv(cx, &mut buffer)).is_ready());
        assert_eq!(buffer.filled(), b"word");
    });
}

#[test]
fn as_many_may_wait_until_it_is_readable_as_like() {
    online(|| async {
        let (one, other) = pair().await;
        assert_eq!(kind(other.try_recv(&mut [0; 4])), Some(ErrorKind::WouldBlock));
        let ((first, early), (last, late)) = (Wakes::new(), Wakes::new());
        let (mut waits, mut waits_too) = (pin!(other.readable()), pin!(other.readable()));
        assert!(poll_with(waits.as_mut(), &early).is_pending());
        assert!(poll_with(waits_too.as_mut(), &late).is_pending());
        one.send(b"word").await.unwrap();
        first.woken().await;
        last.woken().await;
        waits.await.unwrap();
        waits_too.await.unwrap();
    });
}
