//! The service as a program: started anew in its process when it hears SIGHUP, and over when it hears SIGTERM.

use jobs::{Orders, copies, serve};
use std::{cell::Cell, io, rc::Rc};
use tokio::{
    net::TcpListener,
    select,
    signal::unix::{SignalKind, signal},
};

/// How the server is doing, as its operator sees it.
#[derive(Clone, Default)]
pub(crate) struct Standing(Rc<Cell<u64>>);

impl Standing {
    /// How often it has begun to listen.
    pub(crate) fn listened(&self) -> u64 {
        self.0.get()
    }
}

pub(crate) async fn program(standing: Standing) {
    run(standing).await.expect("its disk and its ports are its own");
}

async fn run(standing: Standing) -> io::Result<()> {
    let (mut again, mut over) = (signal(SignalKind::hangup())?, signal(SignalKind::terminate())?);
    let router = Orders::open("orders").await?.router().merge(copies());
    let is_over = Cell::new(false);
    while !is_over.get() {
        let listener = TcpListener::bind("0.0.0.0:80").await?;
        standing.0.set(standing.0.get() + 1);
        let stop = async {
            select! {
                _ = again.recv() => {}
                _ = over.recv() => is_over.set(true),
            }
        };
        serve(listener, router.clone(), stop).await;
    }
    Ok(())
}
