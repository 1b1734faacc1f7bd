//! What code may rely on of sockets that are asked whether they are ready, and of buffers that grow, on either side.

extern crate seedbed_tokio as tokio;

mod support;

use real_tokio::io::{AsyncReadExt, AsyncWriteExt};
use std::{io::ErrorKind, net::Ipv4Addr};
use support::{
    online,
    sockets::{kind, pair},
};
use tokio::{
    io::{Interest, Ready},
    net::UdpSocket,
    time::{Duration, timeout},
};

/// Too short for what never comes to come.
const SHORT: Duration = Duration::from_millis(100);

async fn mailboxes() -> (UdpSocket, UdpSocket) {
    let bind = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0));
    (bind().await.unwrap(), bind().await.unwrap())
}

#[test]
fn a_stream_says_which_of_two_it_is_ready_for() {
    online(|| async {
        let (mut one, other) = pair().await;
        let both = Interest::READABLE | Interest::WRITABLE;
        assert!(other.ready(both).await.unwrap().is_writable());
        // Readiness may be a guess, until a try has shown it.
        assert_eq!(kind(other.try_read(&mut [0; 8])), Some(ErrorKind::WouldBlock));
        assert!(!other.ready(both).await.unwrap().is_readable());
        assert!(timeout(SHORT, other.ready(Interest::READABLE)).await.is_err());
        one.write_all(b"word").await.unwrap();
        assert!(other.ready(Interest::READABLE).await.unwrap().is_readable());
        let (reads, writes) = other.into_split();
        assert!(reads.ready(Interest::READABLE).await.unwrap().is_readable());
        assert!(writes.ready(Interest::WRITABLE).await.unwrap().is_writable());
    });
}

#[test]
fn an_end_is_readable() {
    online(|| async {
        let (one, other) = pair().await;
        assert_eq!(kind(other.try_read(&mut [0; 8])), Some(ErrorKind::WouldBlock));
        drop(one);
        assert!(other.ready(Interest::READABLE).await.unwrap().is_readable());
        assert_eq!(other.try_read_buf(&mut Vec::with_capacity(8)).unwrap(), 0);
    });
}

#[test]
fn an_accepted_stream_seems_readable_until_a_read_has_found_nothing() {
    online(|| async {
        let (_one, other) = pair().await;
        let guess = timeout(SHORT, other.ready(Interest::READABLE)).await;
        assert!(guess.is_ok_and(|ready| ready.is_ok_and(Ready::is_readable)));
        assert_eq!(kind(other.try_read(&mut [0; 8])), Some(ErrorKind::WouldBlock));
        assert!(timeout(SHORT, other.readable()).await.is_err());
    });
}

#[test]
fn a_stream_seems_readable_until_a_read_has_not_filled_its_buffer() {
    online(|| async {
        let (mut one, mut other) = pair().await;
        let mut bytes = [0; 4];
        one.write_all(b"word").await.unwrap();
        other.read_exact(&mut bytes).await.unwrap();
        assert!(timeout(SHORT, other.readable()).await.is_ok(), "the buffer is full, and there may be more");
        one.write_all(b"w").await.unwrap();
        assert_eq!(other.peek(&mut bytes).await.unwrap(), 1);
        assert_eq!(other.read(&mut bytes).await.unwrap(), 1);
        assert!(timeout(SHORT, other.readable()).await.is_err());
    });
}

#[test]
fn a_stream_seems_writable_until_a_write_has_found_no_room() {
    online(|| async {
        let (one, _other) = pair().await;
        let mut last = Ok(0);
        while timeout(SHORT, one.writable()).await.is_ok() {
            last = one.try_write(&[0; 5_000]);
        }
        assert_eq!(kind(last), Some(ErrorKind::WouldBlock));
    });
}

#[test]
fn a_socket_seems_readable_until_a_receive_has_found_nothing() {
    online(|| async {
        let (one, other) = mailboxes().await;
        one.send_to(b"word", other.local_addr().unwrap()).await.unwrap();
        assert_eq!(other.recv(&mut [0; 8]).await.unwrap(), 4);
        assert!(timeout(SHORT, other.readable()).await.is_ok());
        assert_eq!(kind(other.try_recv(&mut [0; 8])), Some(ErrorKind::WouldBlock));
        assert!(timeout(SHORT, other.readable()).await.is_err());
    });
}

#[test]
fn a_buffer_is_read_into_behind_what_it_has() {
    online(|| async {
        let (mut one, mut other) = pair().await;
        let mut buffer = b"a ".to_vec();
        assert_eq!(kind(other.try_read_buf(&mut buffer)), Some(ErrorKind::WouldBlock));
        one.write_all(b"word").await.unwrap();
        while buffer.len() < 6 {
            other.readable().await.unwrap();
            if let Err(error) = other.split().0.try_read_buf(&mut buffer) {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
            }
        }
        assert_eq!(buffer, b"a word");
    });
}

#[test]
fn interests_and_readiness_are_sets() {
    let both = Interest::READABLE | Interest::WRITABLE;
    assert_eq!((both, format!("{both:?}")), (Interest::READABLE.add(Interest::WRITABLE), "READABLE | WRITABLE".into()));
    assert_eq!(both.remove(Interest::READABLE), Some(Interest::WRITABLE));
    assert_eq!(Interest::READABLE.remove(both), None);
    let ready = Ready::READABLE | Ready::WRITE_CLOSED;
    assert!(ready.is_readable() && ready.is_writable() && ready.is_write_closed() && !ready.is_read_closed());
    assert!((ready - ready).is_empty() && (ready & Ready::WRITE_CLOSED) == Ready::WRITE_CLOSED);
}

#[test]
fn who_is_next_is_shown_and_stays() {
    online(|| async {
        let (one, other) = mailboxes().await;
        let (from, to) = (one.local_addr().unwrap(), other.local_addr().unwrap());
        assert_eq!(kind(other.try_peek_sender()), Some(ErrorKind::WouldBlock));
        assert!(other.ready(Interest::READABLE | Interest::WRITABLE).await.unwrap().is_writable());
        one.send_to(b"word", to).await.unwrap();
        assert_eq!(other.peek_sender().await.unwrap(), from);
        assert_eq!(other.try_peek_sender().unwrap(), from);
        assert!(other.ready(Interest::READABLE).await.unwrap().is_readable());
        let mut bytes = [0; 8];
        assert_eq!(other.try_peek_from(&mut bytes).unwrap(), (4, from));
        assert_eq!(other.try_peek(&mut bytes).unwrap(), 4);
        let mut buffer = b"a ".to_vec();
        assert_eq!(other.recv_buf_from(&mut buffer).await.unwrap(), (4, from));
        assert_eq!(buffer, b"a word");
        assert_eq!(kind(other.try_recv_buf(&mut buffer)), Some(ErrorKind::WouldBlock));
        assert!(other.take_error().unwrap().is_none());
    });
}
