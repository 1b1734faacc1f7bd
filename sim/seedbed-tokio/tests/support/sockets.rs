//! Connections to make claims about, and what their calls failed with.

use seedbed_tokio::{
    join,
    net::{TcpListener, TcpStream},
};
use std::{io, net::SocketAddr};

pub(crate) fn kind<T>(result: io::Result<T>) -> Option<io::ErrorKind> {
    result.err().map(|error| error.kind())
}

pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Both ends of a connection: whose asked for it, and whose accepted it.
pub(crate) async fn pair() -> (TcpStream, TcpStream) {
    let (listener, address) = listen().await;
    let (asked, accepted) = join!(TcpStream::connect(address), listener.accept());
    (asked.unwrap(), accepted.unwrap().0)
}
