//! `tokio::io::{duplex, simplex, empty, sink, repeat}`.

use crate::{
    HOUR,
    hand::{at_once, poll},
    marks::panics,
    support::world,
};
use real_tokio::io::{AsyncReadExt, AsyncWriteExt, duplex, empty, repeat, simplex, sink};
use std::{io::ErrorKind, pin::pin};
use tokio::{spawn, time::sleep};

#[test]
fn a_duplex_takes_no_more_than_its_room() {
    world(|| async {
        let (mut one, mut other) = duplex(4);
        assert_eq!(at_once(one.write(b"abcdef")).unwrap(), 4);
        assert!(poll(pin!(one.write(b"ef"))).is_pending());
        let mut bytes = [0; 3];
        other.read_exact(&mut bytes).await.unwrap();
        assert_eq!((&bytes, at_once(one.write(b"ef")).unwrap()), (b"abc", 2));
    });
    assert!(panics(|| duplex(0)) && panics(|| simplex(0)));
}

#[test]
fn both_ways_of_a_duplex_are_each_one_s_own() {
    world(|| async {
        let (mut one, mut other) = duplex(4);
        one.write_all(b"ping").await.unwrap();
        other.write_all(b"pong").await.unwrap();
        let (mut heard, mut answered) = ([0; 4], [0; 4]);
        other.read_exact(&mut heard).await.unwrap();
        one.read_exact(&mut answered).await.unwrap();
        assert_eq!((&heard, &answered), (b"ping", b"pong"));
    });
}

#[test]
fn what_was_written_is_read_before_the_end() {
    world(|| async {
        let (mut one, mut other) = duplex(8);
        one.write_all(b"last").await.unwrap();
        drop(one);
        let mut text = String::new();
        other.read_to_string(&mut text).await.unwrap();
        assert_eq!((text.as_str(), at_once(other.read(&mut [0; 4])).unwrap()), ("last", 0));
    });
}

#[test]
fn who_writes_to_nobody_is_told_also_while_it_waits() {
    world(|| async {
        let (mut one, other) = duplex(4);
        one.write_all(b"full").await.unwrap();
        let waits = spawn(async move { (one.write(b"more").await.map_err(|error| error.kind()), one) });
        sleep(HOUR).await;
        drop(other);
        let (waited, mut one) = waits.await.unwrap();
        assert_eq!(waited, Err(ErrorKind::BrokenPipe));
        assert_eq!(at_once(one.write(b"x")).unwrap_err().kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_shutdown_is_the_end_for_the_other_side() {
    world(|| async {
        let (mut one, mut other) = duplex(4);
        one.shutdown().await.unwrap();
        assert_eq!(other.read(&mut [0; 4]).await.unwrap(), 0);
        other.write_all(b"back").await.unwrap();
        let mut bytes = [0; 4];
        one.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"back", "only one way has ended");
    });
}

#[test]
fn a_simplex_goes_one_way() {
    world(|| async {
        let (mut reads, mut writes) = simplex(4);
        assert_eq!(at_once(writes.write(b"abcdef")).unwrap(), 4);
        writes.shutdown().await.unwrap();
        let mut text = String::new();
        reads.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "abcd");
        let mut both = real_tokio::io::SimplexStream::new_unsplit(4);
        both.write_all(b"ab").await.unwrap();
        let mut bytes = [0; 2];
        both.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"ab");
    });
}

#[test]
fn empty_has_nothing_and_takes_all() {
    world(|| async {
        assert_eq!(at_once(empty().read(&mut [0; 4])).unwrap(), 0);
        assert_eq!(at_once(empty().write(b"word")).unwrap(), 4);
    });
}

#[test]
fn a_sink_takes_all_and_repeat_fills_all() {
    world(|| async {
        assert_eq!(at_once(sink().write(b"word")).unwrap(), 4);
        let mut bytes = [0; 100];
        assert_eq!(at_once(repeat(7).read(&mut bytes)).unwrap(), 100);
        assert!(bytes.iter().all(|byte| *byte == 7));
    });
}
