//! A backend whose shards save how far they are: killed, it goes on where it last heard that it was saved.

use super::{
    agent,
    yard::{self, Size, Yard},
};
use crate::fact::store::{self as fact, State};
use futures::future::join_all;
use seedbed::{
    Machine, World,
    decision::{Site, ratio},
    ensure,
};
use shardwright::{
    scheduler::{self, Scheduler},
    shard::{self, Fleet, ShardError, ShardHandle, ShardResult, SpawnOptions},
    store::{Change, Failure, Request, Store, WriteError},
};
use std::{
    collections::BTreeMap,
    future::pending,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, sleep};

const KILL: Site = Site::new("backend.is-killed");
const KILLED_AFTER: Site = Site::new("backend.is-killed-after");
const LIFE_MAX: Duration = Duration::from_millis(60);
/// What a step of a shard's work takes.
const STEP: Duration = Duration::from_millis(3);
const PAUSE: Duration = Duration::from_millis(5);

/// What all backends have done, seen from outside.
#[derive(Default)]
struct Done {
    /// How far each shard was when its backend heard that it was saved.
    saved: BTreeMap<u64, u64>,
    /// The step that each shard did last.
    last: BTreeMap<u64, u64>,
    broken: Option<String>,
}

type Shared = Arc<Mutex<Done>>;

pub(super) async fn play(world: World, yard: &'static Yard, size: Size) -> seedbed::check::Result {
    let machine = world.machine();
    yard::declare_scratch(machine);
    machine.may_lose_power(yard.power);
    let done = Shared::default();
    let kill = world.fault_family("process.kill", yard.kills);
    let outside = done.clone();
    world.spawn("machine", async move {
        let (mut kills, mut after) = (world.draws(KILL, "backend"), world.draws(KILLED_AFTER, "backend"));
        loop {
            let is_killed = kill.strikes(&mut kills, ratio(3, 4), "killed");
            let after = is_killed.then(|| after.duration(Duration::ZERO..LIFE_MAX));
            if live(yard, machine, size, &outside, after).await {
                break;
            }
        }
    });
    world.settle().await;
    let broken = lock(&done).broken.take();
    ensure!(broken.is_none(), "a shard did not go on where it was: {}", broken.unwrap_or_default());
    for job in 0..size.agents {
        let saved = machine.node().spawn("auditor", saved(yard, job)).await?;
        ensure!(saved == size.writes, "job {job} is saved at {saved} of {}", size.writes);
    }
    Ok(())
}

async fn saved(yard: &'static Yard, job: u64) -> u64 {
    let store = agent::open(yard).await;
    read(&store, job).await
}

/// How far the store says that the job is.
async fn read(store: &Store, job: u64) -> u64 {
    loop {
        match store.checkpoint(&name(job)).await {
            Ok(saved) => return saved.and_then(|saved| saved.parse().ok()).unwrap_or(0),
            Err(_) => sleep(PAUSE).await,
        }
    }
}

fn name(job: u64) -> String {
    format!("job-{job}")
}

/// One life of the backend, which may be killed: whether all its shards were done.
async fn live(yard: &'static Yard, machine: Machine, size: Size, done: &Shared, killed: Option<Duration>) -> bool {
    let node = machine.node();
    let backend = node.spawn("backend", run(yard, size, done.clone()));
    let killed = async {
        match killed {
            Some(after) => sleep(after).await,
            None => pending().await,
        }
    };
    tokio::select! {
        biased;
        () = machine.power_lost() => {
            fact::power_lost();
            false
        }
        ended = backend => ended.is_ok(),
        () = killed => {
            node.kill();
            false
        }
    }
}

/// A backend: a fleet with a shard for each job, which goes on where the store says.
async fn run(yard: &'static Yard, size: Size, done: Shared) {
    let store = agent::open(yard).await;
    let fleet = Fleet::new(Scheduler::new(scheduler::Settings::BASE), shard::Settings { shards_max: 100 });
    let jobs = (0..size.agents).map(|job| {
        let (store, done) = (store.clone(), done.clone());
        let work = move |_| go_on(store, yard, job, size.writes, done);
        fleet.spawn("job", SpawnOptions::BASE, work).expect("there is room")
    });
    let mut jobs: Vec<_> = jobs.collect();
    for ended in join_all(jobs.iter_mut().map(ShardHandle::result)).await {
        assert!(matches!(ended, Some(ShardResult::Finished(_))), "a shard ended otherwise: {ended:?}");
    }
}

async fn go_on(
    mut store: Store,
    yard: &'static Yard,
    job: u64,
    steps: u64,
    done: Shared,
) -> Result<String, ShardError> {
    let saved = read(&store, job).await;
    resumes(&done, job, saved);
    for step in saved + 1..=steps {
        sleep(STEP).await;
        does(&done, job, step);
        while !save(&store, job, step).await {
            sleep(PAUSE).await;
            store = agent::open(yard).await;
        }
        lock(&done).saved.insert(job, step);
    }
    Ok(String::new())
}

/// Whether it is saved; until it is the step is not done.
async fn save(store: &Store, job: u64, step: u64) -> bool {
    let write = (1_000 + job) * 1_000 + step;
    fact::asked(write, 1_000 + job, State::Closed { owner: Some(step) }, 1);
    let began = Instant::now();
    let change = Change::Checkpoint { name: name(job), value: Some(step.to_string()) };
    let answer = store.apply(Request::from(change).keyed(format!("{} step {step}", name(job)))).await;
    let took = began.elapsed();
    match answer {
        Ok(receipt) => {
            fact::acknowledged(write, receipt.first.0, None, took);
            true
        }
        Err(WriteError::Refused(refusal)) => panic!("a checkpoint was refused: {refusal}"),
        Err(WriteError::Failed(failure) | WriteError::Unknown(failure)) => {
            fact::unknown(write, took);
            if matches!(failure, Failure::Read(_)) {
                agent::judge(&failure);
            }
            false
        }
    }
}

/// What a backend reads is what the one before it heard, or one step more: the one that it never heard of.
fn resumes(done: &Shared, job: u64, from: u64) {
    let mut done = lock(done);
    let of = |steps: &BTreeMap<u64, u64>| steps.get(&job).copied().unwrap_or(0);
    let (saved, last) = (of(&done.saved), of(&done.last));
    seam::sometimes!(saved > 0, "a killed backend's shard resumed");
    if from < saved || from > last {
        done.broken =
            Some(format!("job {job} goes on from {from}, {saved} was acknowledged, and {last} was done last"));
    }
}

fn does(done: &Shared, job: u64, step: u64) {
    lock(done).last.insert(job, step);
}

fn lock(done: &Shared) -> std::sync::MutexGuard<'_, Done> {
    done.lock().unwrap_or_else(PoisonError::into_inner)
}
