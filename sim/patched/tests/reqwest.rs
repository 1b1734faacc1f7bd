//! reqwest, whose timeouts, pool and connections are hyper-util's and tokio's.

use std::{io, net::SocketAddr};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    spawn,
    time::{Duration, Instant, sleep},
};

const PATIENCE: Duration = Duration::from_millis(200);

/// Answers after a while.
async fn serve(listener: TcpListener, after: Duration) -> io::Result<()> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        spawn(async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await?);
            }
            sleep(after).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello").await
        });
    }
}

async fn server(after: Duration) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    spawn(serve(listener, after));
    Ok(address)
}

#[tokio::test]
async fn what_is_served_is_got() -> Result<(), Box<dyn std::error::Error>> {
    let text = reqwest::get(format!("http://{}/", server(Duration::ZERO).await?)).await?.text().await?;
    assert_eq!(text, "hello");
    Ok(())
}

#[tokio::test]
async fn who_answers_late_is_given_up_when_it_should() -> Result<(), Box<dyn std::error::Error>> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let before = Instant::now();
    let late = client.get(format!("http://{}/", server(Duration::from_secs(3_600)).await?)).send().await;
    assert!(late.is_err_and(|error| error.is_timeout()));
    assert!(before.elapsed() >= PATIENCE);
    Ok(())
}
