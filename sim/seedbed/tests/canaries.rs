//! One canary for each known source of non-determinism: a scenario that logs what the source gave it, so
//! that its run's digest depends on it. A source is **deterministic**, one digest under every
//! circumstance, or it is **reported**: the digests differ, which `verify` calls a divergence. One that
//! changes sides turns this red.
#![cfg(not(real_side))]
#![expect(
    clippy::disallowed_methods,
    reason = "the sources are what is tested, and a process is told by its environment"
)]

use seedbed::{
    Case, Params, Scenario, ScenarioFuture, Threads, World,
    task::{JoinSet, spawn, spawn_blocking, spawn_local, yield_now},
    time::{Duration, Instant, sleep},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    env,
    fmt::Write as _,
    future::{Future, ready},
    path::Path,
    process::Command,
    sync::{Arc, Condvar, Mutex, OnceLock},
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Deterministic,
    Reported,
}

use Verdict::{Deterministic, Reported};

struct Canary {
    /// Its story is the source.
    scenario: Scenario,
    /// Each run on a thread of its own, the default: cold, warm, after other seeds, in another process.
    fresh: Verdict,
    /// All runs on one thread.
    reused: Verdict,
    note: &'static str,
}

const fn canary(
    name: &'static str,
    source: &'static str,
    [fresh, reused]: [Verdict; 2],
    note: &'static str,
    run: fn(World, Params) -> ScenarioFuture,
) -> Canary {
    Canary { scenario: Scenario { name, story: source, run, ..Scenario::CALM }, fresh, reused, note }
}

const ALWAYS: [Verdict; 2] = [Deterministic, Deterministic];
const FRESH_ONLY: [Verdict; 2] = [Deterministic, Reported];
const NEVER: [Verdict; 2] = [Reported, Reported];

const CANARIES: &[Canary] = &[
    canary("std-maps", "std `HashMap`, `HashSet`", ALWAYS, "the keys of a thread are set from the seed", |_, _| {
        boxed(std_maps())
    }),
    canary("dashmap", "`dashmap` with std's hasher", ALWAYS, "as std", |_, _| boxed(dash_map())),
    canary("ordered-maps", "`BTreeMap`, `indexmap`", ALWAYS, "", |_, _| boxed(ordered_maps())),
    canary("madsim-rand", "`madsim::rand`", ALWAYS, "one stream: a draw more moves all later ones", |_, _| {
        boxed(madsim_rand())
    }),
    canary("rand-09", "rand 0.9", FRESH_ONLY, "its generator is kept per thread", |_, _| boxed(rand_0_9())),
    canary("getrandom-03", "getrandom 0.3", ALWAYS, "as `madsim::rand`", |_, _| boxed(getrandom_0_3())),
    canary("uuid-v4", "uuid v4", ALWAYS, "as `madsim::rand`", |_, _| boxed(uuid_v4())),
    canary(
        "clocks",
        "std `Instant`, `SystemTime`",
        ALWAYS,
        "std shows the world's clock; the date is drawn from the seed",
        |_, _| boxed(clocks()),
    ),
    canary("ready-tasks", "order of ready tasks", ALWAYS, "a decision", |_, _| boxed(ready_tasks())),
    canary("task-ids", "task ids", ALWAYS, "numbered by the world", |_, _| boxed(task_ids())),
    canary("futures-unordered", "`FuturesUnordered`", ALWAYS, "", |_, _| boxed(futures_unordered())),
    canary("tokio-mpsc", "tokio `mpsc`", ALWAYS, "", |_, _| boxed(tokio_mpsc())),
    canary("tokio-semaphore", "tokio `Semaphore`", ALWAYS, "", |_, _| boxed(tokio_semaphore())),
    canary(
        "tokio-watch",
        "tokio `watch`",
        ALWAYS,
        "wakes in an order of its own; what one poll wakes is sorted",
        |_, _| boxed(tokio_watch()),
    ),
    canary(
        "watch-in-task",
        "several `watch` receivers in one `FuturesUnordered`",
        NEVER,
        "the order within a task is a draw of tokio's own",
        |_, _| boxed(watch_in_task()),
    ),
    canary(
        "blocking-actors",
        "blocking code that waits by tokio's `sync`",
        ALWAYS,
        "each has its own parker",
        |_, _| boxed(blocking_actors()),
    ),
    canary("parked-turns", "blocking code that std parks", ALWAYS, "all that are parked look again", |_, _| {
        boxed(parked_turns())
    }),
    canary(
        "std-locks",
        "code that waits for std's locks",
        ALWAYS,
        "for half a second of real time first, where it is new",
        |_, _| boxed(std_locks()),
    ),
    canary("seedbed-select", "`select!` of seedbed-tokio", ALWAYS, "the first branch is a decision", |_, _| {
        boxed(seedbed_select())
    }),
    canary(
        "tokio-select",
        "`tokio::select!` itself",
        NEVER,
        "the first branch is a draw of tokio's own; take seedbed-tokio's",
        |_, _| boxed(tokio_select()),
    ),
    canary(
        "futures-select",
        "`futures::select!`",
        NEVER,
        "only a process's first run repeats; `select_biased!` is deterministic",
        |_, _| boxed(futures_select()),
    ),
    canary("rand-08", "rand 0.8 `thread_rng`", NEVER, "asks the kernel past libc", |_, _| boxed(rand_0_8())),
    canary("getrandom-02", "getrandom 0.2", NEVER, "asks the kernel past libc", |_, _| boxed(getrandom_0_2())),
    canary("ahash", "ahash", NEVER, "keys of the process and addresses; give it fixed seeds", |_, _| boxed(a_hash())),
    canary("hashbrown", "hashbrown's default hasher", NEVER, "addresses; give it a hasher", |_, _| boxed(hash_brown())),
    canary(
        "fastrand",
        "fastrand",
        NEVER,
        "only a process's first run repeats; `fastrand::Rng::with_seed` is deterministic",
        |_, _| boxed(fast_rand()),
    ),
    canary("uuid-v7", "uuid v7", NEVER, "only a process's first run repeats: its counter is the process's", |_, _| {
        boxed(uuid_v7())
    }),
    canary(
        "lazy-entropy",
        "entropy of the first use, kept by the process",
        NEVER,
        "only a process's first run repeats, and it draws once more than the others",
        |_, _| boxed(lazy_entropy()),
    ),
    canary("madsim-task-ids", "`madsim::task::Id`", NEVER, "only a process's first run repeats: a counter", |_, _| {
        boxed(madsim_task_ids())
    }),
    canary("thread-ids", "`ThreadId`", NEVER, "only a process's first run repeats: a counter", |_, _| {
        boxed(thread_ids())
    }),
    canary("pointers", "pointer values", NEVER, "another layout in each process", |_, _| boxed(pointers())),
];

// The canaries. Each logs several values, so that an equal digest is no luck.

fn boxed(body: impl Future<Output = ()> + 'static) -> ScenarioFuture {
    Box::pin(async {
        body.await;
        Ok(())
    })
}

fn saw(value: u64) {
    tracing::info!(value, "saw");
}

fn saw_wide(value: u128) {
    saw((value >> 64) as u64);
    saw(value as u64);
}

async fn std_maps() {
    for _ in 0..2 {
        (0..20).map(|key| (key, ())).collect::<HashMap<_, _>>().into_keys().for_each(saw);
        (0..20).collect::<HashSet<_>>().into_iter().for_each(saw);
        yield_now().await;
    }
}

async fn dash_map() {
    let map: dashmap::DashMap<u64, ()> = (0..40).map(|key| (key, ())).collect();
    map.into_iter().for_each(|(key, ())| saw(key));
}

async fn ordered_maps() {
    let map: indexmap::IndexMap<u64, ()> = (0..20).map(|key| (key * 7 % 20, ())).collect();
    map.into_keys().for_each(saw);
    (0..20).map(|key| (key * 7 % 20, ())).collect::<BTreeMap<_, _>>().into_keys().for_each(saw);
}

async fn madsim_rand() {
    for _ in 0..4 {
        saw(madsim::rand::random());
    }
}

async fn rand_0_9() {
    for _ in 0..4 {
        saw(rand_09::random());
    }
}

async fn getrandom_0_3() {
    for _ in 0..4 {
        saw(getrandom_03::u64().unwrap());
    }
}

async fn uuid_v4() {
    for _ in 0..4 {
        saw_wide(uuid::Uuid::new_v4().as_u128());
    }
}

async fn clocks() {
    for hours in 0..3 {
        let (std, ours) = (std::time::Instant::now(), Instant::now());
        // std shows the value of an instant only like this.
        tracing::info!(?std, ?ours, "saw");
        saw_wide(std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos());
        sleep(Duration::from_secs(3_600 * hours)).await;
        saw_wide(std.elapsed().as_nanos());
    }
}

async fn ready_tasks() {
    let mut tasks: JoinSet<()> = (0..12)
        .map(|number| async move {
            for _ in 0..3 {
                saw(number);
                yield_now().await;
            }
        })
        .collect();
    while tasks.join_next().await.is_some() {}
}

async fn task_ids() {
    for _ in 0..4 {
        tracing::info!(id = %spawn_local(async {}).id(), "saw");
    }
}

async fn futures_unordered() {
    let futures = (0..12).map(|number| async move {
        for _ in 0..number % 4 {
            yield_now().await;
        }
        saw(number);
    });
    futures::StreamExt::collect::<()>(futures.collect::<futures::stream::FuturesUnordered<_>>()).await;
}

async fn tokio_mpsc() {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(2);
    for number in 0..8 {
        let sender = sender.clone();
        spawn_local(async move {
            for nth in 0..4 {
                sender.send(10 * number + nth).await.unwrap();
            }
        });
    }
    drop(sender);
    while let Some(number) = receiver.recv().await {
        saw(number);
    }
}

async fn tokio_semaphore() {
    let slots = Arc::new(tokio::sync::Semaphore::new(2));
    let work = |number| {
        let slots = slots.clone();
        async move {
            for _ in 0..3 {
                let _slot = slots.acquire().await.unwrap();
                saw(number);
                sleep(Duration::from_millis(1)).await;
            }
        }
    };
    (0..8).map(work).collect::<JoinSet<()>>().join_all().await;
}

async fn tokio_watch() {
    let (sender, receiver) = tokio::sync::watch::channel(0_u64);
    let watch = |number| {
        let mut receiver = receiver.clone();
        async move {
            for _ in 0..3 {
                receiver.changed().await.unwrap();
                saw(number);
            }
        }
    };
    let watchers: JoinSet<()> = (0..40).map(watch).collect();
    for value in 1..4 {
        sleep(Duration::from_secs(3_600)).await;
        sender.send(value).unwrap();
    }
    watchers.join_all().await;
}

async fn watch_in_task() {
    let (sender, receiver) = tokio::sync::watch::channel(0_u64);
    let watch = |number| {
        let mut receiver = receiver.clone();
        async move {
            receiver.changed().await.unwrap();
            saw(number);
        }
    };
    let watchers: futures::stream::FuturesUnordered<_> = (0..40).map(watch).collect();
    spawn_local(async move {
        sleep(Duration::from_secs(3_600)).await;
        sender.send(1).unwrap();
    });
    futures::StreamExt::collect::<()>(watchers).await;
}

/// Has the allocator give other addresses than it would have, in each run others.
fn shuffle_the_heap() {
    let address = std::ptr::from_ref(&*Box::new(0)).addr();
    let (kept, dropped): (Vec<_>, Vec<_>) =
        (0..400).map(|at| (at, vec![0_u8; (address >> 4).wrapping_mul(at + 1) % 600])).partition(|(at, _)| at % 3 == 0);
    drop(dropped);
    std::mem::forget(kept);
}

async fn blocking_actors() {
    shuffle_the_heap();
    let (out, mut results) = tokio::sync::mpsc::channel(100);
    for actor in 0..4 {
        let (sender, mut receiver) = tokio::sync::mpsc::channel::<Vec<u64>>(4);
        let out = out.clone();
        drop(spawn_blocking(move || {
            while let Some(got) = receiver.blocking_recv() {
                out.blocking_send(vec![actor; got.len() + 1]).unwrap();
            }
        }));
        spawn(async move {
            for size in 0..10 {
                sender.send(vec![0; size * 7]).await.unwrap();
            }
        });
    }
    drop(out);
    while let Some(result) = results.recv().await {
        saw(result[0]);
    }
}

async fn std_locks() {
    shuffle_the_heap();
    let shared = Arc::new((Mutex::new(VecDeque::<u64>::new()), Condvar::new()));
    let takers: Vec<_> = (0..4)
        .map(|taker| {
            let shared = shared.clone();
            spawn_blocking(move || {
                for _ in 0..5 {
                    let items = shared.0.lock().unwrap();
                    let mut items = shared.1.wait_while(items, |items| items.is_empty()).unwrap();
                    saw(taker + items.pop_front().unwrap());
                    std::thread::sleep(Duration::from_millis(1));
                }
            })
        })
        .collect();
    for item in 0..20 {
        shared.0.lock().unwrap().push_back(item * 10);
        shared.1.notify_one();
        yield_now().await;
    }
    for taker in takers {
        taker.await.unwrap();
    }
}

async fn parked_turns() {
    shuffle_the_heap();
    let world_s = std::thread::current();
    let work: Vec<_> = (0..4)
        .map(|_| {
            let queue = Arc::new(Mutex::new(VecDeque::<Vec<u64>>::new()));
            let of_worker = queue.clone();
            let worker = spawn_blocking(move || {
                for _ in 0..10 {
                    let text = loop {
                        let next = of_worker.lock().unwrap().pop_front();
                        match next {
                            Some(sizes) => break format!("{sizes:?}"),
                            None => std::thread::park(),
                        }
                    };
                    saw(text.len() as u64);
                }
            });
            (queue, worker)
        })
        .collect();
    for size in 0..10 {
        for (queue, _) in &work {
            queue.lock().unwrap().push_back(vec![7; size * 7]);
            world_s.unpark();
            yield_now().await;
        }
    }
    for (_, worker) in work {
        worker.await.unwrap();
    }
}

async fn seedbed_select() {
    for _ in 0..40 {
        saw(seedbed_tokio::select! {
            () = ready(()) => 1,
            () = ready(()) => 2,
            () = ready(()) => 3,
        });
    }
}

async fn tokio_select() {
    for _ in 0..40 {
        saw(tokio::select! {
            () = ready(()) => 1,
            () = ready(()) => 2,
            () = ready(()) => 3,
        });
    }
}

async fn futures_select() {
    for _ in 0..40 {
        saw(futures::select! {
            () = futures::future::ready(()) => 1,
            () = futures::future::ready(()) => 2,
            () = futures::future::ready(()) => 3,
        });
    }
}

async fn rand_0_8() {
    for _ in 0..4 {
        saw(rand_08::random());
    }
}

async fn getrandom_0_2() {
    for _ in 0..4 {
        let mut bytes = [0; 8];
        getrandom_02::getrandom(&mut bytes).unwrap();
        saw(u64::from_le_bytes(bytes));
    }
}

async fn a_hash() {
    for _ in 0..2 {
        (0..20).map(|key| (key, ())).collect::<HashMap<_, _, ahash::RandomState>>().into_keys().for_each(saw);
    }
}

async fn hash_brown() {
    for _ in 0..2 {
        (0..20).map(|key| (key, ())).collect::<hashbrown::HashMap<_, _>>().into_keys().for_each(saw);
    }
}

async fn fast_rand() {
    for _ in 0..4 {
        saw(fastrand::u64(..));
    }
}

async fn uuid_v7() {
    for _ in 0..4 {
        saw_wide(uuid::Uuid::now_v7().as_u128());
    }
}

async fn lazy_entropy() {
    static KEPT: OnceLock<u64> = OnceLock::new();
    saw(*KEPT.get_or_init(|| getrandom_03::u64().unwrap()));
    // The first run of a process has drawn once more than the others, so this differs even so.
    saw(getrandom_03::u64().unwrap());
}

async fn madsim_task_ids() {
    tracing::info!(id = %madsim::task::spawn(async {}).id(), "saw");
}

async fn thread_ids() {
    tracing::info!(id = ?std::thread::current().id(), "saw");
}

async fn pointers() {
    static STATIC: u8 = 0;
    let (local, heap) = (0_u8, Box::new(0_u8));
    saw(std::ptr::from_ref(&STATIC).addr() as u64);
    saw(std::ptr::from_ref(&local).addr() as u64);
    saw(std::ptr::from_ref(&*heap).addr() as u64);
}

// The circumstances.

/// Names a canary and a seed to the process that is to run them.
const ASKED: &str = "SEEDBED_CANARY";
const HELPER: &str = "a_fresh_process_prints_its_digests_when_asked";
const SEEDS: [u64; 3] = [3, 11, 40];

/// What a process that has run nothing before gives for one canary and seed, in this order.
fn digests(scenario: &Scenario, seed: u64) -> Vec<(&'static str, String)> {
    let others = || (seed + 1..seed + 6).chain([seed]);
    let mut digests = Vec::new();
    let mut run = |circumstance, threads: &Threads, seeds: &mut dyn Iterator<Item = u64>| {
        let mut last = String::new();
        let case = Case::of_seed(scenario.name, seed);
        let each = |_, outcome: seedbed::Outcome| {
            assert!(outcome.finding.is_none(), "{}: {:?}", scenario.name, outcome.finding);
            last = outcome.digest.to_string();
            true
        };
        scenario.run_seeds(&case, threads, seeds, each).unwrap();
        digests.push((circumstance, last));
    };
    run("cold", &Threads::Fresh, &mut [seed].into_iter());
    run("again", &Threads::Fresh, &mut [seed].into_iter());
    run("after other seeds", &Threads::Fresh, &mut others());
    run("on a reused thread", &Threads::reused(), &mut others());
    digests
}

#[test]
fn a_fresh_process_prints_its_digests_when_asked() {
    let Ok(asked) = env::var(ASKED) else { return };
    let (name, seed) = asked.split_once(' ').unwrap();
    let canary = CANARIES.iter().find(|canary| canary.scenario.name == name).unwrap();
    for (circumstance, digest) in digests(&canary.scenario, seed.parse().unwrap()) {
        println!("{ASKED} {circumstance} = {digest}");
    }
}

/// The digests of a canary and a seed in a process of their own.
fn in_a_fresh_process(name: &str, seed: u64) -> BTreeMap<String, String> {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", HELPER, "--nocapture"])
        .env(ASKED, format!("{name} {seed}"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{name}: {text}{}", String::from_utf8_lossy(&output.stderr));
    let of_line = |line: &str| {
        let (circumstance, digest) = line.split_once(ASKED)?.1.split_once(" = ")?;
        Some((circumstance.trim().to_owned(), digest.to_owned()))
    };
    text.lines().filter_map(of_line).collect()
}

/// Under which circumstances a canary's digest is another one than in a process's first run, for any seed.
fn differs(name: &str) -> BTreeSet<String> {
    let mut differs = BTreeSet::new();
    for seed in SEEDS {
        let (first, second) = (in_a_fresh_process(name, seed), in_a_fresh_process(name, seed));
        assert_eq!(first.len(), 4, "{name}: {first:?}");
        differs.extend(first.iter().filter(|(_, digest)| **digest != first["cold"]).map(|(which, _)| which.clone()));
        if first["cold"] != second["cold"] {
            differs.insert("in another process".to_owned());
        }
    }
    differs
}

#[test]
fn each_source_is_deterministic_or_reported_as_the_table_says() {
    const REUSED: &str = "on a reused thread";
    let threads_can_be_reused = matches!(Threads::reused(), Threads::Reused(_));
    let mut wrong = String::new();
    for Canary { scenario, fresh, reused, .. } in CANARIES {
        let differs = differs(scenario.name);
        let verdict = |differs| if differs { Reported } else { Deterministic };
        let seen_fresh = verdict(differs.iter().any(|which| which != REUSED));
        let seen_reused = verdict(differs.contains(REUSED));
        if seen_fresh != *fresh || (threads_can_be_reused && seen_reused != *reused) {
            writeln!(wrong, "{}: another digest {differs:?}", scenario.name).unwrap();
        }
    }
    assert!(wrong.is_empty(), "these have changed sides:\n{wrong}");
}

/// The digest leaves out what a timeline may still show, so whole histories are compared too.
#[test]
fn a_deterministic_source_has_the_same_history_again() {
    for canary in CANARIES.iter().filter(|canary| canary.fresh == Deterministic) {
        for seed in SEEDS {
            let history = || {
                let outcome = canary.scenario.replay(&Case::of_seed(canary.scenario.name, seed)).unwrap();
                format!("{:#?}", outcome.history.unwrap().iter().collect::<Vec<_>>())
            };
            assert!(history() == history(), "{} under seed {seed}", canary.scenario.name);
        }
    }
}

// The table.

const TABLE: &str = include_str!("canaries.md");
const MARKER: &str = "<!-- determinism table -->";

fn table() -> String {
    let word = |verdict| match verdict {
        Deterministic => "deterministic",
        Reported => "**reported**",
    };
    let mut table = "| Source | A thread per run (default) | Reused thread | Note |\n|---|---|---|---|\n".to_owned();
    for Canary { scenario, fresh, reused, note } in CANARIES {
        writeln!(table, "| {} | {} | {} | {note} |", scenario.story, word(*fresh), word(*reused)).unwrap();
    }
    table
}

#[test]
fn the_written_table_is_the_tested_one() {
    let table = table();
    assert!(TABLE == table, "tests/canaries.md should be:\n{table}");
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap_or_default();
    let parts: Vec<&str> = readme.split(MARKER).collect();
    if let [_, written, _] = parts[..] {
        assert!(written.trim() == table.trim(), "between its two markers README.md should have:\n{table}");
    }
}
