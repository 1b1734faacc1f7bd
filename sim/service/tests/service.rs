//! The service and those who ask it: the same on either side, and on a network that fails.

use hyper::{
    Method, Request, StatusCode,
    body::{Body, Incoming},
    client::conn::http1,
};
use jobs::{Jobs, serve};
use std::{error::Error, future::poll_fn, io, net::SocketAddr, pin::pin};
use tokio::{
    hyper::Io,
    net::{TcpListener, TcpStream},
    spawn,
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::{Duration, sleep, timeout},
};

#[cfg(madsim)]
use tokio::io::AsyncWriteExt;

type Failure = Box<dyn Error + Send + Sync>;

/// A client asks for this many jobs.
const JOBS: u64 = 5;
/// What a client waits for an answer, and then until it asks again.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(50);
/// What a stop takes at most.
const STOP_MAX: Duration = Duration::from_secs(4);

async fn text(body: Incoming) -> Result<String, Failure> {
    let (mut body, mut bytes) = (pin!(body), Vec::new());
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        bytes.extend(frame?.into_data().unwrap_or_default());
    }
    Ok(String::from_utf8(bytes)?)
}

/// One request, on a connection of its own.
async fn request(server: SocketAddr, job: u64) -> Result<u64, Failure> {
    let (mut requests, connection) = http1::handshake(Io(TcpStream::connect(server).await?)).await?;
    let connection = spawn(connection);
    let request = Request::builder().method(Method::PUT).uri(format!("/jobs/{job}")).header("host", "jobs");
    let response = requests.send_request(request.body(String::new())?).await?;
    assert_eq!(response.status(), StatusCode::OK);
    let receipt = text(response.into_body()).await?.parse()?;
    drop(requests);
    connection.await??;
    Ok(receipt)
}

/// Asks until there is an answer.
async fn receipt(server: SocketAddr, job: u64) -> u64 {
    loop {
        match timeout(PATIENCE, request(server, job)).await {
            Ok(Ok(receipt)) => return receipt,
            Ok(Err(_)) | Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn receipts(server: SocketAddr) -> Vec<u64> {
    let mut receipts = Vec::new();
    for job in 0..JOBS {
        receipts.push(receipt(server, job).await);
    }
    receipts
}

/// A service of this process: where it is, what stops it, and its end.
async fn started(jobs: &Jobs) -> io::Result<(SocketAddr, oneshot::Sender<()>, JoinHandle<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel();
    let serving = spawn(serve(listener, jobs.router(), async { drop(stopped.await) }));
    Ok((server, stop, serving))
}

#[tokio::test]
async fn all_who_ask_for_a_job_get_one_receipt() -> Result<(), Failure> {
    let jobs = Jobs::default();
    let (server, stop, serving) = started(&jobs).await?;
    let mut clients = JoinSet::new();
    for _ in 0..4 {
        clients.spawn(receipts(server));
    }
    let answers = clients.join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(jobs.done(), JOBS);
    drop(stop);
    Ok(serving.await?)
}

#[tokio::test]
async fn who_was_heard_before_the_stop_is_answered() -> Result<(), Failure> {
    let jobs = Jobs::default();
    let (server, stop, serving) = started(&jobs).await?;
    let silent = TcpStream::connect(server).await?;
    let heard = spawn(request(server, 0));
    while jobs.asked() == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    drop(stop);
    assert_eq!(heard.await??, 1);
    // The silent connection is not waited for until it is given up; a task may be held back for a while.
    timeout(STOP_MAX, serving).await??;
    assert!(request(server, 0).await.is_err(), "nobody listens any more");
    drop(silent);
    Ok(())
}

/// In a world only, where ten seconds are none.
#[cfg(madsim)]
#[tokio::test]
async fn who_takes_no_answer_does_not_hold_up_the_stop() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut deaf = TcpStream::connect(listener.local_addr()?).await?;
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = spawn(serve(listener, jobs::copies(), async { drop(stopped.await) }));
    deaf.write_all(b"POST /copies HTTP/1.1\r\nhost: jobs\r\ncontent-length: 1000000\r\n\r\n").await?;
    let sent = timeout(PATIENCE, deaf.write_all(&[0; 1_000_000])).await;
    assert!(sent.is_err(), "the server takes no more than it can send back");
    drop(stop);
    // The ten seconds that it is given, and what a schedule may hold its tasks back; TCP alone tries for a quarter of an hour.
    timeout(Duration::from_secs(60), serving).await??;
    Ok(())
}

/// The test that only a world can run: four clients on machines of their own, resets, refusals, losses, partitions.
#[cfg(madsim)]
#[seedbed::test(seeds = 300)]
async fn each_job_is_done_once_whatever_the_network_does(world: seedbed::World) -> seedbed::Result {
    use seedbed::{decision::ratio, ensure};
    let (machine, jobs) = (world.machine_named("server"), Jobs::default());
    let server = SocketAddr::from((machine.ip(), 80));
    let router = jobs.router();
    machine.node().spawn("serve", async move {
        serve(TcpListener::bind(server).await?, router, std::future::pending()).await;
        io::Result::Ok(())
    });
    world.nets_may_fail(ratio(1, 4));
    let clients = world.spawn_each("client", 0..4_u64, |_| {
        let client = world.machine();
        world.may_partition(&machine, &client, ratio(1, 4));
        async move { client.node().spawn("asks", receipts(server)).await }
    });
    world.settle().await;
    let mut answers = Vec::new();
    for client in clients {
        answers.push(client.await??);
    }
    ensure!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    ensure!(jobs.done() == JOBS, "{} jobs done, and {JOBS} were asked for", jobs.done());
    Ok(())
}
