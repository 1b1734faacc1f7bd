//! What code may rely on of the network, on either side: each claim holds on the real loopback and on the simulated
//! network in every seed.

extern crate seedbed_tokio as tokio;

mod support;

use real_tokio::io::{AsyncReadExt, AsyncWriteExt};
use std::{
    io::{ErrorKind, IoSlice},
    net::{Ipv4Addr, SocketAddr},
};
use support::{
    online,
    sockets::{kind, listen, pair},
};
use tokio::{
    join,
    net::{TcpListener, TcpSocket, TcpStream, UdpSocket, lookup_host},
    time::{Duration, timeout},
};

/// Longer than anything takes that comes at all.
const LONG: Duration = Duration::from_secs(5);
/// Too short for what never comes to come.
const SHORT: Duration = Duration::from_millis(100);

async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(LONG, future).await.expect("it comes soon")
}

/// Numbers that show it if any are lost, doubled or swapped.
fn numbers(count: u32) -> Vec<u8> {
    (0..count).flat_map(u32::to_le_bytes).collect()
}

/// Writes until there is no room: how much there was.
async fn fill(stream: &TcpStream) -> usize {
    let (mut total, block) = (0, [7; 4_096]);
    while timeout(SHORT, stream.writable()).await.is_ok() {
        match stream.try_write(&block) {
            Ok(count) => total += count,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }
    total
}

mod listening {
    use super::*;

    #[test]
    fn a_port_that_is_not_asked_for_by_number_is_given() {
        online(|| async {
            let (one, _) = listen().await;
            let (other, _) = listen().await;
            assert_ne!(one.local_addr().unwrap().port(), 0);
            assert_ne!(one.local_addr().unwrap(), other.local_addr().unwrap());
        });
    }

    #[test]
    fn one_listens_at_an_address_and_the_next_once_it_has_gone() {
        online(|| async {
            let (listener, address) = listen().await;
            assert_eq!(kind(TcpListener::bind(address).await), Some(ErrorKind::AddrInUse));
            let everywhere = (Ipv4Addr::UNSPECIFIED, address.port());
            assert_eq!(kind(TcpListener::bind(everywhere).await), Some(ErrorKind::AddrInUse));
            drop(listener);
            TcpListener::bind(address).await.unwrap();
        });
    }

    #[test]
    fn a_listener_may_come_back_while_its_connections_last() {
        online(|| async {
            let (listener, address) = listen().await;
            let (asked, accepted) = join!(TcpStream::connect(address), listener.accept());
            let (mut asked, (mut accepted, _)) = (asked.unwrap(), accepted.unwrap());
            drop(listener);
            let _again = TcpListener::bind(address).await.unwrap();
            asked.write_all(b"still").await.unwrap();
            let mut bytes = [0; 5];
            accepted.read_exact(&mut bytes).await.unwrap();
            assert_eq!(&bytes, b"still");
        });
    }

    #[test]
    fn an_address_of_another_machine_is_not_to_be_had() {
        online(|| async {
            assert_eq!(kind(TcpListener::bind("192.0.2.1:0").await), Some(ErrorKind::AddrNotAvailable));
        });
    }

    #[test]
    fn who_listens_everywhere_is_found_at_the_loopback() {
        online(|| async {
            let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            assert_eq!(listener.local_addr().unwrap().ip(), Ipv4Addr::UNSPECIFIED);
            let (asked, accepted) = join!(TcpStream::connect(("localhost", port)), listener.accept());
            let (stream, from) = accepted.unwrap();
            assert_eq!(asked.unwrap().local_addr().unwrap(), from);
            assert_eq!(stream.local_addr().unwrap(), SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        });
    }

    #[test]
    fn a_dropped_accept_loses_no_connection() {
        online(|| async {
            let (listener, address) = listen().await;
            let asked = async {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.write_all(b"x").await.unwrap();
                stream
            };
            let accepted = async {
                loop {
                    if let Ok(accepted) = timeout(Duration::ZERO, listener.accept()).await {
                        return accepted.unwrap().0;
                    }
                    tokio::time::sleep(Duration::from_micros(10)).await;
                }
            };
            let (_asked, mut accepted) = join!(asked, accepted);
            assert_eq!(accepted.read_u8().await.unwrap(), b'x');
        });
    }

    #[test]
    fn what_is_not_accepted_when_the_listener_goes_is_reset() {
        online(|| async {
            let (listener, address) = listen().await;
            let mut stream = TcpStream::connect(address).await.unwrap();
            // Linux's backlog has it a moment later.
            tokio::time::sleep(SHORT).await;
            drop(listener);
            assert_eq!(kind(soon(stream.read_u8()).await), Some(ErrorKind::ConnectionReset));
        });
    }

    #[test]
    fn of_more_than_the_backlog_takes_the_last_waits() {
        online(|| async {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let listener = socket.listen(1).unwrap();
            let address = listener.local_addr().unwrap();
            let _first = soon(TcpStream::connect(address)).await.unwrap();
            let _second = soon(TcpStream::connect(address)).await.unwrap();
            let mut third = Box::pin(TcpStream::connect(address));
            assert!(timeout(SHORT, &mut third).await.is_err(), "there is no room");
            for _ in 0..2 {
                soon(listener.accept()).await.unwrap();
            }
            soon(third).await.unwrap();
        });
    }
}

mod connecting {
    use super::*;

    #[test]
    fn both_ends_know_each_other() {
        online(|| async {
            let (listener, address) = listen().await;
            let (asked, accepted) = join!(TcpStream::connect(address), listener.accept());
            let (asked, (accepted, from)) = (asked.unwrap(), accepted.unwrap());
            assert_eq!(asked.peer_addr().unwrap(), address);
            assert_eq!(asked.local_addr().unwrap(), from);
            assert_eq!(accepted.peer_addr().unwrap(), from);
            assert_eq!(accepted.local_addr().unwrap(), address);
        });
    }

    #[test]
    fn where_nobody_listens_it_is_refused() {
        online(|| async {
            let (listener, address) = listen().await;
            drop(listener);
            assert_eq!(kind(soon(TcpStream::connect(address)).await), Some(ErrorKind::ConnectionRefused));
            let bound = TcpSocket::new_v4().unwrap();
            bound.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let address = bound.local_addr().unwrap();
            assert_eq!(kind(soon(TcpStream::connect(address)).await), Some(ErrorKind::ConnectionRefused));
        });
    }

    #[test]
    fn of_several_addresses_the_first_that_takes_it_is_connected() {
        online(|| async {
            let (closed, nobody) = listen().await;
            let (_listener, address) = listen().await;
            drop(closed);
            let stream = soon(TcpStream::connect(&[nobody, address][..])).await.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), address);
        });
    }

    #[test]
    fn it_comes_from_where_the_socket_was_bound() {
        online(|| async {
            let (listener, address) = listen().await;
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_reuseaddr(true).unwrap();
            assert!(socket.reuseaddr().unwrap());
            socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let local = socket.local_addr().unwrap();
            let (asked, accepted) = join!(socket.connect(address), listener.accept());
            assert_eq!(asked.unwrap().local_addr().unwrap(), local);
            assert_eq!(accepted.unwrap().1, local);
        });
    }

    #[test]
    fn names_stand_for_addresses() {
        online(|| async {
            let mut found = lookup_host("localhost:80").await.unwrap();
            assert!(found.any(|address| address == SocketAddr::from((Ipv4Addr::LOCALHOST, 80))));
            let literal: Vec<_> = lookup_host(("127.0.0.1", 80)).await.unwrap().collect();
            assert_eq!(literal, [SocketAddr::from((Ipv4Addr::LOCALHOST, 80))]);
            let literal: Vec<_> = lookup_host("127.0.0.1:80".to_owned()).await.unwrap().collect();
            assert_eq!(literal, [SocketAddr::from((Ipv4Addr::LOCALHOST, 80))]);
            assert_eq!(kind(lookup_host("no port").await), Some(ErrorKind::InvalidInput));
            assert_eq!(kind(lookup_host("localhost:http").await), Some(ErrorKind::InvalidInput));
            let unknown = lookup_host("nobody.invalid:80").await.err().unwrap().kind();
            // std's kind for it has no stable name.
            assert_eq!(format!("{unknown:?}"), "Uncategorized");
        });
    }
}

mod bytes {
    use super::*;

    #[test]
    fn they_arrive_in_order_however_they_are_cut() {
        online(|| async {
            let (mut writer, mut reader) = pair().await;
            let sent = numbers(100_000);
            let expected = sent.clone();
            let write = async move {
                let mut rest = &sent[..];
                for size in (1..).map(|step| step * 37 % 9_001) {
                    let (part, left) = rest.split_at(size.min(rest.len()));
                    writer.write_all(part).await.unwrap();
                    rest = left;
                    if rest.is_empty() {
                        break;
                    }
                }
            };
            let read = async move {
                let mut got = Vec::new();
                reader.read_to_end(&mut got).await.unwrap();
                got
            };
            let ((), got) = join!(write, read);
            assert!(got == expected, "{} of {} bytes", got.len(), expected.len());
        });
    }

    #[test]
    fn several_buffers_are_written_one_after_the_other() {
        online(|| async {
            let (mut writer, mut reader) = pair().await;
            assert!(real_tokio::io::AsyncWrite::is_write_vectored(&writer));
            let slices = [IoSlice::new(b"one "), IoSlice::new(b""), IoSlice::new(b"two")];
            assert_eq!(writer.write_vectored(&slices).await.unwrap(), 7);
            drop(writer);
            let mut text = String::new();
            reader.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "one two");
        });
    }

    #[test]
    fn what_is_peeked_at_stays() {
        online(|| async {
            let (mut writer, mut reader) = pair().await;
            writer.write_all(b"x").await.unwrap();
            let mut bytes = [0; 2];
            assert_eq!(reader.peek(&mut bytes).await.unwrap(), 1);
            assert_eq!(reader.peek(&mut bytes).await.unwrap(), 1);
            assert_eq!(reader.read(&mut bytes).await.unwrap(), 1);
            assert_eq!(bytes[0], b'x');
            drop(writer);
            assert_eq!(reader.peek(&mut bytes).await.unwrap(), 0);
        });
    }

    #[test]
    fn what_is_tried_does_not_wait() {
        online(|| async {
            let (writer, reader) = pair().await;
            let mut bytes = [0; 2];
            assert_eq!(kind(reader.try_read(&mut bytes)), Some(ErrorKind::WouldBlock));
            soon(writer.writable()).await.unwrap();
            assert_eq!(writer.try_write(b"ab").unwrap(), 2);
            let mut got = Vec::<u8>::new();
            while got.len() < 2 {
                soon(reader.readable()).await.unwrap();
                match reader.try_read(&mut bytes) {
                    Ok(count) => got.extend(&bytes[..count]),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
                }
            }
            assert_eq!(got, b"ab");
        });
    }

    #[test]
    fn a_writer_waits_for_a_slow_reader() {
        online(|| async {
            let (writer, mut reader) = pair().await;
            let total = fill(&writer).await;
            assert!(total >= 4_096, "there is some room: {total}");
            let mut bytes = vec![0; total];
            soon(reader.read_exact(&mut bytes)).await.unwrap();
            soon(writer.writable()).await.unwrap();
        });
    }

    #[test]
    fn a_dropped_read_loses_nothing() {
        online(|| async {
            let (mut writer, mut reader) = pair().await;
            let sent = numbers(500);
            let expected = sent.clone();
            let write = async move {
                for part in sent.chunks(100) {
                    writer.write_all(part).await.unwrap();
                    tokio::task::yield_now().await;
                }
            };
            let read = async move {
                let (mut got, mut bytes) = (Vec::<u8>::new(), [0; 64]);
                loop {
                    match timeout(Duration::from_micros(20), reader.read(&mut bytes)).await {
                        Ok(Ok(0)) => return got,
                        Ok(read) => got.extend(&bytes[..read.unwrap()]),
                        Err(_) => {}
                    }
                }
            };
            let ((), got) = join!(write, read);
            assert_eq!(got, expected);
        });
    }

    #[test]
    fn both_ways_are_each_one_s_own() {
        online(|| async {
            let (mut one, mut other) = pair().await;
            let copied = join!(async { one.write_all(b"to").await }, async { other.write_all(b"fro").await });
            copied.0.unwrap();
            copied.1.unwrap();
            let (mut to, mut fro) = ([0; 2], [0; 3]);
            other.read_exact(&mut to).await.unwrap();
            one.read_exact(&mut fro).await.unwrap();
            assert_eq!((&to, &fro), (b"to", b"fro"));
        });
    }

    #[test]
    fn a_proxy_copies_both_ways_until_both_have_ended() {
        online(|| async {
            let (mut client, mut front) = pair().await;
            let (mut back, mut server) = pair().await;
            let proxy = async { real_tokio::io::copy_bidirectional(&mut front, &mut back).await.unwrap() };
            let ask = async {
                client.write_all(b"question").await.unwrap();
                client.shutdown().await.unwrap();
                let mut answer = String::new();
                client.read_to_string(&mut answer).await.unwrap();
                answer
            };
            let answer = async {
                let mut question = String::new();
                server.read_to_string(&mut question).await.unwrap();
                server.write_all(format!("{question}?").as_bytes()).await.unwrap();
                server.shutdown().await.unwrap();
            };
            let (counts, answer, ()) = join!(proxy, ask, answer);
            assert_eq!((counts, answer.as_str()), ((8, 9), "question?"));
        });
    }
}

mod endings {
    use super::*;

    #[test]
    fn after_what_was_written_a_dropped_stream_is_at_its_end() {
        online(|| async {
            let (mut writer, mut reader) = pair().await;
            writer.write_all(b"last").await.unwrap();
            drop(writer);
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).await.unwrap();
            assert_eq!(bytes, b"last");
            assert_eq!(reader.read(&mut [0]).await.unwrap(), 0, "and stays there");
        });
    }

    #[test]
    fn a_read_that_waits_learns_of_the_end() {
        online(|| async {
            let (writer, mut reader) = pair().await;
            let end = async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                drop(writer);
            };
            let mut byte = [0];
            let (read, ()) = join!(soon(reader.read(&mut byte)), end);
            assert_eq!(read.unwrap(), 0);
        });
    }

    #[test]
    fn one_way_may_end_and_the_other_go_on() {
        online(|| async {
            let (mut one, mut other) = pair().await;
            one.write_all(b"x").await.unwrap();
            one.shutdown().await.unwrap();
            one.shutdown().await.unwrap();
            assert_eq!(kind(one.write(b"y").await), Some(ErrorKind::BrokenPipe));
            let mut bytes = Vec::new();
            other.read_to_end(&mut bytes).await.unwrap();
            assert_eq!(bytes, b"x");
            other.write_all(b"answer").await.unwrap();
            drop(other);
            let mut answer = String::new();
            one.read_to_string(&mut answer).await.unwrap();
            assert_eq!(answer, "answer");
        });
    }

    #[test]
    fn what_is_left_unread_resets_the_connection() {
        online(|| async {
            let (mut one, other) = pair().await;
            one.write_all(b"unread").await.unwrap();
            soon(other.peek(&mut [0])).await.unwrap();
            drop(other);
            assert_eq!(kind(soon(one.read(&mut [0])).await), Some(ErrorKind::ConnectionReset));
            assert_eq!(one.read(&mut [0]).await.unwrap(), 0, "told once");
            assert_eq!(kind(one.write(b"x").await), Some(ErrorKind::BrokenPipe));
            assert_eq!(kind(one.peer_addr()), Some(ErrorKind::NotConnected));
            one.shutdown().await.unwrap();
        });
    }

    #[test]
    fn what_came_before_a_reset_can_be_read() {
        online(|| async {
            let (mut one, mut other) = pair().await;
            one.write_all(b"unread").await.unwrap();
            soon(other.peek(&mut [0])).await.unwrap();
            other.write_all(b"x").await.unwrap();
            soon(one.readable()).await.unwrap();
            drop(other);
            let mut bytes = [0; 2];
            // The reset is there when nothing can be written any more.
            loop {
                match one.try_write(b"y") {
                    Ok(_) => tokio::time::sleep(Duration::from_micros(50)).await,
                    Err(error) => break assert_eq!(error.kind(), ErrorKind::ConnectionReset),
                }
            }
            assert_eq!(one.read(&mut bytes).await.unwrap(), 1);
            assert_eq!(one.read(&mut bytes).await.unwrap(), 0, "its error was told to the writer");
        });
    }

    #[test]
    fn writing_to_one_who_has_closed_breaks_the_pipe() {
        online(|| async {
            let (mut one, other) = pair().await;
            drop(other);
            assert_eq!(soon(one.read(&mut [0])).await.unwrap(), 0);
            assert_eq!(one.write(b"x").await.unwrap(), 1, "it is taken");
            let broken = async {
                loop {
                    if let Err(error) = one.write(b"x").await {
                        return error.kind();
                    }
                    tokio::time::sleep(Duration::from_micros(50)).await;
                }
            };
            assert_eq!(soon(broken).await, ErrorKind::BrokenPipe);
            assert_eq!(one.read(&mut [0]).await.unwrap(), 0, "of its end it was told");
        });
    }

    #[test]
    fn a_write_that_waits_learns_of_a_reset() {
        online(|| async {
            let (mut writer, reader) = pair().await;
            fill(&writer).await;
            let go = async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                drop(reader);
            };
            let block = vec![0; 1 << 20];
            let (written, ()) = join!(soon(writer.write_all(&block)), go);
            assert_eq!(kind(written), Some(ErrorKind::ConnectionReset));
        });
    }

    #[test]
    fn without_lingering_a_stream_ends_in_a_reset() {
        online(|| async {
            let (one, mut other) = pair().await;
            one.set_zero_linger().unwrap();
            assert_eq!(one.linger().unwrap(), Some(Duration::ZERO));
            drop(one);
            assert_eq!(kind(soon(other.read(&mut [0])).await), Some(ErrorKind::ConnectionReset));
        });
    }

    #[test]
    fn an_error_is_told_once_to_whoever_asks_first() {
        online(|| async {
            let (one, mut other) = pair().await;
            assert!(other.take_error().unwrap().is_none());
            one.set_zero_linger().unwrap();
            assert_eq!(kind(other.try_read(&mut [0])), Some(ErrorKind::WouldBlock));
            drop(one);
            soon(other.readable()).await.unwrap();
            let error = other.take_error().unwrap().map(|error| error.kind());
            assert_eq!(error, Some(ErrorKind::ConnectionReset));
            assert_eq!(other.read(&mut [0]).await.unwrap(), 0);
        });
    }
}

mod halves {
    use super::*;

    #[test]
    fn borrowed_ones_read_and_write_at_once() {
        online(|| async {
            let (mut one, mut other) = pair().await;
            let sent = numbers(50_000);
            let expected = sent.clone();
            let echo = async {
                let (mut reader, mut writer) = other.split();
                real_tokio::io::copy(&mut reader, &mut writer).await.unwrap();
                writer.shutdown().await.unwrap();
            };
            let ask = async {
                let (mut reader, mut writer) = one.split();
                let mut got = Vec::new();
                let write = async {
                    writer.write_all(&sent).await.unwrap();
                    writer.shutdown().await.unwrap();
                };
                join!(write, async { reader.read_to_end(&mut got).await.unwrap() });
                got
            };
            let ((), got) = join!(echo, ask);
            assert!(got == expected, "{} bytes", got.len());
        });
    }

    #[test]
    fn a_dropped_half_to_write_ends_what_is_sent() {
        online(|| async {
            let (one, mut other) = pair().await;
            let (mut reader, writer) = one.into_split();
            drop(writer);
            assert_eq!(soon(other.read(&mut [0])).await.unwrap(), 0);
            other.write_all(b"x").await.unwrap();
            assert_eq!(soon(reader.read_u8()).await.unwrap(), b'x');
        });
    }

    #[test]
    fn one_that_is_forgotten_does_not() {
        online(|| async {
            let (one, mut other) = pair().await;
            let (reader, writer) = one.into_split();
            writer.forget();
            assert!(timeout(SHORT, other.read(&mut [0])).await.is_err());
            drop(reader);
            assert_eq!(soon(other.read(&mut [0])).await.unwrap(), 0);
        });
    }

    #[test]
    fn only_those_of_one_stream_are_reunited() {
        online(|| async {
            let (one, mut other) = pair().await;
            let (stranger, _peer) = pair().await;
            let (reader, writer) = one.into_split();
            let (strange_reader, strange_writer) = stranger.into_split();
            let error = reader.reunite(strange_writer).unwrap_err();
            let mut whole = error.0.reunite(writer).unwrap();
            strange_reader.reunite(error.1).unwrap();
            whole.write_all(b"x").await.unwrap();
            assert_eq!(other.read_u8().await.unwrap(), b'x');
        });
    }
}

#[test]
fn options_are_kept() {
    online(|| async {
        let (one, _other) = pair().await;
        one.set_nodelay(true).unwrap();
        one.set_ttl(7).unwrap();
        assert!(one.nodelay().unwrap());
        assert_eq!(one.ttl().unwrap(), 7);
        assert_eq!(one.linger().unwrap(), None);
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(10_000).unwrap();
        socket.set_recv_buffer_size(20_000).unwrap();
        assert_eq!((socket.send_buffer_size().unwrap(), socket.recv_buffer_size().unwrap()), (20_000, 40_000));
    });
}

#[test]
fn streams_may_be_sent_and_shared() {
    fn sent<T: Send + Sync + Unpin>() {}
    sent::<TcpListener>();
    sent::<TcpSocket>();
    sent::<TcpStream>();
    sent::<tokio::net::tcp::OwnedReadHalf>();
    sent::<tokio::net::tcp::OwnedWriteHalf>();
    sent::<tokio::net::tcp::ReadHalf<'_>>();
    sent::<tokio::net::tcp::WriteHalf<'_>>();
    fn future<T: Send>(_: T) {}
    future(TcpStream::connect("localhost:80"));
    future(TcpListener::bind(("localhost", 80)));
    future(lookup_host("localhost:80".to_owned()));
    future(async {
        let (stream, _) = TcpListener::bind("localhost:80").await?.accept().await?;
        let (mut reader, mut writer) = stream.into_split();
        real_tokio::io::copy(&mut reader, &mut writer).await
    });
}

mod datagrams {
    use super::*;

    async fn socket() -> UdpSocket {
        UdpSocket::bind("127.0.0.1:0").await.unwrap()
    }

    #[test]
    fn each_arrives_whole_and_says_where_it_comes_from() {
        online(|| async {
            let (one, other) = (socket().await, socket().await);
            let to = other.local_addr().unwrap();
            assert_eq!(one.send_to(b"first", to).await.unwrap(), 5);
            assert_eq!(one.try_send_to(b"", to).unwrap(), 0);
            assert_eq!(one.send_to(b"second", to.to_string()).await.unwrap(), 6);
            let mut bytes = [0; 16];
            let from = one.local_addr().unwrap();
            assert_eq!(soon(other.recv_from(&mut bytes)).await.unwrap(), (5, from));
            assert_eq!(&bytes[..5], b"first");
            assert_eq!(soon(other.recv_from(&mut bytes)).await.unwrap(), (0, from));
            assert_eq!(soon(other.recv_from(&mut bytes)).await.unwrap(), (6, from));
            assert_eq!(&bytes[..6], b"second");
        });
    }

    #[test]
    fn what_is_longer_than_the_buffer_is_cut_off() {
        online(|| async {
            let (one, other) = (socket().await, socket().await);
            let to = other.local_addr().unwrap();
            one.send_to(b"long", to).await.unwrap();
            one.send_to(b"next", to).await.unwrap();
            let mut bytes = [0; 2];
            assert_eq!(soon(other.recv(&mut bytes)).await.unwrap(), 2);
            assert_eq!(&bytes, b"lo");
            assert_eq!(soon(other.recv(&mut bytes)).await.unwrap(), 2);
            assert_eq!(&bytes, b"ne");
        });
    }

    #[test]
    fn what_is_peeked_at_stays() {
        online(|| async {
            let (one, other) = (socket().await, socket().await);
            one.send_to(b"x", other.local_addr().unwrap()).await.unwrap();
            let mut bytes = [0; 2];
            let from = one.local_addr().unwrap();
            assert_eq!(soon(other.peek_from(&mut bytes)).await.unwrap(), (1, from));
            assert_eq!(other.try_recv_from(&mut bytes).unwrap(), (1, from));
            assert_eq!(kind(other.try_recv_from(&mut bytes)), Some(ErrorKind::WouldBlock));
        });
    }

    #[test]
    fn who_is_connected_hears_nobody_else() {
        online(|| async {
            let (one, other, stranger) = (socket().await, socket().await, socket().await);
            assert_eq!(kind(one.peer_addr()), Some(ErrorKind::NotConnected));
            one.connect(other.local_addr().unwrap()).await.unwrap();
            assert_eq!(one.peer_addr().unwrap(), other.local_addr().unwrap());
            stranger.send_to(b"strange", one.local_addr().unwrap()).await.unwrap();
            assert_eq!(one.send(b"question").await.unwrap(), 8);
            let mut bytes = [0; 16];
            let (count, from) = soon(other.recv_from(&mut bytes)).await.unwrap();
            other.send_to(&bytes[..count], from).await.unwrap();
            assert_eq!(soon(one.recv(&mut bytes)).await.unwrap(), 8);
            assert_eq!(&bytes[..8], b"question");
            assert_eq!(kind(one.try_recv(&mut bytes)), Some(ErrorKind::WouldBlock));
        });
    }

    #[test]
    fn who_is_connected_to_nobody_is_told() {
        online(|| async {
            let (one, other) = (socket().await, socket().await);
            let nobody = other.local_addr().unwrap();
            drop(other);
            one.send_to(b"x", nobody).await.unwrap();
            assert!(timeout(SHORT, one.recv(&mut [0])).await.is_err(), "unless connected");
            one.connect(nobody).await.unwrap();
            one.send(b"x").await.unwrap();
            assert_eq!(kind(soon(one.recv(&mut [0])).await), Some(ErrorKind::ConnectionRefused));
            assert!(timeout(SHORT, one.recv(&mut [0])).await.is_err(), "told once");
        });
    }

    #[test]
    fn a_port_is_one_socket_s() {
        online(|| async {
            let one = socket().await;
            let address = one.local_addr().unwrap();
            assert_eq!(kind(UdpSocket::bind(address).await), Some(ErrorKind::AddrInUse));
            let _stream = TcpListener::bind(address).await.unwrap();
            drop(one);
            UdpSocket::bind(address).await.unwrap();
        });
    }

    #[test]
    fn without_an_address_and_at_too_great_length_nothing_is_sent() {
        online(|| async {
            let (one, other) = (socket().await, socket().await);
            assert_eq!(one.send(b"x").await.unwrap_err().raw_os_error(), Some(89), "EDESTADDRREQ");
            let long = vec![0; 65_508];
            let error = one.send_to(&long, other.local_addr().unwrap()).await.unwrap_err();
            assert_eq!(error.raw_os_error(), Some(90), "EMSGSIZE");
            assert_eq!(one.send_to(&long[1..], other.local_addr().unwrap()).await.unwrap(), 65_507);
            assert_eq!(soon(other.recv(&mut vec![0; 65_536])).await.unwrap(), 65_507);
        });
    }

    #[test]
    fn what_nobody_reads_is_lost_at_some_point() {
        online(|| async {
            let (one, other) = (socket().await, socket().await);
            let block = [1; 8_192];
            for _ in 0..200 {
                one.send_to(&block, other.local_addr().unwrap()).await.unwrap();
            }
            tokio::time::sleep(SHORT).await;
            let mut bytes = [0; 8_192];
            let received = std::iter::from_fn(|| other.try_recv(&mut bytes).ok()).count();
            assert!((1..200).contains(&received), "{received} of 200");
        });
    }

    #[test]
    fn a_socket_may_be_sent_and_shared() {
        fn sent<T: Send + Sync + Unpin>() {}
        sent::<UdpSocket>();
        fn future<T: Send>(_: T) {}
        future(UdpSocket::bind("localhost:80"));
        future(async { UdpSocket::bind("localhost:80").await?.recv_from(&mut [0]).await });
    }
}
