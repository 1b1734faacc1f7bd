//! Traffic over the service: a server and its clients on machines of their own, on a network that fails.

use super::{
    check::OnceAtMost,
    client::{self, Client, Habits, PAUSE, Retry},
    requests::{Book, Request},
    server::{self, Standing},
};
use seedbed::{
    NetFault, Param, Params, Program, Scenario, ScenarioFuture, World,
    decision::{Site, ratio},
    ensure,
    signal::unix::SignalKind,
    time::{Duration, Instant, sleep, timeout},
};
use tokio::runtime::Handle;

pub(crate) const TRAFFIC: Scenario = Scenario {
    name: "traffic",
    story: "Clients keep their connections, stream bodies and order; server and clients crash, the server loses its power, \
            and it is started anew. No order is carried out twice, what is answered is what was sent, and in the end nothing is left open.",
    params: &[REQUESTS, FAULTS],
    checks: |_| vec![Box::<OnceAtMost>::default()],
    marks: &["a request was made again", "the server was stopped and came back"],
    families: FAMILIES,
    run: |world, params| run(world, params, Retry::WithKey),
};

pub(crate) const RETRIES_BLINDLY: Scenario = Scenario {
    name: "retries-blindly",
    story: "A planted bug: a client asks for an order again without a key.",
    params: &[Param { default: 10, ..REQUESTS }, FAULTS],
    marks: &[],
    run: |world, params| run(world, params, Retry::Blindly),
    ..TRAFFIC
};

const REQUESTS: Param =
    Param { name: "requests", help: "how many requests, of all clients", default: 40, min: 10, max: 1_000 };
const FAULTS: Param = Param { name: "faults", help: "1 if anything may fail, 0 if not", default: 1, min: 0, max: 1 };

const FAMILIES: &[&str] = &[
    "cancel",
    "net.half-open",
    "net.loss",
    "net.partition",
    "net.refuse",
    "net.reset",
    "net.slow",
    "node.crash",
    "power",
];
/// What may befall a connection.
const FAULTY: [NetFault; 5] = [NetFault::Reset, NetFault::Refuse, NetFault::HalfOpen, NetFault::Loss, NetFault::Slow];

const CLIENTS: u64 = 4;
/// What a start takes, of the server or of a client.
const START: std::ops::Range<Duration> = Duration::from_millis(1)..Duration::from_secs(2);
/// Longer than any attempt: where timers are as coarse as 100 ms, a slow sender takes 80 s for 400 kB in pieces of 500.
const BOUND: Duration = Duration::from_secs(600);
/// Longer than a kernel tries to send what a process has left to it: 924 s.
const TRIED_MAX: Duration = Duration::from_secs(1_200);
/// The times a stopped server is waited for, and what its stop may take then.
const STOPS: u64 = 2;
const STOP_MAX: Duration = Duration::from_secs(30);

fn run(world: World, params: Params, retry: Retry) -> ScenarioFuture {
    Box::pin(async move {
        let (book, standing) = (Book::new(), Standing::default());
        let requests = params.get("requests");
        let has_faults = params.get("faults") == 1;
        let habits = Habits { retry, gives_up: has_faults };
        let served = standing.clone();
        let server = world.node("server").run(move || server::program(served.clone()));
        let server = server.restarts_after(START);
        let server = if has_faults {
            server.machine().may_lose_power(ratio(1, 4));
            server.may_crash()
        } else {
            server
        };
        let clients: Vec<_> = (0..CLIENTS).map(|id| client(world, id, requests, &book, habits, has_faults)).collect();
        if has_faults {
            FAULTY.into_iter().for_each(|fault| world.net_may_fail(fault, ratio(1, 4)));
            world.may_partition("client-*", "server", ratio(1, 4));
        }
        let all = book.clone();
        world.spawn("all requests", async move { all.all(requests as u32).await });
        world.spawn("operator", operate(world, server.clone(), standing));
        world.settle().await;
        ensure!(book.corrupt().is_none(), "request and byte {:?} came back as another", book.corrupt());
        asked_in_peace(world, &clients[0], requests).await?;
        server.node().signal(SignalKind::terminate());
        sleep(TRIED_MAX).await;
        for program in clients.iter().chain([&server]) {
            nothing_is_left(program).await?;
        }
        Ok(())
    })
}

/// A client that asks for every so many of the requests.
fn client(world: World, id: u64, requests: u64, book: &Book, habits: Habits, may_crash: bool) -> Program {
    let asked: Vec<_> = (id..requests).step_by(CLIENTS as usize).map(|number| Request::drawn(world, number)).collect();
    let book = book.clone();
    let client = world.node(&format!("client-{id}"));
    let client = client.run(move || client::program(world, asked.clone(), book.clone(), habits));
    if may_crash { client.may_crash().restarts_after(START) } else { client }
}

/// Stops the server in mid-run, gently: it is to listen again soon.
async fn operate(world: World, server: Program, standing: Standing) {
    const STOP: Site = Site::new("traffic.stop-after");
    let mut draws = world.draws(STOP, "operator");
    for _ in 0..STOPS {
        sleep(draws.duration(Duration::from_millis(50)..Duration::from_secs(3))).await;
        let before = standing.listened();
        server.node().signal(SignalKind::hangup());
        let stopped = world.now();
        while standing.listened() == before {
            sleep(PAUSE).await;
            assert!(world.now().duration_since(stopped) < STOP_MAX, "the server was stopped and does not come back");
        }
        seedbed::mark("the server was stopped and came back");
    }
}

/// Faults have stopped: what is asked for now is answered.
async fn asked_in_peace(world: World, client: &Program, requests: u64) -> seedbed::Result {
    let began = Instant::now();
    let asked = client.node().spawn("afterwards", async move {
        let mut client = Client::new(Habits { retry: Retry::WithKey, gives_up: false });
        for number in requests..requests + 4 {
            let request = Request::drawn(world, number);
            while client.attempt(request).await.is_err() {
                sleep(PAUSE).await;
            }
        }
        client.close().await;
    });
    ensure!(timeout(BOUND, asked).await.is_ok(), "no answer since {began:?}, though nothing fails any more");
    Ok(())
}

/// On its machine no socket is open or kept, and no task is left.
async fn nothing_is_left(program: &Program) -> seedbed::Result {
    let machine = program.machine();
    let (open, kept) = (machine.open_sockets(), machine.kept_sockets());
    ensure!((open, kept) == (0, 0), "{open} sockets are open and {kept} kept on {program:?}");
    // The one that counts is one of them.
    let tasks = program.node().spawn("count", async { Handle::current().metrics().num_alive_tasks() }).await?;
    ensure!(tasks == 1, "{} tasks are left on {program:?}", tasks - 1);
    Ok(())
}
