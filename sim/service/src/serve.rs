//! An accept loop for an axum router that is the same on both sides, to copy: `axum::serve` spawns on the real tokio.
//! Knows nothing of jobs.

use axum::Router;
use hyper::{server::conn::http1, service::service_fn};
use std::{future::Future, pin::pin};
use tokio::{
    hyper::{Io, Timer},
    net::{TcpListener, TcpStream},
    select,
    sync::watch,
    task::JoinSet,
    time::{Duration, sleep, timeout},
};
use tower_service::Service;

/// A connection on which no request comes is kept no longer.
const IDLE_MAX: Duration = Duration::from_secs(5);
/// What a stop leaves requests that have begun: nobody listens meanwhile, and a peer may be gone without a word.
const DRAIN_MAX: Duration = Duration::from_secs(10);
/// After a connection that could not be accepted.
const ACCEPT_AGAIN: Duration = Duration::from_millis(10);

/// Serves until `stop`. Then nobody is accepted any more, requests that have begun are answered, and it returns: after ten
/// seconds at most, when what is left is cut off.
///
/// # Cancel safety
/// Dropped, every connection is cut off.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let (stopping, _) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, router.clone(), stopping.subscribe()))),
                // The peer is gone already, or too many files are open: others may come.
                Err(_) => sleep(ACCEPT_AGAIN).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    stopping.send_replace(true);
    // Sweeps of `traffic` found the stop that waited for a peer who took no answer, for as long as TCP tries: 15 minutes.
    let _ = timeout(DRAIN_MAX, async { while connections.join_next().await.is_some() {} }).await;
    connections.shutdown().await;
}

async fn connection(stream: TcpStream, router: Router, mut stopping: watch::Receiver<bool>) {
    let service = service_fn(|request| router.clone().call(request));
    let mut http = http1::Builder::new();
    // hyper keeps the date per thread: with it, a history would depend on what ran before.
    http.timer(Timer).header_read_timeout(IDLE_MAX).auto_date_header(false);
    let mut connection = pin!(http.serve_connection(Io(stream), service));
    select! {
        _ = &mut connection => return,
        _ = stopping.wait_for(|&stop| stop) => connection.as_mut().graceful_shutdown(),
    }
    // Whether the peer has taken the answer is the peer's to know.
    let _ = connection.await;
}
