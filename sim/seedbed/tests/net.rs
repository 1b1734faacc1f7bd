//! The network between machines: what a peer sees of a death, what faults do, and that all of it replays.
#![cfg(not(real_side))]

use seedbed::{
    Case, FindingKind, Machine, NetFault, Outcome, Scenario, Threads, Violation, World,
    decision::{Site, ratio},
    ensure,
    history::{Event, NetAct},
    net::{TcpListener, TcpSocket, TcpStream, UdpSocket, lookup_host},
    run_case, sweep,
    task::spawn,
    time::{sleep, timeout},
};
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    future::{Future, pending},
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const SEEDS: Range<u64> = 0..200;
const HOUR: Duration = Duration::from_secs(3_600);
/// What a resent segment is late by at least.
const RESENT: Duration = Duration::from_millis(200);

/// Runs `work` as a process of the machine to its end.
async fn on<T: 'static>(machine: Machine, work: impl Future<Output = T> + 'static) -> T {
    machine.node().spawn("process", work).await.expect("nobody kills it")
}

/// All that `body` comes to, over the seeds.
fn seen<F, T>(body: impl Fn(World) -> F + Sync) -> BTreeSet<T>
where
    F: Future<Output = Result<T, Violation>> + 'static,
    T: Ord + Send + 'static,
{
    let seen: Arc<Mutex<BTreeSet<T>>> = Arc::default();
    let report = sweep("seen", SEEDS, |world| {
        let (body, seen) = (body(world), seen.clone());
        async move {
            let value = body.await?;
            seen.lock().unwrap().insert(value);
            Ok(())
        }
    });
    report.assert_clean();
    Arc::into_inner(seen).expect("all runs are over").into_inner().unwrap()
}

/// Sends back whatever comes, at port 80.
async fn echo() -> io::Result<()> {
    let listener = TcpListener::bind("0.0.0.0:80").await?;
    loop {
        let (mut stream, _) = listener.accept().await?;
        spawn(async move {
            let (mut reader, mut writer) = stream.split();
            tokio::io::copy(&mut reader, &mut writer).await?;
            writer.shutdown().await
        });
    }
}

/// Takes connections at port 80 and keeps them.
async fn keep() -> io::Result<()> {
    let listener = TcpListener::bind("0.0.0.0:80").await?;
    let mut kept = Vec::new();
    loop {
        kept.push(listener.accept().await?);
    }
}

async fn ask(whom: &str, question: &str) -> io::Result<String> {
    let mut stream = connect(whom).await?;
    stream.write_all(question.as_bytes()).await?;
    stream.shutdown().await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// Connects, to one who may only just have begun to listen.
async fn connect(whom: &str) -> io::Result<TcpStream> {
    loop {
        match TcpStream::connect((whom, 80)).await {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => sleep(Duration::from_millis(1)).await,
            connected => return connected,
        }
    }
}

async fn read(stream: &mut TcpStream) -> Result<usize, ErrorKind> {
    stream.read(&mut [0; 64]).await.map_err(|error| error.kind())
}

fn kind<T>(result: io::Result<T>) -> Result<T, ErrorKind> {
    result.map_err(|error| error.kind())
}

mod machines {
    use super::*;

    #[test]
    fn each_has_an_address_and_is_found_by_its_names() {
        let report = sweep("names", 0..20, |world: World| async move {
            let (store, client) = (world.machine_named("store"), world.machine());
            ensure!(store.ip() == Ipv4Addr::new(10, 0, 0, 1) && client.ip() == Ipv4Addr::new(10, 0, 0, 2));
            store.node().spawn("echo", echo());
            for name in ["store", "machine-1", "10.0.0.1"] {
                ensure!(on(client, ask(name, "hello")).await? == "hello", "{name}");
            }
            ensure!(ask("store", "the scenario is on a machine too").await?.len() == 32);
            world.new_node().spawn("echo", echo());
            ensure!(on(client, ask("machine-0", "hello")).await? == "hello");
            let found: Vec<_> = lookup_host("machine-2:1").await?.collect();
            ensure!(found == [SocketAddr::from((client.ip(), 1))], "{found:?}");
            Ok(())
        });
        report.assert_clean();
    }

    #[test]
    fn each_has_an_address_of_ipv6_too() {
        let report = sweep("six", 0..20, |world: World| async move {
            let [store, client] = [world.machine_named("store"), world.machine()];
            ensure!(store.ipv6().to_string() == "fd00::a00:1", "{}", store.ipv6());
            drop(store.node().spawn("store", async {
                let listener = TcpListener::bind("[::]:80").await?;
                while let Ok((mut stream, from)) = listener.accept().await {
                    stream.write_all(from.ip().to_string().as_bytes()).await?;
                }
                io::Result::Ok(())
            }));
            let asked = on(client, async move {
                sleep(Duration::from_secs(10)).await;
                let mut seen = Vec::new();
                for ip in [IpAddr::from(store.ipv6()), store.ip().into()] {
                    let mut from = String::new();
                    TcpStream::connect((ip, 80)).await?.read_to_string(&mut from).await?;
                    seen.push(from);
                }
                world.cut(&client, &store);
                let cut = kind(TcpStream::connect((store.ipv6(), 80)).await).err();
                world.mend(&client, &store);
                let nobody = kind(TcpStream::connect("[fd00::a00:63]:80").await).err();
                let nowhere = kind(TcpStream::connect("[2001:db8::1]:80").await).err();
                let bound = TcpSocket::new_v4()?;
                bound.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
                let from_loopback = kind(bound.connect((store.ip(), 80).into()).await).err();
                let datagrams = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                let letters_from_loopback = kind(datagrams.connect((store.ip(), 80)).await).err();
                let everywhere = UdpSocket::bind("0.0.0.0:53").await?;
                let taken = kind(UdpSocket::bind((client.ip(), 53)).await).err();
                everywhere.connect("127.0.0.1:9").await?;
                let bound_by_its_peer = kind(UdpSocket::bind((client.ip(), 53)).await).err();
                assert_eq!((taken, bound_by_its_peer), (Some(ErrorKind::AddrInUse), None));
                io::Result::Ok((seen, [cut, nobody, nowhere, from_loopback, letters_from_loopback]))
            });
            let (seen, errors) = asked.await?;
            ensure!(seen == [client.ipv6().to_string(), format!("::ffff:{}", client.ip())], "{seen:?}");
            let expected = [
                ErrorKind::TimedOut,
                ErrorKind::HostUnreachable,
                ErrorKind::NetworkUnreachable,
                ErrorKind::InvalidInput,
                ErrorKind::InvalidInput,
            ];
            ensure!(errors == expected.map(Some), "{errors:?}");
            Ok(())
        });
        report.assert_clean();
    }

    #[test]
    fn a_name_is_one_machine_s() {
        seedbed::run_calm("names", |world| async move {
            let _store = world.machine_named("store");
            for (name, why) in [
                ("store", "two machines cannot both be named `store`"),
                ("machine-7", "a machine cannot be named `machine-7`"),
                ("localhost", "a machine cannot be named `localhost`"),
                ("a b", "a machine cannot be named `a b`"),
            ] {
                let panic = catch_unwind(AssertUnwindSafe(|| world.machine_named(name))).unwrap_err();
                ensure!(panic.downcast_ref::<String>().is_some_and(|said| said == why), "{name}");
            }
            Ok(())
        })
        .assert_clean();
    }

    #[test]
    fn what_can_match_nothing_panics() {
        seedbed::run_calm("nothing", |world| async move {
            let machine = world.machine();
            for refused in [
                catch_unwind(AssertUnwindSafe(|| world.may_partition(&machine, &machine, ratio(1, 1)))),
                catch_unwind(AssertUnwindSafe(|| world.cut(&machine, &machine))),
            ] {
                let panic = refused.unwrap_err();
                let said = panic.downcast_ref::<&str>().copied().unwrap_or_default();
                ensure!(said.contains("was given one machine twice"), "{said}");
            }
            Ok(())
        })
        .assert_clean();
    }

    #[test]
    fn a_machine_of_another_world_is_none_of_this_one() {
        static KEPT: Mutex<Option<Machine>> = Mutex::new(None);
        seedbed::run_calm("keeps", |world| async move {
            *KEPT.lock().unwrap() = Some(world.machine());
            Ok(())
        })
        .assert_clean();
        seedbed::run_calm("uses it", |world| async move {
            let stranger = KEPT.lock().unwrap().take().expect("it was kept");
            let panic = catch_unwind(AssertUnwindSafe(|| world.cut(&stranger, &world.machine()))).unwrap_err();
            let said = panic.downcast_ref::<&str>().copied().unwrap_or_default();
            ensure!(said == "a machine was used in another world than its own", "{said}");
            Ok(())
        })
        .assert_clean();
    }

    #[test]
    fn processes_share_their_machine_s_ports_and_its_loopback() {
        let report = sweep("ports", 0..20, |world: World| async move {
            let (one, other) = (world.machine(), world.machine());
            let inside = async || TcpListener::bind("127.0.0.1:80").await;
            let listener = on(one, inside()).await?;
            let second = on(one, inside()).await.err().map(|error| error.kind());
            ensure!(second == Some(ErrorKind::AddrInUse), "{second:?}");
            let elsewhere = on(other, inside()).await?;
            let asked = on(one, async { TcpStream::connect("localhost:80").await.map(drop) });
            ensure!(asked.await.is_ok(), "another process of the machine");
            let asked = on(other, async { kind(TcpStream::connect("machine-1:80").await).err() });
            ensure!(asked.await == Some(ErrorKind::ConnectionRefused), "the loopback is nobody else's");
            drop((listener, elsewhere));
            Ok(())
        });
        report.assert_clean();
    }

    #[test]
    fn there_is_no_way_to_where_no_machine_is() {
        let report = sweep("nowhere", 0..20, |world: World| async move {
            let unknown = kind(TcpStream::connect("10.0.0.9:80").await).err();
            ensure!(unknown == Some(ErrorKind::HostUnreachable), "{unknown:?}");
            ensure!(world.now().as_nanos() >= 3_000_000_000, "nobody answers for three seconds");
            let outside = kind(TcpStream::connect("192.0.2.1:80").await).err();
            ensure!(outside == Some(ErrorKind::NetworkUnreachable), "{outside:?}");
            Ok(())
        });
        report.assert_clean();
    }
}

mod borders {
    use super::*;
    use seedbed::net::{UnixListener, UnixStream};
    use std::os::{fd::OwnedFd, unix::net::UnixStream as RealPair};

    fn said(refused: impl Future) -> String {
        let waker = std::task::Waker::noop();
        let mut refused = std::pin::pin!(refused);
        let polled = AssertUnwindSafe(|| refused.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_ready());
        let panic = catch_unwind(polled).expect_err("it is refused");
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    }

    #[test]
    fn a_socket_that_was_set_up_by_other_means_is_one_of_the_world() {
        let report = sweep("set up", 0..20, |world: World| async move {
            world.machine_named("store").node().spawn("echo", echo());
            sleep(Duration::from_millis(100)).await;
            let unbound: OwnedFd = RealPair::pair()?.0.into();
            let mut stream = TcpSocket::from_std_stream(unbound.into()).connect(([10, 0, 0, 1], 80).into()).await?;
            stream.write_all(b"hello").await?;
            stream.shutdown().await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            ensure!(answer == "hello");
            Ok(())
        });
        report.assert_clean();
    }

    #[test]
    fn one_that_is_bound_on_a_real_network_is_refused() {
        let real = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let connected = std::net::TcpStream::connect(real.local_addr().unwrap()).unwrap();
        let said = said(async { drop(TcpSocket::from_std_stream(connected)) });
        assert_eq!(said, "a TcpSocket was made of a real one that is bound, on a network that no world is on");
    }

    #[test]
    fn sockets_of_paths_are_refused_by_name() {
        let connecting = said(async { drop(UnixStream::connect("/socket").await) });
        assert!(connecting.starts_with("tokio::net::UnixStream::connect is not supported"), "{connecting}");
        let binding = said(async { drop(UnixListener::bind("/socket")) });
        assert!(binding.starts_with("tokio::net::UnixListener::bind is not supported"), "{binding}");
    }
}

mod deaths {
    use super::*;

    /// What a client has to say after `then` has happened to who accepted its connection.
    async fn after<T: 'static, F: Future<Output = T> + 'static>(
        world: World,
        sent: &'static [u8],
        then: impl FnOnce(Machine, seedbed::Node) + 'static,
        client: impl FnOnce(TcpStream, Machine) -> F + 'static,
    ) -> Result<T, Violation> {
        let (store, machine) = (world.machine_named("store"), world.machine());
        let node = store.node();
        node.spawn("keep", keep());
        Ok(on(machine, async move {
            let mut stream = connect("store").await?;
            stream.write_all(sent).await?;
            sleep(Duration::from_secs(1)).await;
            then(store, node);
            io::Result::Ok(client(stream, store).await)
        })
        .await?)
    }

    #[test]
    fn of_a_killed_process_peers_see_the_end() {
        let seen = seen(|world| {
            after(
                world,
                b"",
                |_, node| node.kill(),
                |mut stream, _| async move {
                    let first = read(&mut stream).await;
                    let refused = kind(TcpStream::connect("store:80").await).err();
                    (first, refused)
                },
            )
        });
        assert_eq!(seen, [(Ok(0), Some(ErrorKind::ConnectionRefused))].into());
    }

    #[test]
    fn of_one_that_has_not_read_all_they_see_a_reset() {
        let seen = seen(|world| {
            after(
                world,
                b"unread",
                |_, node| node.kill(),
                |mut stream, _| async move {
                    let first = read(&mut stream).await;
                    (first, read(&mut stream).await, kind(stream.write(b"x").await))
                },
            )
        });
        assert_eq!(seen, [(Err(ErrorKind::ConnectionReset), Ok(0), Err(ErrorKind::BrokenPipe))].into());
    }

    #[test]
    fn of_one_that_is_killed_before_it_accepts_too() {
        let seen = seen(|world| async move {
            let (store, machine) = (world.machine_named("store"), world.machine());
            let node = store.node();
            node.spawn("deaf", async {
                let _listener = TcpListener::bind("0.0.0.0:80").await;
                pending::<()>().await;
            });
            Ok(on(machine, async move {
                let mut stream = connect("store").await?;
                sleep(Duration::from_secs(1)).await;
                node.kill();
                io::Result::Ok(read(&mut stream).await)
            })
            .await?)
        });
        assert_eq!(seen, [Err(ErrorKind::ConnectionReset)].into());
    }

    #[test]
    fn of_a_power_loss_they_see_nothing() {
        let seen = seen(|world| {
            after(
                world,
                b"",
                |store, _| store.lose_power(),
                |mut stream, _| async move { timeout(24 * HOUR, read(&mut stream)).await.is_err() },
            )
        });
        assert_eq!(seen, [true].into());
    }

    #[test]
    fn until_they_send_and_the_machine_is_up_again() {
        let seen = seen(|world| {
            after(
                world,
                b"",
                |store, _| store.lose_power(),
                |mut stream, store| async move {
                    stream.write_all(b"is anybody there?").await.unwrap();
                    let silent = timeout(Duration::from_secs(60), read(&mut stream)).await.is_err();
                    store.node().spawn("keep", keep());
                    let then = timeout(Duration::from_secs(121), read(&mut stream)).await;
                    (silent, then.ok())
                },
            )
        });
        assert_eq!(seen, [(true, Some(Err(ErrorKind::ConnectionReset)))].into());
    }

    #[test]
    fn or_until_their_kernel_gives_up() {
        let seen = seen(|world| {
            after(
                world,
                b"",
                |store, _| store.lose_power(),
                |mut stream, _| async move {
                    stream.write_all(b"is anybody there?").await.unwrap();
                    let before = seedbed::time::Instant::now();
                    let first = read(&mut stream).await;
                    (first, before.elapsed().as_secs(), kind(TcpStream::connect("store:80").await).err())
                },
            )
        });
        assert_eq!(seen, [(Err(ErrorKind::TimedOut), 924, Some(ErrorKind::TimedOut))].into());
    }

    #[test]
    fn a_writer_that_waits_for_room_learns_of_a_power_loss_too() {
        let seen = seen(|world| {
            after(
                world,
                b"",
                |_, _| {},
                |mut stream, store| async move {
                    let block = vec![0; 1 << 20];
                    let waits = timeout(HOUR, stream.write_all(&block)).await.is_err();
                    store.lose_power();
                    (waits, kind(stream.write_all(&block).await).err())
                },
            )
        });
        assert_eq!(seen, [(true, Some(ErrorKind::TimedOut))].into());
    }

    #[test]
    fn a_gentle_stop_closes_what_was_open() {
        let seen = seen(|world| {
            after(world, b"", |_, node| node.stop(), |mut stream, _| async move { read(&mut stream).await })
        });
        assert_eq!(seen, [Ok(0)].into());
    }
}

mod links {
    use super::*;

    async fn two(world: World) -> (Machine, Machine) {
        let (store, client) = (world.machine_named("store"), world.machine());
        store.node().spawn("echo", echo());
        (store, client)
    }

    #[test]
    fn what_a_cut_link_has_lost_arrives_once_it_is_mended() {
        let report = sweep("cut", SEEDS, |world: World| async move {
            let (store, client) = two(world).await;
            let (there, back) = (world.draw(WAY, &(0..3)) != 1, world.draw(WAY, &(0..3)) != 2);
            let asked = client.node().spawn("client", async move {
                let mut stream = connect("store").await?;
                if there {
                    world.cut(&client, &store);
                }
                if back {
                    world.cut(&store, &client);
                }
                let before = world.now();
                stream.write_all(b"one ").await?;
                stream.write_all(b"two").await?;
                stream.shutdown().await?;
                let mut answer = String::new();
                stream.read_to_string(&mut answer).await?;
                io::Result::Ok((answer, world.now().duration_since(before)))
            });
            sleep(Duration::from_secs(30)).await;
            ensure!(asked.is_finished() != (there || back), "it is cut, if it is");
            world.mend(&client, &store);
            world.mend(&store, &client);
            let (answer, took) = asked.await??;
            ensure!(answer == "one two", "{answer}");
            ensure!(!(there || back) || took > Duration::from_secs(29), "{took:?}");
            Ok(())
        });
        report.assert_clean();
    }

    const WAY: Site = Site::new("way");

    #[test]
    fn who_asks_over_a_cut_link_is_connected_once_it_is_mended_or_gives_up() {
        let report = sweep("cut before", 0..50, |world: World| async move {
            let (store, client) = two(world).await;
            sleep(Duration::from_secs(1)).await;
            world.cut(&client, &store);
            let asked = client.node().spawn("client", ask("store", "hello"));
            sleep(Duration::from_secs(20)).await;
            world.mend(&client, &store);
            ensure!(asked.await?? == "hello");
            world.cut(&store, &client);
            let asked = on(client, async { kind(ask("store", "hello").await) }).await;
            ensure!(asked == Err(ErrorKind::TimedOut), "{asked:?}");
            Ok(())
        });
        report.assert_clean();
    }

    #[test]
    fn who_never_hears_that_it_arrived_gives_up() {
        let report = sweep("unheard", 0..50, |world: World| async move {
            let (store, client) = (world.machine_named("store"), world.machine());
            let arrived = store.node().spawn("store", async {
                let listener = TcpListener::bind("0.0.0.0:80").await?;
                let (mut stream, _) = listener.accept().await?;
                stream.read_exact(&mut [0; 5]).await?;
                io::Result::Ok(stream)
            });
            let said = on(client, async move {
                let mut stream = connect("store").await?;
                world.cut(&store, &client);
                stream.write_all(b"hello").await?;
                let before = world.now();
                let read = read(&mut stream).await;
                io::Result::Ok((read, world.now().duration_since(before).as_secs()))
            });
            let (read, after) = said.await?;
            ensure!(read == Err(ErrorKind::TimedOut) && (924..930).contains(&after), "{read:?} after {after} s");
            arrived.await??;
            Ok(())
        });
        report.assert_clean();
    }

    #[test]
    fn who_never_hears_that_it_arrived_has_no_more_room_than_its_buffer() {
        let report = sweep("unheard at length", 0..50, |world: World| async move {
            let (store, client) = two(world).await;
            let asked = client.node().spawn("client", async move {
                let mut stream = connect("store").await?;
                let buffer = TcpSocket::new_v4()?.send_buffer_size()?;
                world.cut(&store, &client);
                let mut sent = 0;
                while let Ok(count) = timeout(Duration::from_secs(60), stream.write(&[0; 1_000])).await {
                    sent += count?;
                }
                world.mend(&store, &client);
                stream.write_all(&[0; 10_000]).await?;
                io::Result::Ok((sent, buffer as usize))
            });
            let (sent, buffer) = asked.await??;
            ensure!(sent == buffer, "{sent} bytes, where {buffer} have room");
            Ok(())
        });
        report.assert_clean();
    }

    #[test]
    fn what_was_lost_before_a_reset_is_never_sent_again_and_nor_is_the_reset() {
        let heard = seen(|world| async move {
            let (store, client) = (world.machine_named("store"), world.machine());
            let heard = store.node().spawn("store", async {
                let (mut stream, _) = TcpListener::bind("0.0.0.0:80").await?.accept().await?;
                io::Result::Ok(timeout(HOUR, read(&mut stream)).await.ok())
            });
            on(client, async move {
                let mut stream = connect("store").await?;
                world.cut(&client, &store);
                stream.write_all(b"lost").await?;
                stream.set_zero_linger()
            })
            .await?;
            world.mend(&client, &store);
            Ok(heard.await??)
        });
        assert_eq!(heard, [None].into(), "its peer knows nothing of it");
    }

    #[test]
    fn what_waits_for_room_comes_over_no_cut_link() {
        let report = sweep("blocked and cut", 0..50, |world: World| async move {
            let (store, client) = (world.machine_named("store"), world.machine());
            drop(store.node().spawn("sender", async {
                let (mut stream, _) = TcpListener::bind("0.0.0.0:80").await?.accept().await?;
                stream.write_all(&vec![7; 300_000]).await
            }));
            let counts = on(client, async move {
                let mut stream = connect("store").await?;
                sleep(Duration::from_secs(1)).await;
                world.cut(&store, &client);
                let mut there = 0;
                while let Ok(count) = timeout(Duration::from_secs(60), stream.read(&mut [0; 4_096])).await {
                    there += count?;
                }
                world.mend(&store, &client);
                let mut rest = Vec::new();
                stream.read_to_end(&mut rest).await?;
                io::Result::Ok((there, rest.len()))
            });
            let (there, rest) = counts.await?;
            ensure!(there <= 64 << 10 && there + rest == 300_000, "{there} over the cut link, then {rest}");
            Ok(())
        });
        report.assert_clean();
    }

    #[test]
    fn who_never_takes_a_connection_is_forgotten() {
        let report = sweep("half a handshake", 0..50, |world: World| async move {
            let (store, client) = (world.machine_named("store"), world.machine());
            let node = store.node();
            node.spawn("deaf", async {
                let _listener = TcpListener::bind("0.0.0.0:80").await;
                pending::<()>().await;
            });
            sleep(HOUR).await;
            world.cut(&store, &client);
            let asking = client.node();
            asking.spawn("client", TcpStream::connect("10.0.0.1:80"));
            sleep(Duration::from_secs(10)).await;
            ensure!(store.kept_sockets() == 2, "{} are kept: one listens, one is granted", store.kept_sockets());
            client.lose_power();
            sleep(HOUR).await;
            ensure!(store.kept_sockets() == 1, "{} are kept", store.kept_sockets());
            Ok(())
        });
        report.assert_clean();
    }

    #[test]
    fn partitions_begin_and_heal_and_nothing_is_lost() {
        let outcomes = seen(|world| async move {
            let (store, client) = two(world).await;
            world.may_partition(&store, &client, ratio(1, 1));
            on(client, async move {
                for nth in 0..100 {
                    match ask("store", &nth.to_string()).await {
                        Ok(answer) => ensure!(answer == nth.to_string(), "{nth}: {answer}"),
                        Err(error) => return Ok(Err(error.kind())),
                    }
                    sleep(Duration::from_millis(10)).await;
                }
                Ok(Ok(()))
            })
            .await
        });
        // Linux asks for a connection seven times at most, and grants one six times; who is out of luck meets a partition
        // each time.
        assert_eq!(outcomes, [Ok(()), Err(ErrorKind::TimedOut), Err(ErrorKind::ConnectionReset)].into());
    }

    /// When questions were answered that were asked every 10 ms under two partitions of a second each.
    async fn asked_under_partitions(world: World, settles: bool) -> Result<Vec<Duration>, Violation> {
        let (store, client) = two(world).await;
        sleep(Duration::from_millis(1)).await;
        world.may_partition(&store, &client, ratio(1, 1));
        if settles {
            world.settle().await;
        }
        let took = on(client, async move {
            let mut took = Vec::new();
            for _ in 0..50 {
                let before = world.now();
                ask("store", "hello").await?;
                took.push(world.now().duration_since(before));
                sleep(Duration::from_millis(10)).await;
            }
            io::Result::Ok(took)
        });
        Ok(took.await?)
    }

    fn under_partitions(settles: bool) -> Vec<Duration> {
        let decisions = [
            ("fault family / net.partition / 0", 1),
            ("net.partition / machine-1 and machine-2 / 0", 1),
            ("net.partition / machine-1 and machine-2 / 3", 1),
        ];
        let case = by_hand("partitions", &decisions);
        let took = Arc::new(Mutex::new(Vec::new()));
        let kept = took.clone();
        run_case(&case, move |world| {
            let kept = kept.clone();
            async move {
                let took = asked_under_partitions(world, settles).await?;
                *kept.lock().unwrap() = took;
                Ok(())
            }
        })
        .assert_clean();
        took.lock().unwrap().clone()
    }

    #[test]
    fn a_partition_makes_late_what_is_sent_while_it_lasts() {
        let took = under_partitions(false);
        let late: Vec<_> = took.iter().filter(|took| **took > Duration::from_millis(5)).collect();
        assert_eq!(late.len(), 2, "{took:?}");
        assert!(late.iter().all(|took| (Duration::from_secs(1)..Duration::from_secs(4)).contains(took)), "{late:?}");
    }

    #[test]
    fn once_faults_stop_nobody_is_cut_off() {
        let took = under_partitions(true);
        assert!(took.iter().all(|took| *took < Duration::from_millis(5)), "{took:?}");
    }
}

/// A case in which nothing happens but this.
fn by_hand(name: &str, decisions: &[(&str, u64)]) -> Case {
    let decisions = decisions.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    Case { seed: None, decisions, ..Case::of_seed(name, 0) }
}

mod faults {
    use super::*;

    /// What twenty questions come to, each asked once, in runs in which this fault is on.
    async fn asked_under(world: World, fault: NetFault) -> Result<BTreeSet<Result<(), ErrorKind>>, Violation> {
        let (store, client) = (world.machine_named("store"), world.machine());
        store.node().spawn("echo", echo());
        sleep(Duration::from_secs(1)).await;
        world.net_may_fail(fault, ratio(1, 1));
        let outcomes = on(client, async move {
            let mut outcomes = BTreeSet::new();
            for nth in 0..20 {
                let question = nth.to_string();
                let asked = async {
                    let mut stream = TcpStream::connect("store:80").await?;
                    stream.write_all(question.as_bytes()).await?;
                    stream.shutdown().await?;
                    let mut answer = String::new();
                    stream.read_to_string(&mut answer).await?;
                    io::Result::Ok(answer)
                };
                let outcome = match timeout(2 * HOUR, asked).await {
                    Ok(Ok(answer)) => {
                        ensure!(answer == question, "{answer}");
                        Ok(())
                    }
                    Ok(Err(error)) => Err(error.kind()),
                    Err(_) => Err(ErrorKind::Other),
                };
                outcomes.insert(outcome);
            }
            Ok(outcomes)
        });
        outcomes.await
    }

    fn all_under(fault: NetFault) -> BTreeSet<Result<(), ErrorKind>> {
        seen(|world| asked_under(world, fault)).into_iter().flatten().collect()
    }

    #[test]
    fn a_reset_is_a_reset() {
        assert_eq!(all_under(NetFault::Reset), [Ok(()), Err(ErrorKind::ConnectionReset)].into());
    }

    #[test]
    fn a_refusal_is_a_refusal() {
        assert_eq!(all_under(NetFault::Refuse), [Ok(()), Err(ErrorKind::ConnectionRefused)].into());
    }

    #[test]
    fn a_half_open_connection_is_silent_until_somebody_gives_up() {
        // `Other` stands for a client whose answer never comes, and who has nothing left to send. Who does is answered by
        // a reset, once the other end has given up.
        let silent = [ErrorKind::TimedOut, ErrorKind::ConnectionReset, ErrorKind::Other].map(Err);
        let expected = [vec![Ok(())], silent.to_vec()].concat();
        assert_eq!(all_under(NetFault::HalfOpen), expected.into_iter().collect());
    }

    #[test]
    fn a_lost_segment_comes_late() {
        assert_eq!(all_under(NetFault::Loss), [Ok(())].into());
        let took = |losses: &[(&str, u64)]| {
            let losses = [&[("fault family / net.loss / 0", 1)], losses].concat();
            let took = Arc::new(Mutex::new(Duration::ZERO));
            let kept = took.clone();
            run_case(&by_hand("loss", &losses), move |world: World| {
                let kept = kept.clone();
                async move {
                    let (store, client) = (world.machine_named("store"), world.machine());
                    store.node().spawn("echo", echo());
                    sleep(Duration::from_millis(1)).await;
                    world.net_may_fail(NetFault::Loss, ratio(1, 1));
                    let before = world.now();
                    on(client, ask("store", "hello")).await?;
                    *kept.lock().unwrap() = world.now().duration_since(before);
                    Ok(())
                }
            })
            .assert_clean();
            *took.lock().unwrap()
        };
        let (none, once) = (took(&[]), took(&[("net.loss / process/tcp/there / 0", 1)]));
        assert!(none < Duration::from_millis(5), "{none:?}");
        assert!((RESENT..RESENT * 2).contains(&once), "{once:?}");
    }

    async fn three_writes(world: World) -> seedbed::Result {
        let (store, client) = (world.machine_named("store"), world.machine());
        store.node().spawn("keep", keep());
        world.net_may_fail(NetFault::Loss, ratio(1, 1));
        on(client, async {
            let mut stream = connect("store").await?;
            for _ in 0..3 {
                stream.write_all(b"hello").await?;
            }
            io::Result::Ok(())
        })
        .await?;
        Ok(())
    }

    #[test]
    fn each_segment_is_lost_on_its_own() {
        const WRITES: Scenario =
            Scenario { name: "writes", run: |world, _| Box::pin(three_writes(world)), ..Scenario::CALM };
        let lost = [("fault family / net.loss / 0", 1), ("net.loss / process/tcp/there / 0", 1)];
        let outcome = WRITES.replay(&by_hand("writes", &lost)).unwrap();
        assert_eq!((outcome.injections, outcome.unmatched), (vec![("net.loss", 1)], vec![]));
    }

    #[test]
    fn a_slow_link_is_slow_for_all_that_goes_through_it() {
        let slow = seen(|world| async move {
            world.net_may_fail(NetFault::Slow, ratio(1, 1));
            let (store, client) = (world.machine_named("store"), world.machine());
            store.node().spawn("echo", echo());
            let took = on(client, async move {
                let question = "x".repeat(100_000);
                let before = world.now();
                let (one, other) = tokio::join!(ask("store", &question), ask("store", &question));
                ensure!(one? == question && other? == question);
                Ok(world.now().duration_since(before))
            });
            Ok(took.await? > Duration::from_secs(1))
        });
        assert_eq!(slow, [false, true].into());
    }

    /// What a kernel drops because its process is gone, it drops to the end: nothing that comes later fills the gap.
    #[test]
    fn before_a_reset_a_stream_has_no_gap() {
        fn bytes() -> impl Iterator<Item = u8> {
            (0_u32..200_000).flat_map(|number| number.to_le_bytes())
        }
        let received = seen(|world| async move {
            let [server, client] = [world.machine_named("server"), world.machine()];
            let sender = server.node();
            drop(sender.spawn("sender", async {
                let (mut stream, _) = TcpListener::bind("0.0.0.0:80").await?.accept().await?;
                stream.set_zero_linger()?;
                for chunk in bytes().collect::<Vec<_>>().chunks(4_096) {
                    // Its process may end at any of these.
                    timeout(Duration::from_millis(1), stream.write_all(chunk)).await??;
                }
                io::Result::Ok(())
            }));
            let all: Vec<u8> = on(client, async {
                // It may be over before it is taken.
                let Ok(mut stream) = connect("server").await else { return Vec::new() };
                let (mut all, mut part) = (Vec::new(), vec![0_u8; 16_384]);
                while let Ok(count @ 1..) = stream.read(&mut part).await {
                    all.extend(&part[..count]);
                    sleep(Duration::from_micros(500)).await;
                }
                all
            })
            .await;
            ensure!(bytes().zip(&all).all(|(sent, got)| sent == *got), "a gap in the first {} bytes", all.len());
            Ok(all.len())
        });
        assert!(received.len() > 20, "it ends everywhere: {received:?}");
    }

    /// However it is cut off, and whatever its peer sends meanwhile.
    #[test]
    fn a_stream_that_is_not_whole_ends_in_an_error() {
        const HOW: Site = Site::new("how it ends");
        const ANSWERS: Site = Site::new("whether it is answered");
        let ends = seen(|world| async move {
            let [server, client] = [world.machine_named("server"), world.machine()];
            let (how, answers) = (world.draw(HOW, &(0..3)), world.draw(ANSWERS, &(0..2)) == 1);
            let written = Rc::new(Cell::new(0));
            let sent = written.clone();
            drop(server.node().spawn("sender", async move {
                let (mut stream, _) = TcpListener::bind("0.0.0.0:80").await?.accept().await?;
                while let Ok(count) = timeout(Duration::from_millis(1), stream.write(&[7; 4_096])).await {
                    sent.set(sent.get() + count?);
                    if sent.get() > 300_000 {
                        break;
                    }
                }
                if how > 0 {
                    stream.shutdown().await?;
                }
                if how > 1 {
                    stream.set_zero_linger()?;
                }
                io::Result::Ok(())
            }));
            let (received, end) = on(client, async move {
                let Ok(mut stream) = connect("server").await else { return (0, false) };
                let mut received = 0;
                loop {
                    match stream.read(&mut [0; 16_384]).await {
                        Ok(0) => return (received, true),
                        Ok(count) => received += count,
                        Err(_) => return (received, false),
                    }
                    sleep(Duration::from_micros(500)).await;
                    // The one error may be the write's.
                    if answers && stream.write(&[1]).await.is_err() {
                        return (received, false);
                    }
                }
            })
            .await;
            let is_whole = received == written.get();
            ensure!(is_whole || !end, "{received} of {} bytes, and then the end", written.get());
            Ok((how, is_whole))
        });
        assert!([(0, false), (0, true), (1, false), (2, false)].iter().all(|end| ends.contains(end)), "{ends:?}");
    }

    #[test]
    fn a_read_may_be_short() {
        let counts = seen(|world| async move {
            let (store, client) = (world.machine_named("store"), world.machine());
            store.node().spawn("echo", echo());
            let count = on(client, async move {
                let mut stream = connect("store").await?;
                stream.write_all(&[1; 100]).await?;
                stream.read(&mut [0; 100]).await
            });
            Ok(count.await?)
        });
        assert!(counts.contains(&100) && counts.len() > 5, "{counts:?}");
    }
}

mod replay {
    use super::*;

    async fn storm(world: World) -> seedbed::Result {
        world.nets_may_fail(ratio(1, 2));
        let (store, client) = (world.machine_named("store"), world.machine());
        world.may_partition(&store, &client, ratio(1, 2));
        let serving = store.node();
        serving.spawn("echo", echo());
        let clients = world.spawn_each("driver", 0..4_u64, |number| async move {
            for nth in 0..5 {
                let asking = client.node().spawn("client", async move {
                    let _ = timeout(Duration::from_secs(5), ask("store", &format!("{number} {nth}"))).await;
                });
                let _ = asking.await;
            }
        });
        world.may_cancel(&clients);
        sleep(Duration::from_millis(20)).await;
        serving.kill();
        store.node().spawn("echo", echo());
        world.settle().await;
        Ok(())
    }

    const STORM: Scenario = Scenario { name: "storm", run: |world, _| Box::pin(storm(world)), ..Scenario::CALM };

    fn outcomes(seeds: Range<u64>, threads: &Threads) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        STORM
            .run_seeds(&Case::of_seed(STORM.name, 0), threads, seeds, |_, outcome| {
                assert_eq!(outcome.finding, None);
                outcomes.push(outcome);
                true
            })
            .unwrap();
        outcomes
    }

    #[test]
    fn one_seed_is_one_universe() {
        let digests = |threads| -> Vec<_> { outcomes(SEEDS, &threads).iter().map(|outcome| outcome.digest).collect() };
        let fresh = digests(Threads::Fresh);
        assert_eq!(fresh, digests(Threads::Fresh));
        assert_eq!(fresh, digests(Threads::reused()));
        let different: BTreeSet<_> = fresh.iter().map(ToString::to_string).collect();
        assert_eq!(different.len(), fresh.len());
    }

    #[test]
    fn every_fault_is_counted() {
        let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
        for outcome in outcomes(SEEDS, &Threads::Fresh) {
            for (family, count) in outcome.injections {
                *counted.entry(family).or_default() += count;
            }
        }
        for family in ["net.reset", "net.refuse", "net.half-open", "net.loss", "net.slow", "net.partition"] {
            assert!(counted.contains_key(family), "{family} is not among {counted:?}");
        }
    }

    #[test]
    fn what_travels_is_part_of_the_digest() {
        let digest = |question: &'static str| {
            let digests = Scenario {
                name: "digest",
                run: match question {
                    "hello" => |world, _| Box::pin(calm(world, "hello")),
                    _ => |world, _| Box::pin(calm(world, "hell0!")),
                },
                ..Scenario::CALM
            };
            digests.replay(&by_hand("digest", &[])).unwrap().digest
        };
        assert_eq!(digest("hello"), digest("hello"));
        assert_ne!(digest("hello"), digest("hell0!"), "one byte more, and no other event");
    }

    #[test]
    fn the_history_tells_of_a_connection_from_its_start_to_its_end() {
        let outcome = CALM.replay(&Case::of_seed(CALM.name, 7)).unwrap();
        let history = outcome.history.unwrap();
        let act = |(_, _, event)| if let Event::Net(event) = event { Some(event.act) } else { None };
        let acts: Vec<_> = history.iter().filter_map(act).collect();
        for act in [
            NetAct::Listened,
            NetAct::Asked,
            NetAct::Connected,
            NetAct::Accepted,
            NetAct::Sent,
            NetAct::Delivered,
            NetAct::Ended,
            NetAct::Closed,
        ] {
            assert!(acts.contains(&act), "{act:?} is not among {acts:?}");
        }
        let lines: Vec<_> = history.lines().map(|line| line.what().to_string()).collect();
        assert!(lines.iter().any(|line| line.ends_with("sends 5 bytes to 10.0.0.1:80")), "{lines:#?}");
    }

    async fn calm(world: World, question: &'static str) -> seedbed::Result {
        let (store, client) = (world.machine_named("store"), world.machine());
        store.node().spawn("echo", echo());
        on(client, ask("store", question)).await?;
        sleep(Duration::from_secs(1)).await;
        Ok(())
    }

    const CALM: Scenario = Scenario { name: "calm", run: |world, _| Box::pin(calm(world, "hello")), ..Scenario::CALM };

    /// The decisions about what one client sends and gets.
    fn decisions_of(name: &str, scenario: &Scenario) -> Vec<(String, u64, u64)> {
        let history = scenario.replay(&Case::of_seed(scenario.name, 3)).unwrap().history.unwrap();
        history
            .iter()
            .filter_map(|(_, _, event)| match event {
                Event::Decided { site, entity, nth, value } if history.entity_name(entity).starts_with(name) => {
                    site.name().starts_with("net.").then(|| (site.name().to_owned(), nth, value))
                }
                _ => None,
            })
            .collect()
    }

    async fn keyed(world: World, others: u64) -> seedbed::Result {
        let (store, client) = (world.machine_named("store"), world.machine());
        store.node().spawn("echo", echo());
        sleep(Duration::from_secs(1)).await;
        for other in 0..others {
            client.node().spawn(&format!("other-{other}"), ask("store", "other"));
        }
        client.node().spawn("one", ask("store", "hello")).await??;
        Ok(())
    }

    const ALONE: Scenario = Scenario { name: "keyed", run: |world, _| Box::pin(keyed(world, 0)), ..Scenario::CALM };
    const CROWDED: Scenario = Scenario { name: "keyed", run: |world, _| Box::pin(keyed(world, 5)), ..Scenario::CALM };

    #[test]
    fn connections_of_others_move_no_decision_of_one() {
        let alone = decisions_of("one/tcp", &ALONE);
        assert!(alone.len() >= 6, "{alone:?}");
        assert_eq!(alone, decisions_of("one/tcp", &CROWDED));
    }
}

#[test]
fn what_is_closed_leaves_nothing_behind() {
    let report = sweep("nothing is left", SEEDS, |world: World| async move {
        let (store, client) = (world.machine_named("store"), world.machine());
        let serving = store.node();
        serving.spawn("echo", echo());
        let asking = client.node();
        let asked = asking.spawn("client", async {
            for _ in 0..10 {
                ask("store", "hello").await?;
            }
            let open = connect("store").await?;
            pending::<()>().await;
            drop(open);
            io::Result::Ok(())
        });
        sleep(HOUR).await;
        ensure!(client.open_sockets() == 1, "{} are open", client.open_sockets());
        ensure!(store.open_sockets() == 2, "{} are open: one listens", store.open_sockets());
        asking.kill();
        ensure!(client.open_sockets() == 0);
        drop(asked);
        sleep(HOUR).await;
        ensure!(client.kept_sockets() == 0, "{} are kept", client.kept_sockets());
        serving.stop();
        sleep(HOUR).await;
        ensure!(store.kept_sockets() == 0, "{} are kept", store.kept_sockets());
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn a_port_is_free_again_when_its_connection_is_over() {
    let report = sweep("ports", 0..50, |world: World| async move {
        let (store, client) = (world.machine_named("store"), world.machine());
        store.node().spawn("echo", echo());
        sleep(HOUR).await;
        let again = async move || {
            let socket = TcpSocket::new_v4()?;
            socket.bind((client.ip(), 4_000).into())?;
            let mut stream = socket.connect((store.ip(), 80).into()).await?;
            stream.shutdown().await?;
            stream.read(&mut [0]).await
        };
        on(client, async move {
            for _ in 0..3 {
                ensure!(again().await? == 0);
                sleep(HOUR).await;
            }
            Ok(())
        })
        .await
    });
    report.assert_clean();
}

#[test]
fn a_power_loss_and_a_partition_leave_nothing_behind_either() {
    let report = sweep("nothing is left", 0..50, |world: World| async move {
        let (store, client) = (world.machine_named("store"), world.machine());
        store.node().spawn("keep", keep());
        let asking = client.node();
        asking.spawn("client", async {
            let mut stream = connect("store").await?;
            stream.write_all(b"hello").await?;
            pending::<io::Result<()>>().await
        });
        sleep(Duration::from_secs(1)).await;
        world.cut(&client, &store);
        asking.kill();
        ensure!(client.kept_sockets() == 1, "the end is still to be sent");
        store.lose_power();
        ensure!(store.kept_sockets() == 0, "{} are kept", store.kept_sockets());
        sleep(HOUR).await;
        ensure!(client.kept_sockets() == 0, "{} are kept", client.kept_sockets());
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn a_stall_says_whom_a_task_waits_for() {
    let case = Case::of_seed("stuck", 1);
    let report = run_case(&case, |world: World| async move {
        let (store, client) = (world.machine_named("store"), world.machine());
        store.node().spawn("keep", keep());
        world.spawn("waits", async move { on(client, async { connect("store").await?.read_u8().await }).await });
        world.settle().await;
        Ok(())
    });
    let finding = &report.findings[0].finding;
    assert_eq!(finding.kind, FindingKind::Stall);
    let text = finding.to_string();
    assert!(text.contains("waits for join"), "{text}");

    let report = run_case(&case, |world: World| async move {
        let store = world.machine_named("store");
        store.node().spawn("keep", keep());
        world.spawn("waits", async { connect("store").await?.read_u8().await });
        world.settle().await;
        Ok(())
    });
    let finding = &report.findings[0].finding;
    assert_eq!(finding.stuck[0].waits_for, "tcp read from 10.0.0.1:80");
    assert!(
        finding.stuck[0].awaits.iter().any(|line| line.contains("read_u8().await")),
        "{:?}",
        finding.stuck[0].awaits
    );
    assert_eq!(finding.signature, "Stall: deadlock: waits on tcp read from #.#.#.#:#");
}

mod datagrams {
    use super::*;

    /// The numbers that arrive of twenty, in the order of arrival, in runs in which this fault is on.
    fn arrived(fault: Option<NetFault>) -> BTreeSet<Vec<u8>> {
        seen(|world| async move {
            let (store, client) = (world.machine_named("store"), world.machine());
            if let Some(fault) = fault {
                world.net_may_fail(fault, ratio(1, 1));
            }
            let receiving = store.node().spawn("receives", async {
                let socket = UdpSocket::bind("0.0.0.0:53").await?;
                let mut numbers = Vec::new();
                let mut number = [0];
                while let Ok(received) = timeout(HOUR, socket.recv(&mut number)).await {
                    received?;
                    numbers.extend(number);
                }
                io::Result::Ok(numbers)
            });
            sleep(Duration::from_secs(60)).await;
            on(client, async {
                let socket = UdpSocket::bind("0.0.0.0:0").await?;
                for number in 0..20 {
                    socket.send_to(&[number], "store:53").await?;
                }
                io::Result::Ok(())
            })
            .await?;
            Ok(receiving.await??)
        })
    }

    fn all() -> Vec<u8> {
        (0..20).collect()
    }

    fn sorted(numbers: &[u8]) -> Vec<u8> {
        let mut sorted = numbers.to_vec();
        sorted.sort_unstable();
        sorted
    }

    #[test]
    fn each_comes_once_and_in_order() {
        assert_eq!(arrived(None), [all()].into());
    }

    #[test]
    fn some_are_lost() {
        let seen = arrived(Some(NetFault::Loss));
        assert!(seen.contains(&all()) && seen.len() > 10, "{seen:?}");
        assert!(seen.iter().all(|numbers| numbers.is_sorted_by(|one, next| one < next)), "{seen:?}");
    }

    #[test]
    fn some_come_twice() {
        let seen = arrived(Some(NetFault::Duplicate));
        assert!(seen.iter().any(|numbers| numbers.len() > 20), "{seen:?}");
        for numbers in &seen {
            let mut once = sorted(numbers);
            once.dedup();
            assert_eq!(once, all());
        }
    }

    #[test]
    fn some_are_overtaken() {
        let seen = arrived(Some(NetFault::Reorder));
        assert!(seen.iter().any(|numbers| !numbers.is_sorted()), "{seen:?}");
        assert!(seen.iter().all(|numbers| sorted(numbers) == all()), "{seen:?}");
    }

    #[test]
    fn a_cut_link_loses_them_and_nobody_is_told() {
        let report = sweep("cut", 0..50, |world: World| async move {
            let (store, client) = (world.machine_named("store"), world.machine());
            let socket = on(store, async { UdpSocket::bind("0.0.0.0:53").await }).await?;
            world.cut(&client, &store);
            on(client, async { UdpSocket::bind("0.0.0.0:0").await?.send_to(b"x", "store:53").await }).await?;
            ensure!(timeout(HOUR, socket.recv(&mut [0])).await.is_err(), "it came through");
            world.mend(&client, &store);
            on(client, async { UdpSocket::bind("0.0.0.0:0").await?.send_to(b"y", "store:53").await }).await?;
            let mut byte = [0];
            ensure!(socket.recv(&mut byte).await? == 1 && &byte == b"y", "{byte:?}");
            Ok(())
        });
        report.assert_clean();
    }

    #[test]
    fn of_a_dead_process_no_port_is_left() {
        let report = sweep("ports", 0..50, |world: World| async move {
            let store = world.machine();
            let node = store.node();
            node.spawn("receives", async {
                let socket = UdpSocket::bind("0.0.0.0:53").await?;
                socket.recv(&mut [0]).await
            });
            sleep(Duration::from_secs(60)).await;
            ensure!(store.open_sockets() == 1);
            node.kill();
            ensure!(store.open_sockets() == 0);
            on(store, async { UdpSocket::bind("0.0.0.0:53").await }).await?;
            Ok(())
        });
        report.assert_clean();
    }
}
