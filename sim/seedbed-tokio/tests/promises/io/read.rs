//! `tokio::io::{AsyncReadExt, AsyncBufReadExt, BufReader, Chain, Lines, Split, Take}`.

use crate::{
    HOUR,
    hand::{at_once, poll},
    support::world,
};
use real_tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, duplex};
use std::{io::ErrorKind, pin::pin};
use tokio::time::timeout;

#[test]
fn to_read_gives_what_is_there_and_no_more_than_asked_for() {
    world(|| async {
        let (mut one, mut other) = duplex(16);
        one.write_all(b"abcdef").await.unwrap();
        let mut bytes = [0; 4];
        assert_eq!((at_once(other.read(&mut bytes)).unwrap(), &bytes), (4, b"abcd"));
        assert_eq!((at_once(other.read(&mut bytes)).unwrap(), &bytes[..2]), (2, &b"ef"[..]));
        assert_eq!(at_once(other.read(&mut [])).unwrap(), 0, "nothing was asked for");
        assert!(poll(pin!(other.read(&mut bytes))).is_pending());
    });
}

#[test]
fn a_dropped_read_has_read_nothing() {
    world(|| async {
        let (mut one, mut other) = duplex(16);
        let (mut bytes, mut buffer) = ([0; 4], Vec::new());
        assert!(timeout(HOUR, other.read(&mut bytes)).await.is_err());
        assert!(timeout(HOUR, other.read_buf(&mut buffer)).await.is_err());
        one.write_all(b"word").await.unwrap();
        other.read_exact(&mut bytes).await.unwrap();
        assert_eq!((&bytes, buffer.len()), (b"word", 0));
    });
}

#[test]
fn a_dropped_exact_read_may_have_read_some() {
    world(|| async {
        let (mut one, mut other) = duplex(16);
        one.write_all(b"ab").await.unwrap();
        let mut bytes = [0; 4];
        assert!(timeout(HOUR, other.read_exact(&mut bytes)).await.is_err());
        assert_eq!(&bytes, b"ab\0\0");
        one.write_all(b"cd").await.unwrap();
        assert_eq!(at_once(other.read(&mut bytes)).unwrap(), 2);
    });
}

#[test]
fn an_exact_read_fails_at_an_early_end() {
    world(|| async {
        let mut bytes = [0; 4];
        assert_eq!((&b"abc"[..]).read_exact(&mut bytes).await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
        let mut reader = &b"abcdef"[..];
        assert_eq!((reader.read_exact(&mut bytes).await.unwrap(), reader), (4, &b"ef"[..]), "never more than it needs");
    });
}

#[test]
fn numbers_are_read_as_they_were_written() {
    world(|| async {
        let mut bytes = Vec::new();
        bytes.write_u16(0x0102).await.unwrap();
        bytes.write_u16_le(0x0102).await.unwrap();
        bytes.write_i64(-7).await.unwrap();
        bytes.write_f32_le(0.5).await.unwrap();
        assert_eq!(bytes[..4], [1, 2, 2, 1]);
        let mut reader = bytes.as_slice();
        assert_eq!((reader.read_u16().await.unwrap(), reader.read_u16_le().await.unwrap()), (0x0102, 0x0102));
        assert_eq!((reader.read_i64().await.unwrap(), reader.read_f32_le().await.unwrap()), (-7, 0.5));
        assert_eq!(reader.read_u8().await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    });
}

#[test]
fn to_read_to_the_end_appends_and_counts() {
    world(|| async {
        let (mut bytes, mut text) = (b"a ".to_vec(), "a ".to_owned());
        assert_eq!((&b"word"[..]).read_to_end(&mut bytes).await.unwrap(), 4);
        assert_eq!((&b"word"[..]).read_to_string(&mut text).await.unwrap(), 4);
        assert_eq!((bytes.as_slice(), text.as_str()), (&b"a word"[..], "a word"));
    });
}

#[test]
fn what_is_no_text_leaves_the_text_as_it_was() {
    world(|| async {
        let mut text = "a ".to_owned();
        let error = (&b"\xff"[..]).read_to_string(&mut text).await.unwrap_err();
        assert_eq!((error.kind(), text.as_str()), (ErrorKind::InvalidData, "a "));
    });
}

#[test]
fn a_chain_reads_one_after_the_other() {
    world(|| async {
        let mut text = String::new();
        (&b"first "[..]).chain(&b"second"[..]).read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "first second");
    });
}

#[test]
fn a_part_ends_at_its_limit_and_takes_no_more() {
    world(|| async {
        let (mut reader, mut text) = (&b"abcdef"[..], String::new());
        let mut part = (&mut reader).take(4);
        assert_eq!(part.read(&mut [0; 3]).await.unwrap(), 3);
        assert_eq!(part.limit(), 1);
        part.read_to_string(&mut text).await.unwrap();
        assert_eq!((text.as_str(), part.limit()), ("d", 0));
        part.set_limit(1);
        part.read_to_string(&mut text).await.unwrap();
        assert_eq!((text.as_str(), reader), ("de", &b"f"[..]));
    });
}

#[test]
fn lines_come_without_their_ends_and_the_last_needs_none() {
    world(|| async {
        let mut lines = (&b"one\ntwo\r\n\nlast"[..]).lines();
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            all.push(line);
        }
        assert_eq!(all, ["one", "two", "", "last"]);
        assert_eq!(lines.next_line().await.unwrap(), None);
    });
}

#[test]
fn a_dropped_wait_for_a_line_loses_nothing() {
    world(|| async {
        let (mut one, other) = duplex(64);
        let mut lines = BufReader::new(other).lines();
        one.write_all(b"half ").await.unwrap();
        assert!(timeout(HOUR, lines.next_line()).await.is_err());
        one.write_all(b"and half\n").await.unwrap();
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("half and half"));
    });
}

#[test]
fn a_line_that_is_no_text_is_an_error_and_the_next_is_read() {
    world(|| async {
        let mut lines = (&b"\xff\nnext\n"[..]).lines();
        assert_eq!(lines.next_line().await.unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("next"));
    });
}

#[test]
fn to_read_until_includes_the_delimiter_and_to_split_does_not() {
    world(|| async {
        let (mut reader, mut bytes) = (&b"a,b"[..], Vec::new());
        assert_eq!(reader.read_until(b',', &mut bytes).await.unwrap(), 2);
        assert_eq!(reader.read_until(b',', &mut bytes).await.unwrap(), 1);
        assert_eq!((reader.read_until(b',', &mut bytes).await.unwrap(), bytes.as_slice()), (0, &b"a,b"[..]));
        let mut parts = BufReader::new(&b"a,b"[..]).split(b',');
        assert_eq!(parts.next_segment().await.unwrap().as_deref(), Some(&b"a"[..]));
        assert_eq!(parts.next_segment().await.unwrap().as_deref(), Some(&b"b"[..]));
        assert_eq!(parts.next_segment().await.unwrap(), None);
        let (mut reader, mut line) = (&b"one\ntwo"[..], String::new());
        assert_eq!((reader.read_line(&mut line).await.unwrap(), line.as_str()), (4, "one\n"));
    });
}

#[test]
fn a_buffer_holds_what_was_read_ahead() {
    world(|| async {
        let mut reader = BufReader::with_capacity(4, &b"abcdef"[..]);
        assert!(reader.buffer().is_empty(), "it reads nothing by itself");
        assert_eq!(reader.read_u8().await.unwrap(), b'a');
        assert_eq!((reader.buffer(), *reader.get_ref()), (&b"bcd"[..], &b"ef"[..]));
        assert_eq!(reader.fill_buf().await.unwrap(), b"bcd");
        reader.consume(2);
        assert_eq!(reader.buffer(), b"d");
        let mut text = String::new();
        reader.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "def");
    });
}

#[test]
fn a_dropped_search_for_a_delimiter_may_be_gone_on_with() {
    world(|| async {
        let (mut one, other) = duplex(64);
        let (mut reader, mut bytes) = (BufReader::new(other), Vec::new());
        one.write_all(b"half ").await.unwrap();
        assert!(timeout(HOUR, reader.read_until(b'.', &mut bytes)).await.is_err());
        assert_eq!(bytes, b"half ", "what was read is there");
        one.write_all(b"and half.").await.unwrap();
        assert_eq!(reader.read_until(b'.', &mut bytes).await.unwrap(), 9);
        assert_eq!(bytes, b"half and half.");
    });
}

#[test]
fn a_dropped_fill_of_a_buffer_loses_nothing() {
    world(|| async {
        let (mut one, other) = duplex(64);
        let mut reader = BufReader::new(other);
        assert!(timeout(HOUR, reader.fill_buf()).await.is_err());
        one.write_all(b"word").await.unwrap();
        assert_eq!(reader.fill_buf().await.unwrap(), b"word");
        assert_eq!(reader.fill_buf().await.unwrap(), b"word", "until it is consumed");
        reader.consume(4);
        drop(one);
        assert!(reader.fill_buf().await.unwrap().is_empty());
    });
}
