//! A client that keeps its connection, and asks again when that breaks. Draws nothing.

use super::{
    body::{Chunks, bytes_of},
    requests::{Book, Failure, Request},
};
use hyper::{
    Method, StatusCode,
    body::{Body, Incoming},
    client::conn::http1::{self, SendRequest},
};
use seedbed::World;
use std::{future::poll_fn, pin::pin};
use tokio::{
    hyper::Io,
    net::TcpStream,
    task::JoinSet,
    time::{Duration, sleep, timeout},
};

/// How a client asks for an order again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// Under the key that it asked under first.
    WithKey,
    /// As if nothing had been asked: what an order without a key may not.
    Blindly,
}

/// How a client is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    pub(crate) retry: Retry,
    /// Whether it may lose patience at any time, and ask again.
    pub(crate) gives_up: bool,
}

/// How often a request is made.
pub(crate) const ATTEMPTS: u32 = 4;
/// What an attempt may take, and the time until the next.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
pub(crate) const PAUSE: Duration = Duration::from_millis(200);

/// Asks for everything that the book does not have yet.
pub(crate) async fn program(world: World, requests: Vec<Request>, book: Book, habits: Habits) {
    let mut client = Client::new(habits);
    for request in requests.into_iter().filter(|request| !book.has(request.number())) {
        let outcome = client.ask(world, request).await;
        book.note(request.number(), outcome);
    }
    client.close().await;
}

pub(crate) struct Client {
    habits: Habits,
    connection: Option<Connection>,
}

/// Its task is dropped with it. One that is left to itself when an answer is not wanted any more may stand for ever:
/// hyper still sends the request and reads nothing, and a server that answers meanwhile waits until it does.
struct Connection {
    requests: SendRequest<Chunks>,
    task: JoinSet<()>,
}

impl Client {
    pub(crate) const fn new(habits: Habits) -> Self {
        Self { habits, connection: None }
    }

    /// Asks until there is an answer, or it is not worth it any more.
    pub(crate) async fn ask(&mut self, world: World, request: Request) -> Result<(), Failure> {
        let mut attempt = 1;
        loop {
            let gives_up = self.habits.gives_up;
            let limited = timeout(PATIENCE, self.attempt(request));
            let end = if gives_up { world.cancellable(limited).await } else { Some(limited.await) };
            let failure = match end {
                Some(Ok(Ok(()))) => return Ok(()),
                Some(Ok(Err(failure))) => failure,
                Some(Err(_)) => Failure::TimedOut,
                None => Failure::GivenUp,
            };
            self.connection = None;
            if attempt == ATTEMPTS || !failure.is_passing() {
                return Err(failure);
            }
            attempt += 1;
            seedbed::mark("a request was made again");
            sleep(PAUSE).await;
        }
    }

    /// One request, on the connection there is, or on a new one.
    pub(crate) async fn attempt(&mut self, request: Request) -> Result<(), Failure> {
        let mut connection = match self.kept().await {
            Some(kept) => kept,
            None => connect().await?,
        };
        let response =
            connection.requests.send_request(made_of(request, self.habits.retry)).await.map_err(Failure::Http)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::CONFLICT => return Err(Failure::Unknown),
            status => return Err(Failure::Refused(status.as_u16())),
        }
        let (number, len) = match request {
            Request::Order(_) => (0, 0),
            Request::Copy { number, len, .. } => (number, len),
        };
        compare(response.into_body(), number, len).await?;
        self.connection = Some(connection);
        Ok(())
    }

    /// Closes the connection and waits for its end.
    pub(crate) async fn close(self) {
        let Some(Connection { requests, mut task }) = self.connection else { return };
        drop(requests);
        let _ = timeout(PATIENCE, task.join_next()).await;
    }

    /// The connection of the last request, if it takes another.
    async fn kept(&mut self) -> Option<Connection> {
        let mut kept = self.connection.take()?;
        kept.requests.ready().await.ok().map(|()| kept)
    }
}

async fn connect() -> Result<Connection, Failure> {
    let stream = TcpStream::connect("server:80").await.map_err(Failure::Connect)?;
    let (requests, connection) = http1::handshake(Io(stream)).await.map_err(Failure::Http)?;
    let mut task = JoinSet::new();
    // Its error is the request's too.
    task.spawn(async move { drop(connection.await) });
    Ok(Connection { requests, task })
}

fn made_of(request: Request, retry: Retry) -> hyper::Request<Chunks> {
    let made = hyper::Request::builder().method(Method::POST).header("host", "server");
    let made = match request {
        Request::Order(number) => {
            let made = made.uri(format!("/orders/order-{number}"));
            match retry {
                Retry::WithKey => made.header("idempotency-key", format!("key-{number}")),
                Retry::Blindly => made,
            }
            .body(Chunks::empty())
        }
        Request::Copy { number, len, chunk, is_slow } => {
            made.uri("/copies").body(Chunks::new(number, len, chunk, is_slow))
        }
    };
    made.expect("its parts are well formed")
}

/// Takes the whole body, which is to be that of this number.
async fn compare(body: Incoming, number: u64, len: usize) -> Result<(), Failure> {
    let (mut body, mut at) = (pin!(body), 0);
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let data = frame.map_err(Failure::Http)?.into_data().unwrap_or_default();
        if at + data.len() > len || !data.iter().copied().eq(bytes_of(number, at, data.len())) {
            return Err(Failure::Corrupt { at });
        }
        at += data.len();
    }
    if at == len { Ok(()) } else { Err(Failure::Corrupt { at }) }
}
