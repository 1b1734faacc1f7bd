//! `tokio::net::{TcpListener, TcpStream, TcpSocket}`.

use crate::{
    hand::{Wakes, ask, poll_with},
    marks::panics,
    support::{
        online,
        sockets::{kind, listen, pair},
    },
};
use real_tokio::io::{AsyncReadExt, AsyncWriteExt, ReadBuf};
use std::{
    io::{ErrorKind, IoSliceMut},
    net::SocketAddr,
    pin::pin,
};
use tokio::{
    join,
    net::{TcpListener, TcpSocket, TcpStream},
    time::{Duration, sleep, timeout},
};

const SHORT: Duration = Duration::from_millis(5);

/// Until so many bytes are there to be read.
async fn arrived(stream: &TcpStream, count: usize) {
    while stream.peek(&mut [0; 64]).await.unwrap() < count {
        sleep(Duration::from_millis(1)).await;
    }
}

#[test]
fn of_several_addresses_the_first_that_can_be_is_bound() {
    online(|| async {
        let (taken, address) = listen().await;
        let free: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let listener = TcpListener::bind(&[address, free][..]).await.unwrap();
        assert_ne!(listener.local_addr().unwrap(), taken.local_addr().unwrap());
        let other: SocketAddr = "192.0.2.1:0".parse().unwrap();
        assert_eq!(
            kind(TcpListener::bind(&[other, address][..]).await),
            Some(ErrorKind::AddrInUse),
            "the last one's error"
        );
        assert_eq!(kind(TcpListener::bind(&[address, other][..]).await), Some(ErrorKind::AddrNotAvailable));
        assert_eq!(kind(TcpListener::bind(&[][..] as &[SocketAddr]).await), Some(ErrorKind::InvalidInput));
    });
}

#[test]
fn each_connection_is_accepted_once() {
    online(|| async {
        let (listener, address) = listen().await;
        let (mut asked, mut accepted) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            asked.push(TcpStream::connect(address).await.unwrap());
        }
        for _ in 0..3 {
            accepted.push(listener.accept().await.unwrap().1);
        }
        let mut from: Vec<SocketAddr> = asked.iter().map(|stream| stream.local_addr().unwrap()).collect();
        from.sort();
        accepted.sort();
        assert_eq!(accepted, from);
        assert!(timeout(SHORT, listener.accept()).await.is_err());
    });
}

#[test]
fn who_polled_an_accept_last_is_woken() {
    online(|| async {
        let (listener, address) = listen().await;
        let ((first, early), (last, late)) = (Wakes::new(), Wakes::new());
        assert!(ask(&early, |cx| listener.poll_accept(cx)).is_pending());
        assert!(ask(&late, |cx| listener.poll_accept(cx)).is_pending());
        let _stream = TcpStream::connect(address).await.unwrap();
        last.woken().await;
        assert_eq!(first.count(), 0);
        assert!(ask(&late, |cx| listener.poll_accept(cx)).is_ready());
    });
}

#[test]
fn a_reader_and_a_writer_are_woken_each_for_itself() {
    online(|| async {
        let (mut one, other) = pair().await;
        let ((reads, reader), (early, too_early)) = (Wakes::new(), Wakes::new());
        // It may be guessed to be ready until a try has shown it.
        assert_eq!(kind(other.try_read(&mut [0; 4])), Some(ErrorKind::WouldBlock));
        assert!(ask(&too_early, |cx| other.poll_read_ready(cx)).is_pending());
        assert!(ask(&reader, |cx| other.poll_read_ready(cx)).is_pending());
        other.writable().await.unwrap();
        one.write_all(b"word").await.unwrap();
        reads.woken().await;
        assert_eq!(early.count(), 0);
        assert!(ask(&reader, |cx| other.poll_read_ready(cx)).is_ready());
    });
}

#[test]
fn readiness_stays_until_a_try_has_found_nothing() {
    online(|| async {
        let (mut one, other) = pair().await;
        one.write_all(b"word").await.unwrap();
        arrived(&other, 4).await;
        for _ in 0..3 {
            other.readable().await.unwrap();
        }
        let mut bytes = [0; 8];
        assert_eq!(other.try_read(&mut []).unwrap(), 0, "nothing was asked for");
        assert_eq!(other.try_read(&mut bytes).unwrap(), 4);
        assert_eq!(kind(other.try_read(&mut bytes)), Some(ErrorKind::WouldBlock));
        assert!(timeout(SHORT, other.readable()).await.is_err());
    });
}

#[test]
fn what_is_tried_into_several_buffers_fills_one_after_the_other() {
    online(|| async {
        let (mut one, other) = pair().await;
        one.write_all(b"abcde").await.unwrap();
        let (mut first, mut second) = ([0; 3], [0; 9]);
        arrived(&other, 5).await;
        let mut buffers = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
        let read = other.try_read_vectored(&mut buffers).unwrap();
        assert_eq!((read, &first, &second[..2]), (5, b"abc", &b"de"[..]));
    });
}

#[test]
fn a_dropped_peek_has_changed_nothing() {
    online(|| async {
        let (mut one, mut other) = pair().await;
        let mut bytes = *b"....";
        assert!(timeout(SHORT, other.peek(&mut bytes)).await.is_err());
        assert_eq!(&bytes, b"....");
        one.write_all(b"word").await.unwrap();
        for _ in 0..2 {
            assert!(other.peek(&mut bytes).await.unwrap() > 0);
        }
        other.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"word");
    });
}

#[test]
fn a_shutdown_may_be_repeated() {
    online(|| async {
        let (mut one, mut other) = pair().await;
        one.shutdown().await.unwrap();
        one.shutdown().await.unwrap();
        assert_eq!(other.read(&mut [0; 4]).await.unwrap(), 0);
        assert_eq!(kind(one.write(b"x").await), Some(ErrorKind::BrokenPipe));
    });
}

#[test]
fn a_socket_listens_and_connects_as_it_was_set_up() {
    online(|| async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        assert!(socket.reuseaddr().unwrap());
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let bound = socket.local_addr().unwrap();
        assert_ne!(bound.port(), 0);
        let listener = socket.listen(16).unwrap();
        assert_eq!(listener.local_addr().unwrap(), bound);
        let asks = TcpSocket::new_v4().unwrap();
        asks.set_nodelay(true).unwrap();
        let (asked, accepted) = join!(asks.connect(bound), listener.accept());
        assert!(asked.unwrap().nodelay().unwrap());
        accepted.unwrap();
    });
}

#[test]
fn an_address_is_of_its_socket_s_family() {
    online(|| async {
        let v4 = TcpSocket::new_v4().unwrap();
        assert!(v4.bind("[::1]:0".parse().unwrap()).is_err());
        assert!(TcpSocket::new_v4().unwrap().connect("[::1]:9".parse().unwrap()).await.is_err());
    });
}

#[test]
fn outside_a_runtime_there_is_no_network() {
    let mut binds = pin!(TcpListener::bind("127.0.0.1:0"));
    assert!(panics(|| crate::hand::poll(binds.as_mut())));
}

#[test]
fn whatever_is_polled_to_read_has_one_place_to_wait_in() {
    online(|| async {
        let (mut one, other) = pair().await;
        assert_eq!(kind(other.try_read(&mut [0; 4])), Some(ErrorKind::WouldBlock));
        let ((first, early), (last, late)) = (Wakes::new(), Wakes::new());
        assert!(ask(&early, |cx| other.poll_read_ready(cx)).is_pending());
        assert!(ask(&late, |cx| other.poll_peek(cx, &mut ReadBuf::new(&mut [0; 4]))).is_pending());
        one.write_all(b"word").await.unwrap();
        last.woken().await;
        assert_eq!(first.count(), 0);
    });
}

#[test]
fn as_many_may_wait_until_it_is_readable_as_like() {
    online(|| async {
        let (mut one, other) = pair().await;
        assert_eq!(kind(other.try_read(&mut [0; 4])), Some(ErrorKind::WouldBlock));
        let ((first, early), (last, late), (polled, poller)) = (Wakes::new(), Wakes::new(), Wakes::new());
        let (mut waits, mut waits_too) = (pin!(other.readable()), pin!(other.readable()));
        assert!(poll_with(waits.as_mut(), &early).is_pending());
        assert!(poll_with(waits_too.as_mut(), &late).is_pending());
        assert!(ask(&poller, |cx| other.poll_read_ready(cx)).is_pending());
        one.write_all(b"word").await.unwrap();
        first.woken().await;
        last.woken().await;
        polled.woken().await;
        waits.await.unwrap();
        waits_too.await.unwrap();
    });
}
