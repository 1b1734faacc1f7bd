//! The service, until it is interrupted.

use jobs::{Jobs, Orders, copies, serve};
use std::io;
use tokio::{net::TcpListener, signal::ctrl_c};

#[tokio::main]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    println!("http://{}", listener.local_addr()?);
    let router = Jobs::default().router().merge(Orders::open("orders").await?.router()).merge(copies());
    serve(listener, router, async { drop(ctrl_c().await) }).await;
    Ok(())
}
