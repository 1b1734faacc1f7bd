//! tokio-util: frames over TCP, a queue of delays, tokens that cancel.

use futures::{SinkExt, StreamExt};
use std::{io, net::SocketAddr};
use tokio::{
    net::{TcpListener, TcpStream},
    spawn,
    time::{Duration, Instant},
};
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::{
    codec::{Framed, LinesCodec},
    sync::CancellationToken,
    time::DelayQueue,
};

/// Answers each line with its length, until the token is cancelled.
async fn serve(listener: TcpListener, stop: CancellationToken) {
    let mut accepted = TcpListenerStream::new(listener);
    while let Some(Some(Ok(stream))) = stop.run_until_cancelled(accepted.next()).await {
        spawn(stop.child_token().run_until_cancelled_owned(async move {
            let (mut answers, lines) = Framed::new(stream, LinesCodec::new()).split();
            let mut lengths = lines.map(|line| line.map(|line| line.len().to_string()));
            answers.send_all(&mut lengths).await
        }));
    }
}

async fn lengths(server: SocketAddr, lines: &[&str]) -> Result<Vec<String>, tokio_util::codec::LinesCodecError> {
    let mut framed = Framed::new(TcpStream::connect(server).await?, LinesCodec::new());
    let mut lengths = Vec::new();
    for line in lines {
        framed.send(*line).await?;
        lengths.push(framed.next().await.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))??);
    }
    Ok(lengths)
}

#[tokio::test]
async fn lines_are_answered_until_the_token_is_cancelled() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (server, stop) = (listener.local_addr()?, CancellationToken::new());
    let serving = spawn(serve(listener, stop.clone()));
    assert_eq!(lengths(server, &["", "one", "three"]).await.map_err(io::Error::other)?, ["0", "3", "5"]);
    stop.cancel();
    serving.await?;
    assert!(lengths(server, &["one"]).await.is_err());
    Ok(())
}

#[tokio::test]
async fn what_is_delayed_comes_in_the_order_of_its_deadlines() {
    let (before, mut queue) = (Instant::now(), DelayQueue::new());
    for delay in [30, 10, 20] {
        queue.insert(delay, Duration::from_millis(delay));
    }
    let removed = queue.insert(15, Duration::from_millis(15));
    queue.remove(&removed);
    for delay in [10, 20, 30] {
        let expired = queue.next().await.map(|expired| expired.into_inner());
        assert_eq!(expired, Some(delay));
        assert!(before.elapsed() >= Duration::from_millis(delay));
    }
}

#[cfg(madsim)]
#[seedbed::test(seeds = 200)]
async fn lengths_are_right_or_do_not_come(world: seedbed::World) -> seedbed::Result {
    use seedbed::{decision::ratio, ensure};
    use tokio::time::{sleep, timeout};
    let (machine, stop) = (world.machine(), CancellationToken::new());
    let (server, told) = (SocketAddr::from((machine.ip(), 80)), stop.clone());
    machine.node().spawn("serve", async move {
        serve(TcpListener::bind(server).await?, told).await;
        io::Result::Ok(())
    });
    world.nets_may_fail(ratio(1, 4));
    let clients = world.spawn_each("client", 0..4_u64, |_| {
        let client = world.machine();
        let asks = timeout(Duration::from_secs(5), lengths(server, &["", "one", "three"]));
        async move { client.node().spawn("asks", asks).await }
    });
    sleep(Duration::from_millis(3)).await;
    stop.cancel();
    world.settle().await;
    for client in clients {
        if let Ok(Ok(lengths)) = client.await?? {
            ensure!(lengths == ["0", "3", "5"], "{lengths:?}");
        }
    }
    Ok(())
}
