//! Writers and compactions of one store are killed at any instant, and started again.

use crate::{
    directory::Directory,
    process::{Writer, all, command, item},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    env,
    path::Path,
    process::{Child, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

const WRITERS: usize = 6;
/// `SHARDWRIGHT_KILL_SECONDS` makes it longer.
const SECONDS: u64 = 5;
/// What a write waits at most, by default.
const LOCK_WAIT: Duration = Duration::from_secs(30);

/// What was acknowledged: the status of each item by its title.
type Acknowledged = BTreeMap<String, &'static str>;

/// What all threads of the test know.
struct Shared<'a> {
    store: &'a Path,
    until: Instant,
    acknowledged: Mutex<Acknowledged>,
    /// The processes that write now.
    alive: Mutex<BTreeMap<usize, Arc<Mutex<Child>>>>,
}

/// What one thread saw.
#[derive(Debug, Default)]
struct Tally {
    writes: u64,
    refused: u64,
    /// Asked for again, as the one who was asked had been killed.
    asked_again: u64,
    kills: u64,
    compactions: u64,
    reads: u64,
    longest: Duration,
    waited_us_max: u64,
}

#[test]
fn what_was_acknowledged_is_there_whoever_is_killed() {
    let seconds = env::var("SHARDWRIGHT_KILL_SECONDS").map_or(SECONDS, |text| text.parse().expect("a number"));
    let directory = Directory::new();
    let shared = Shared {
        store: &directory.store(),
        until: Instant::now() + Duration::from_secs(seconds),
        acknowledged: Mutex::default(),
        alive: Mutex::default(),
    };
    item(shared.store, &["add", "the first"]).text();
    shared.acknowledged.lock().unwrap().insert("the first".into(), "open");
    let tally = thread::scope(|scope| {
        let shared = &shared;
        let mut work: Vec<_> = (0..WRITERS).map(|nth| scope.spawn(move || write(shared, nth))).collect();
        work.push(scope.spawn(|| kill(shared)));
        work.push(scope.spawn(|| compact(shared)));
        work.push(scope.spawn(|| read(shared)));
        work.into_iter().map(|one| one.join().expect("no thread fails")).fold(Tally::default(), Tally::with)
    });
    println!("{tally:?}");
    assert!(tally.kills > 0 && tally.asked_again > 0, "somebody was killed while it wrote: {tally:?}");
    assert!(tally.longest < LOCK_WAIT && tally.waited_us_max < LOCK_WAIT.as_micros() as u64, "{tally:?}");
    let found: BTreeMap<_, _> =
        all(shared.store).iter().map(|item| (text(item, "title"), text(item, "status"))).collect();
    let acknowledged = shared.acknowledged.into_inner().unwrap();
    let expected: BTreeMap<_, _> = acknowledged.into_iter().map(|(title, status)| (title, status.to_owned())).collect();
    assert_eq!(found, expected, "what is there is what was acknowledged");
    assert_eq!(all(shared.store).len(), expected.len(), "nothing is there twice");
    assert!(item(shared.store, &["doctor"]).text().contains("no damage"));
}

fn text(item: &Value, field: &str) -> String {
    item[field].as_str().expect("it is text").to_owned()
}

impl Shared<'_> {
    fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    fn writer(&self, nth: usize) -> Writer {
        let writer = Writer::start(self.store);
        self.alive.lock().unwrap().insert(nth, writer.child.clone());
        writer
    }
}

/// Adds items, closes some of them, and asks for what is refused, until time is up.
fn write(shared: &Shared<'_>, nth: usize) -> Tally {
    let (mut tally, mut writer) = (Tally::default(), shared.writer(nth));
    let mut ask = |tally: &mut Tally, request: &Value| loop {
        let asked = Instant::now();
        if let Some(answer) = writer.ask(request) {
            tally.longest = tally.longest.max(asked.elapsed());
            return answer;
        }
        tally.asked_again += 1;
        writer = shared.writer(nth);
    };
    for count in 0.. {
        if shared.is_over() {
            break;
        }
        let title = format!("{nth}/{count}");
        let added = ask(&mut tally, &json!({"key": title, "changes": [{"add": {"title": title}}]}));
        let id = added["receipt"]["items"][0].as_u64().unwrap_or_else(|| panic!("{title}: {added}"));
        shared.acknowledged.lock().unwrap().insert(title.clone(), "open");
        tally.writes += 1;
        if count % 3 == 0 {
            let closed = ask(&mut tally, &json!({"key": format!("close {title}"), "changes": [{"close": {"id": id}}]}));
            assert!(closed["receipt"].is_object(), "{title}: {closed}");
            shared.acknowledged.lock().unwrap().insert(title, "closed");
            tally.writes += 1;
        } else {
            let never = json!([{"add": {"title": "never"}}, {"close": {"id": u64::MAX}}]);
            let refused = ask(&mut tally, &json!({"changes": never}));
            assert_eq!(refused["error"]["kind"], "refused", "{refused}");
            tally.refused += 1;
        }
    }
    shared.alive.lock().unwrap().remove(&nth);
    if let Some((contention, _)) = writer.end() {
        assert_eq!(contention["timed_out"], 0, "{contention}");
        tally.waited_us_max = contention["wait_us_max"].as_u64().expect("a number");
    }
    tally
}

/// One writer or other, every few milliseconds.
fn kill(shared: &Shared<'_>) -> Tally {
    let (mut tally, mut draws) = (Tally::default(), Draws(0x5eed));
    while !shared.is_over() {
        thread::sleep(Duration::from_micros(draws.below(60_000)));
        let victim = shared.alive.lock().unwrap().get(&(draws.below(WRITERS as u64) as usize)).cloned();
        if let Some(victim) = victim {
            let mut victim = victim.lock().unwrap();
            victim.kill().expect("it was not waited for");
            victim.wait().expect("it was killed");
            tally.kills += 1;
        }
    }
    tally
}

/// Every second compaction is killed within it.
fn compact(shared: &Shared<'_>) -> Tally {
    let (mut tally, mut draws) = (Tally::default(), Draws(0xc0de));
    while !shared.is_over() {
        thread::sleep(Duration::from_millis(draws.below(100)));
        let mut compaction = command(shared.store, &["compact"]).stdout(Stdio::null()).spawn().expect("it is built");
        if draws.below(2) == 0 {
            thread::sleep(Duration::from_micros(draws.below(8_000)));
            compaction.kill().expect("it was not waited for");
        }
        let status = compaction.wait().expect("a child can be waited for");
        assert!(status.success() || status.code().is_none(), "{status}");
        tally.compactions += u64::from(status.success());
    }
    tally
}

/// Sees all that was acknowledged before it looked, and no damage.
fn read(shared: &Shared<'_>) -> Tally {
    let mut tally = Tally::default();
    while !shared.is_over() {
        let before = shared.acknowledged.lock().unwrap().clone();
        let found: BTreeMap<_, _> =
            all(shared.store).iter().map(|item| (text(item, "title"), text(item, "status"))).collect();
        for (title, status) in before {
            let now = found.get(&title).unwrap_or_else(|| panic!("{title} was acknowledged, and is not there"));
            assert!(now == status || now == "closed", "{title} was {status}, and is {now}");
        }
        let doctor = item(shared.store, &["doctor", "--json"]);
        assert_eq!((doctor.status, &doctor.json()["report"]["damage"]), (Some(0), &json!([])), "{}", doctor.stdout);
        tally.reads += 1;
    }
    tally
}

impl Tally {
    fn with(self, other: Self) -> Self {
        Self {
            writes: self.writes + other.writes,
            refused: self.refused + other.refused,
            asked_again: self.asked_again + other.asked_again,
            kills: self.kills + other.kills,
            compactions: self.compactions + other.compactions,
            reads: self.reads + other.reads,
            longest: self.longest.max(other.longest),
            waited_us_max: self.waited_us_max.max(other.waited_us_max),
        }
    }
}

/// Numbers that look drawn (xorshift).
struct Draws(u64);

impl Draws {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
