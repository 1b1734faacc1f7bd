//! hyper, client and server, over the drop-in: the same on the real loopback and on the simulated network.

extern crate seedbed_tokio as tokio;

mod support;

use hyper::{
    Request, Response, StatusCode,
    body::{Body, Incoming},
    client::conn::http1 as client,
    rt::Executor as _,
    server::conn::http1 as server,
    service::service_fn,
};
use std::{future::poll_fn, net::SocketAddr, pin::Pin};
use support::online;
use tokio::{
    hyper::{Executor, Io, Timer},
    net::{TcpListener, TcpStream},
    time::{Duration, timeout},
};

async fn text(mut body: Incoming) -> hyper::Result<String> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        bytes.extend(frame?.into_data().unwrap_or_default());
    }
    Ok(String::from_utf8(bytes).unwrap())
}

async fn answer(request: Request<Incoming>) -> hyper::Result<Response<String>> {
    let path = request.uri().path().to_owned();
    Ok(Response::new(format!("{path}: {}", text(request.into_body()).await?)))
}

/// Serves every connection until it ends; a head that does not come is not waited for longer than a second.
async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    Executor.execute(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut http = server::Builder::new();
            http.timer(Timer).header_read_timeout(Duration::from_secs(1)).auto_date_header(false);
            let serving = http.serve_connection(Io(stream), service_fn(answer));
            Executor.execute(async move { drop(serving.await) });
        }
    });
    address
}

async fn connect(address: SocketAddr) -> client::SendRequest<String> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (requests, connection) = client::handshake(Io(stream)).await.unwrap();
    Executor.execute(async move { drop(connection.await) });
    requests
}

fn question(path: &str, body: String) -> Request<String> {
    Request::post(path).header("host", "store").body(body).unwrap()
}

#[test]
fn one_connection_serves_many_requests() {
    online(|| async {
        let mut requests = connect(serve().await).await;
        for nth in 0..10 {
            requests.ready().await.unwrap();
            let answer = requests.send_request(question("/items", nth.to_string())).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(text(answer.into_body()).await.unwrap(), format!("/items: {nth}"));
        }
    });
}

#[test]
fn a_long_body_comes_whole_both_ways() {
    online(|| async {
        let mut requests = connect(serve().await).await;
        let long = "0123456789".repeat(50_000);
        let answer = requests.send_request(question("/long", long.clone())).await.unwrap();
        assert!(text(answer.into_body()).await.unwrap() == format!("/long: {long}"));
    });
}

#[test]
fn a_request_that_never_comes_is_not_waited_for() {
    online(|| async {
        let stream = TcpStream::connect(serve().await).await.unwrap();
        let _ = stream.try_write(b"POST / HTTP/1.1\r\n");
        let mut rest = Vec::new();
        let ended = timeout(Duration::from_secs(5), async {
            loop {
                stream.readable().await.unwrap();
                let mut bytes = [0; 256];
                match stream.try_read(&mut bytes) {
                    Ok(0) => break,
                    Ok(count) => rest.extend_from_slice(&bytes[..count]),
                    Err(_) => {}
                }
            }
        });
        assert!(ended.await.is_ok(), "the server has hung up");
    });
}
