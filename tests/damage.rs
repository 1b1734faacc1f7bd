//! Every bit and every length of a store's files, damaged one at a time: what is read then is right, or is said to be
//! damaged, and a write makes nothing worse.
#![cfg(real_side)]
#![expect(clippy::disallowed_methods, reason = "damages real files")]

use shardwright::store::{Change, Filter, Item, ItemId, NewItem, Request, Settings, Store, doctor};
use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::join;

const SETTINGS: Settings = Settings { grow_bytes: 64, ..Settings::BASE };

/// Where the texts of the one who syncs stand, in bytes.
const SYNCS: usize = 64 * 128;

fn add(title: &str) -> Change {
    Change::Add(NewItem { title: title.into(), ..NewItem::default() })
}

/// The files of a store, as bytes.
#[derive(Clone)]
struct Files {
    log: Vec<u8>,
    door: Vec<u8>,
}

/// Which file is damaged.
#[derive(Clone, Copy, Debug)]
enum Which {
    Log,
    Door,
}

/// How.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Flip {
        bit: usize,
    },
    Cut {
        len: usize,
    },
    /// The same bit of both texts of a seat: neither is whole.
    FlipTwice {
        byte: usize,
    },
}

impl Files {
    fn read(directory: &Path) -> Self {
        let read = |name| fs::read(directory.join(name)).expect("the store has it");
        Self { log: read("items.log"), door: read("lock/door") }
    }

    fn write(&self, directory: &Path) {
        fs::write(directory.join("items.log"), &self.log).expect("it can be written");
        fs::write(directory.join("lock/door"), &self.door).expect("it can be written");
    }

    fn damaged(&self, which: Which, damage: Damage) -> Self {
        let mut files = self.clone();
        let bytes = match which {
            Which::Log => &mut files.log,
            Which::Door => &mut files.door,
        };
        match damage {
            Damage::Flip { bit } => bytes[bit / 8] ^= 1 << (bit % 8),
            Damage::Cut { len } => bytes.truncate(len),
            Damage::FlipTwice { byte } => [byte, byte + 64].into_iter().for_each(|byte| bytes[byte] ^= 1),
        }
        files
    }

    /// Each bit of these bytes, and each length that ends in them.
    fn all(bytes: Range<usize>) -> impl Iterator<Item = Damage> {
        let flips = (8 * bytes.start..8 * bytes.end).map(|bit| Damage::Flip { bit });
        flips.chain(bytes.map(|len| Damage::Cut { len }))
    }

    fn log_damage(&self) -> impl Iterator<Item = (Which, Damage)> + use<> {
        Self::all(0..self.log.len()).map(|damage| (Which::Log, damage))
    }

    /// Of the seats that nobody has used, one stands for all. Behind them is the place of the one who syncs.
    fn door_damage(&self) -> impl Iterator<Item = (Which, Damage)> + use<> {
        assert_eq!(self.door.len(), SYNCS + 128);
        let used = self.door[..SYNCS].iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let both = [0, 128, SYNCS].into_iter().flat_map(|seat| seat..seat + 64).map(|byte| Damage::FlipTwice { byte });
        let unused = (used + 64..SYNCS).step_by(64).map(|len| Damage::Cut { len });
        let damage = Self::all(0..used + 64).chain(Self::all(SYNCS..self.door.len())).chain(both).chain(unused);
        damage.map(|damage| (Which::Door, damage))
    }
}

type Items = Vec<Arc<Item>>;

/// All items, or why they cannot be read.
async fn read(directory: &Path) -> Result<Items, String> {
    let store = Store::open(directory, SETTINGS).await.map_err(|error| error.to_string())?;
    store.items(&Filter::ALL).await.map_err(|error| error.to_string())
}

async fn is_damaged(directory: &Path) -> bool {
    doctor(directory).await.map_or(true, |report| !report.damage.is_empty())
}

/// How many were served as if nothing had happened, and how many were reported.
#[derive(Debug, Default)]
struct Tally {
    served: usize,
    reported: usize,
}

async fn try_all(directory: &Path, files: &Files, all_damage: Vec<(Which, Damage)>) -> Tally {
    files.write(directory);
    let expected = read(directory).await.expect("the store is whole");
    assert!(!is_damaged(directory).await, "the store is whole");
    let mut tally = Tally::default();
    for (which, damage) in all_damage {
        let damaged = files.damaged(which, damage);
        damaged.write(directory);
        let context = format!("{which:?}, {damage:?}");
        match read(directory).await {
            Ok(items) => {
                assert_eq!(items, expected, "{context}: other items were served");
                tally.served += 1;
            }
            Err(error) => {
                assert!(is_damaged(directory).await, "{context}: the doctor finds nothing, and reading says {error}");
                assert_eq!(fs::read(directory.join("items.log")).unwrap(), damaged.log, "{context}: reading wrote");
                tally.reported += 1;
            }
        }
        write_to(directory, &expected, &context).await;
    }
    tally
}

/// A write gets through and loses nothing, or what was damaged is said to be so still.
async fn write_to(directory: &Path, expected: &Items, context: &str) {
    let written = match Store::open(directory, SETTINGS).await {
        Ok(store) => store.apply(add("after")).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match (written, read(directory).await) {
        (Ok(_), Ok(items)) => {
            assert_eq!(items[..expected.len()], expected[..], "{context}: a write lost items");
            assert_eq!(items.len(), expected.len() + 1, "{context}: a write was lost");
            assert!(!is_damaged(directory).await, "{context}: still damaged after a write");
        }
        (Ok(_), Err(error)) => panic!("{context}: a write was acknowledged that cannot be read: {error}"),
        (Err(_), Ok(items)) => assert_eq!(items, *expected, "{context}: a write that failed changed something"),
        (Err(_), Err(_)) => assert!(is_damaged(directory).await, "{context}: a write hid the damage"),
    }
}

/// Six items, and two handles who have each marked what is durable: the last one through `last`.
async fn six_items(directory: &Path, last: usize) {
    let handles =
        [Store::open_or_create(directory, SETTINGS).await.unwrap(), Store::open(directory, SETTINGS).await.unwrap()];
    let door = directory.join("lock/door");
    handles[0].apply(Request::new([add("one"), add("two")])).await.unwrap();
    // Until both have written at once, each in a seat of its own.
    while fs::read(&door).unwrap()[128..192] == [0; 64] {
        let (close, reopen) = (Change::Close(ItemId(1).into()), Change::Reopen(ItemId(1).into()));
        let _whichever_comes_first = join!(handles[0].apply(close), handles[1].apply(reopen));
    }
    handles[0].compact().await.unwrap();
    for title in ["three", "four", "five"] {
        handles[1 - last].apply(add(title)).await.unwrap();
    }
    handles[last].apply(add("six")).await.unwrap();
}

/// Two more at a time, until what is durable was marked by the one who syncs, and in no seat.
async fn shared_sync(directory: &Path) {
    let handles = [Store::open(directory, SETTINGS).await.unwrap(), Store::open(directory, SETTINGS).await.unwrap()];
    for _ in 0..1_000 {
        let (one, other) = join!(handles[0].apply(add("one more")), handles[1].apply(add("another")));
        one.and(other).expect("written");
        let end = doctor(directory).await.expect("readable").end.to_le_bytes();
        let door = fs::read(directory.join("lock/door")).expect("the store has it");
        let says_so = |texts: &[u8]| texts.windows(end.len()).any(|bytes| bytes == end);
        if says_so(&door[SYNCS..]) && !says_so(&door[..SYNCS]) {
            return;
        }
    }
    panic!("two who wrote at once have never shared a sync");
}

/// In memory, if there is such a place: nothing here depends on what a sync does.
fn directory(name: &str) -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
    folder.join(format!("shardwright-damage-{}-{name}", std::process::id()))
}

fn try_store(name: &str, make: impl AsyncFnOnce(&Path), all_damage: impl FnOnce(&Files) -> Vec<(Which, Damage)>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let directory = directory(name);
    let tally = runtime.block_on(async {
        make(&directory).await;
        let files = Files::read(&directory);
        println!("{name}: a log of {} bytes, a door of {}", files.log.len(), files.door.len());
        try_all(&directory, &files, all_damage(&files)).await
    });
    println!("{name}: {tally:?}");
    fs::remove_dir_all(&directory).expect("the test made it");
}

#[test]
fn no_flipped_bit_and_no_cut_of_the_log_loses_anything_silently() {
    try_store("log", async |directory| six_items(directory, 0).await, |files| files.log_damage().collect());
}

#[test]
fn nor_of_the_door_when_the_first_seat_has_the_newest_mark() {
    try_store("first-seat", async |directory| six_items(directory, 0).await, |files| files.door_damage().collect());
}

#[test]
fn nor_of_the_door_when_the_second_seat_has_it() {
    try_store("second-seat", async |directory| six_items(directory, 1).await, |files| files.door_damage().collect());
}

#[test]
fn nor_of_the_door_when_the_one_who_syncs_has_it() {
    let make = async |directory: &Path| {
        six_items(directory, 0).await;
        shared_sync(directory).await;
    };
    try_store("shared-sync", make, |files| files.door_damage().collect());
}
