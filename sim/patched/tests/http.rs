//! hyper-util's client, with its pool and its connector, and `axum::serve`: all as they come.

use axum::{Router, extract::Path, routing::get};
use http_body_util::{BodyExt, Empty};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use std::{error::Error, io, net::SocketAddr};
use tokio::{
    net::TcpListener,
    spawn,
    sync::oneshot,
    task::JoinHandle,
    time::{Duration, sleep, timeout},
};

type Failure = Box<dyn Error + Send + Sync>;
type Http = Client<HttpConnector, Empty<axum::body::Bytes>>;

const WORK: Duration = Duration::from_millis(20);
/// A connection that nobody uses is kept so long.
const IDLE_MAX: Duration = Duration::from_secs(30);

fn client() -> Http {
    Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE_MAX).build_http()
}

fn router() -> Router {
    Router::new().route(
        "/double/{n}",
        get(|Path(n): Path<u64>| async move {
            sleep(WORK).await;
            (2 * n).to_string()
        }),
    )
}

async fn double(client: &Http, server: SocketAddr, n: u64) -> Result<u64, Failure> {
    let uri = format!("http://{server}/double/{n}").parse()?;
    let body = client.get(uri).await?.into_body().collect().await?.to_bytes();
    Ok(std::str::from_utf8(&body)?.parse()?)
}

#[tokio::test]
async fn a_served_request_is_answered_and_a_stop_is_orderly() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let serving: JoinHandle<io::Result<()>> =
        spawn(
            async move { axum::serve(listener, router()).with_graceful_shutdown(async { drop(stopped.await) }).await },
        );
    let client = client();
    for n in 0..5 {
        assert_eq!(double(&client, server, n).await?, 2 * n);
    }
    drop(stop);
    timeout(Duration::from_secs(5), serving).await???;
    assert!(double(&client, server, 1).await.is_err(), "nobody listens any more");
    Ok(())
}

/// On a bad network answers are right or do not come; and a pool keeps no connection for longer than it was told.
#[cfg(madsim)]
async fn on_a_bad_network(world: seedbed::World) -> seedbed::Result {
    use seedbed::{decision::ratio, ensure};
    let (machine, client_machine) = (world.machine(), world.machine());
    let server = SocketAddr::from((machine.ip(), 80));
    machine.node().spawn("serve", async move { axum::serve(TcpListener::bind(server).await?, router()).await });
    world.nets_may_fail(ratio(1, 4));
    world.may_partition(&machine, &client_machine, ratio(1, 4));
    let pooled = client();
    let clients = world.spawn_each("client", 0..4_u64, |number| {
        let asking = pooled.clone();
        async move {
            let asked = client_machine.node().spawn("asks", async move {
                for n in 0..5 {
                    match timeout(Duration::from_secs(2), double(&asking, server, 10 * number + n)).await {
                        Ok(Ok(doubled)) => ensure!(doubled == 2 * (10 * number + n), "{doubled}"),
                        Ok(Err(_)) | Err(_) => sleep(WORK).await,
                    }
                }
                Ok(())
            });
            asked.await?
        }
    });
    world.settle().await;
    for client in clients {
        client.await??;
    }
    sleep(3 * IDLE_MAX).await;
    ensure!(client_machine.open_sockets() == 0, "{} are open", client_machine.open_sockets());
    Ok(())
}

#[cfg(madsim)]
#[seedbed::test(seeds = 200)]
async fn answers_are_right_and_the_pool_lets_go(world: seedbed::World) -> seedbed::Result {
    on_a_bad_network(world).await
}

#[cfg(madsim)]
#[test]
fn one_seed_is_one_universe() {
    use seedbed::{Case, Scenario, Threads};
    let scenario =
        Scenario { name: "bad network", run: |world, _| Box::pin(on_a_bad_network(world)), ..Scenario::CALM };
    let digests = || {
        let mut digests = Vec::new();
        let ran = scenario.run_seeds(&Case::of_seed(scenario.name, 0), &Threads::Fresh, 0..100, |_, outcome| {
            digests.push(outcome.digest);
            true
        });
        assert!(ran.is_ok());
        digests
    };
    assert_eq!(digests(), digests());
}
