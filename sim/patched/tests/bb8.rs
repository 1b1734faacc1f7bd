//! bb8, whose pool has timers and tasks of its own: who is cancelled at its door takes nothing away.

use bb8::{ManageConnection, Pool, PooledConnection, RunError};
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    spawn,
    time::{Duration, Instant},
};

const SIZE: u32 = 3;
const PATIENCE: Duration = Duration::from_millis(500);

/// Connections to one who says everything again.
#[derive(Clone, Debug)]
struct Echo(String);

impl ManageConnection for Echo {
    type Connection = TcpStream;
    type Error = io::Error;

    async fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect(&self.0).await
    }

    async fn is_valid(&self, connection: &mut TcpStream) -> io::Result<()> {
        ask(connection, *b"ping").await
    }

    fn has_broken(&self, _connection: &mut TcpStream) -> bool {
        false
    }
}

async fn ask(connection: &mut TcpStream, question: [u8; 4]) -> io::Result<()> {
    let mut answer = [0; 4];
    connection.write_all(&question).await?;
    connection.read_exact(&mut answer).await?;
    if answer == question { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

async fn echo(listener: TcpListener) -> io::Result<()> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        spawn(async move {
            let (mut reader, mut writer) = stream.split();
            tokio::io::copy(&mut reader, &mut writer).await
        });
    }
}

fn pool(server: &str) -> Pool<Echo> {
    Pool::builder().max_size(SIZE).connection_timeout(PATIENCE).build_unchecked(Echo(server.to_owned()))
}

/// Asks until there is one: what opens it may be held back for longer than anybody is patient.
async fn connection(pool: &Pool<Echo>) -> PooledConnection<'_, Echo> {
    loop {
        if let Ok(connection) = pool.get().await {
            return connection;
        }
    }
}

#[tokio::test]
async fn a_full_pool_is_waited_for_as_long_as_was_said() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let pool = pool(&listener.local_addr()?.to_string());
    spawn(echo(listener));
    let mut all = Vec::new();
    for _ in 0..SIZE {
        all.push(connection(&pool).await);
    }
    let before = Instant::now();
    assert!(matches!(pool.get().await, Err(RunError::TimedOut)));
    assert!(before.elapsed() >= PATIENCE);
    Ok(())
}

#[cfg(madsim)]
#[seedbed::test(seeds = 300)]
async fn a_cancelled_request_takes_no_connection_with_it(world: seedbed::World) -> seedbed::Result {
    let machine = world.machine_named("echo");
    machine.node().spawn("echo", async { echo(TcpListener::bind("0.0.0.0:80").await?).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let pool = pool("echo:80");
    let clients = world.spawn_each("client", 0..12_u64, |_| {
        let pool = pool.clone();
        async move {
            let mut connection = pool.get().await.map_err(io::Error::other)?;
            // Cut off in between, the answer would be the next one's: bb8 asks `is_valid`, and finds out.
            ask(&mut connection, *b"work").await
        }
    });
    world.may_cancel(&clients);
    world.settle().await;
    let mut all = Vec::new();
    for _ in 0..SIZE {
        all.push(connection(&pool).await);
    }
    let state = pool.state();
    seedbed::ensure!((state.connections, state.idle_connections) == (SIZE, 0), "{state:?}");
    Ok(())
}
