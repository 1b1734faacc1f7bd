//! `tokio::io::{AsyncWriteExt, BufWriter, copy, copy_buf, copy_bidirectional, split, join}`.

use crate::{HOUR, hand::at_once, marks::panics, support::world};
use real_tokio::io::{
    AsyncReadExt, AsyncWriteExt, BufReader, BufStream, BufWriter, copy, copy_bidirectional,
    copy_bidirectional_with_sizes, copy_buf, duplex, join, split,
};
use std::{
    io::{Cursor, ErrorKind},
    pin::pin,
};
use tokio::{
    spawn,
    time::{sleep, timeout},
};

#[test]
fn a_dropped_write_has_written_nothing() {
    world(|| async {
        let (mut one, mut other) = duplex(4);
        one.write_all(b"full").await.unwrap();
        assert!(timeout(HOUR, one.write(b"more")).await.is_err());
        let mut buffer = Cursor::new(b"more");
        assert!(timeout(HOUR, one.write_buf(&mut buffer)).await.is_err());
        assert_eq!(buffer.position(), 0);
        drop(one);
        let mut text = String::new();
        other.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "full");
    });
}

#[test]
fn to_write_all_from_a_buffer_may_be_cut_short_and_gone_on_with() {
    world(|| async {
        let (mut one, mut other) = duplex(4);
        let mut buffer = Cursor::new(b"abcdef");
        assert!(timeout(HOUR, one.write_all_buf(&mut buffer)).await.is_err());
        assert_eq!(buffer.position(), 4, "it knows what was written");
        let mut bytes = [0; 6];
        let reads = spawn(async move {
            other.read_exact(&mut bytes).await.unwrap();
            bytes
        });
        one.write_all_buf(&mut buffer).await.unwrap();
        assert_eq!(&reads.await.unwrap(), b"abcdef");
    });
}

#[test]
fn to_write_all_fails_where_nothing_can_be_written() {
    world(|| async {
        let mut bytes = [0; 4];
        let mut room = Cursor::new(&mut bytes[..]);
        assert_eq!(room.write_all(b"abcdef").await.unwrap_err().kind(), ErrorKind::WriteZero);
        assert_eq!(&bytes, b"abcd");
    });
}

#[test]
fn a_buffered_writer_writes_when_it_is_flushed_full_or_shut_down() {
    world(|| async {
        let mut writer = BufWriter::with_capacity(4, Vec::new());
        writer.write_all(b"ab").await.unwrap();
        assert_eq!((writer.buffer(), writer.get_ref().len()), (&b"ab"[..], 0));
        writer.write_all(b"cde").await.unwrap();
        assert_eq!(writer.get_ref(), b"ab", "what does not fit pushes out what there was");
        writer.flush().await.unwrap();
        assert_eq!(writer.get_ref(), b"abcde");
        writer.write_all(b"f").await.unwrap();
        writer.shutdown().await.unwrap();
        assert_eq!(writer.get_ref(), b"abcdef");
    });
}

#[test]
fn a_buffered_writer_that_is_dropped_forgets_what_it_had() {
    world(|| async {
        let mut bytes = Vec::new();
        let mut writer = BufWriter::new(&mut bytes);
        writer.write_all(b"ab").await.unwrap();
        drop(writer);
        assert!(bytes.is_empty());
    });
}

#[test]
fn a_buffered_stream_reads_and_writes() {
    world(|| async {
        let (one, mut other) = duplex(16);
        let mut stream = BufStream::new(one);
        stream.write_all(b"ping").await.unwrap();
        let mut bytes = [0; 4];
        assert!(timeout(HOUR, other.read_exact(&mut bytes)).await.is_err(), "nobody has flushed it");
        stream.flush().await.unwrap();
        other.read_exact(&mut bytes).await.unwrap();
        other.write_all(b"pong").await.unwrap();
        stream.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"pong");
    });
}

#[test]
fn a_copy_ends_with_its_source_and_counts() {
    world(|| async {
        let (mut one, mut other) = duplex(4);
        let task = spawn(async move { copy(&mut &b"hello world"[..], &mut one).await.unwrap() });
        let mut text = String::new();
        other.read_to_string(&mut text).await.unwrap();
        assert_eq!((text.as_str(), task.await.unwrap()), ("hello world", 11));
        let mut bytes = Vec::new();
        assert_eq!(copy_buf(&mut BufReader::with_capacity(3, &b"hello"[..]), &mut bytes).await.unwrap(), 5);
        assert_eq!(bytes, b"hello");
    });
}

#[test]
fn a_copy_flushes_while_it_waits_for_more() {
    world(|| async {
        let ((mut source, mut reads), (one, mut other)) = (duplex(16), duplex(16));
        let task = spawn(async move { copy(&mut reads, &mut BufWriter::new(one)).await.unwrap() });
        source.write_all(b"word").await.unwrap();
        let mut bytes = [0; 4];
        timeout(HOUR, other.read_exact(&mut bytes)).await.expect("it is flushed").unwrap();
        drop(source);
        assert_eq!(task.await.unwrap(), 4);
    });
}

#[test]
fn a_copy_tells_an_error_of_either_side() {
    world(|| async {
        let (mut one, other) = duplex(4);
        drop(other);
        assert_eq!(copy(&mut &b"word"[..], &mut one).await.unwrap_err().kind(), ErrorKind::BrokenPipe);
        let mut fails = failing();
        assert_eq!(copy(&mut fails, &mut Vec::new()).await.unwrap_err().kind(), ErrorKind::InvalidData);
    });
}

/// A reader that fails at once.
fn failing() -> impl real_tokio::io::AsyncRead + Unpin {
    struct Fails;
    impl real_tokio::io::AsyncRead for Fails {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut real_tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            std::task::Poll::Ready(Err(ErrorKind::InvalidData.into()))
        }
    }
    Fails
}

#[test]
fn a_copy_of_both_ways_ends_when_both_have() {
    world(|| async {
        let ((mut client, mut left), (mut right, mut server)) = (duplex(4), duplex(4));
        let proxy = spawn(async move { copy_bidirectional(&mut left, &mut right).await.unwrap() });
        let serve = spawn(async move {
            let mut asked = String::new();
            server.read_to_string(&mut asked).await.unwrap();
            sleep(HOUR).await;
            server.write_all(b"answer").await.unwrap();
            asked
        });
        client.write_all(b"question").await.unwrap();
        client.shutdown().await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert_eq!((answer.as_str(), serve.await.unwrap().as_str()), ("answer", "question"));
        assert_eq!(proxy.await.unwrap(), (8, 6));
    });
}

#[test]
fn a_copy_of_both_ways_needs_room() {
    world(|| async {
        let (mut one, mut other) = duplex(4);
        for (to, from) in [(0, 1), (1, 0)] {
            let mut copies = pin!(copy_bidirectional_with_sizes(&mut one, &mut other, to, from));
            assert!(panics(|| crate::hand::poll(copies.as_mut())));
        }
    });
}

#[test]
fn halves_are_used_at_the_same_time_and_put_together_again() {
    world(|| async {
        let (one, mut other) = duplex(4);
        let (mut reads, mut writes) = split(one);
        assert!(reads.is_pair_of(&writes) && writes.is_pair_of(&reads));
        let mut bytes = [0; 4];
        let task = spawn(async move {
            reads.read_exact(&mut bytes).await.unwrap();
            (reads, bytes)
        });
        writes.write_all(b"ping").await.unwrap();
        other.write_all(b"pong").await.unwrap();
        let (reads, bytes) = task.await.unwrap();
        assert_eq!(&bytes, b"pong");
        let mut whole = reads.unsplit(writes);
        assert_eq!(at_once(whole.read(&mut [])).unwrap(), 0);
    });
}

#[test]
fn halves_of_two_are_not_put_together() {
    let ((one, other), (reads, _)) = (duplex(4), split(duplex(4).0));
    let (_reads, writes) = split(one);
    assert!(!reads.is_pair_of(&writes));
    assert!(panics(|| reads.unsplit(writes)));
    drop(other);
}

#[test]
fn a_dropped_half_to_write_ends_nothing() {
    world(|| async {
        let (one, mut other) = duplex(4);
        let (mut reads, writes) = split(one);
        drop(writes);
        assert!(timeout(HOUR, other.read(&mut [0; 4])).await.is_err(), "the stream lives as long as any half");
        other.write_all(b"word").await.unwrap();
        reads.read_exact(&mut [0; 4]).await.unwrap();
        drop(reads);
        assert_eq!(other.read(&mut [0; 4]).await.unwrap(), 0);
    });
}

#[test]
fn a_reader_and_a_writer_are_joined() {
    world(|| async {
        let mut both = join(&b"read"[..], Vec::new());
        let mut text = String::new();
        both.read_to_string(&mut text).await.unwrap();
        both.write_all(b"written").await.unwrap();
        assert_eq!((text.as_str(), both.writer().as_slice()), ("read", &b"written"[..]));
        assert_eq!(both.into_inner().1, b"written");
    });
}
