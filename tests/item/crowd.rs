//! Many processes write one store at once.

use crate::{
    directory::Directory,
    process::{Writer, all, item},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, thread};

const PROCESSES: usize = 10;
const WRITES: usize = 100;
/// What a write waits at most, by default.
const LOCK_WAIT_US: u64 = 30_000_000;

#[test]
fn of_ten_processes_each_writes_a_hundred_items_and_all_are_there() {
    let directory = Directory::new();
    let store = directory.store();
    let mut writers: Vec<_> = (0..PROCESSES).map(|_| Writer::start(&store)).collect();
    let alive = writers.iter().filter(|writer| writer.is_alive()).count();
    assert_eq!(alive, PROCESSES, "all have started");
    let contention: Vec<_> = thread::scope(|scope| {
        let work = writers.drain(..).enumerate().map(|(nth, writer)| scope.spawn(move || write_all(nth, writer)));
        let work: Vec<_> = work.collect();
        work.into_iter().map(|one| one.join().expect("no writer fails")).collect()
    });
    for (nth, contention) in contention.iter().enumerate() {
        println!("process {nth}: {contention}");
        assert_eq!((&contention["turns"], &contention["timed_out"]), (&json!(WRITES), &json!(0)));
        assert!(contention["wait_us_max"].as_u64().unwrap() <= LOCK_WAIT_US, "process {nth}: {contention}");
    }
    let items = all(&store);
    let ids: BTreeSet<_> = items.iter().map(|item| item["id"].as_u64().unwrap()).collect();
    let titles: BTreeSet<_> = items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
    let written: BTreeSet<_> = (0..PROCESSES).flat_map(|nth| (0..WRITES).map(move |which| title(nth, which))).collect();
    assert_eq!((items.len(), ids.len()), (PROCESSES * WRITES, PROCESSES * WRITES), "each has an id of its own");
    assert_eq!(titles, written);
    assert!(item(&store, &["doctor"]).text().contains("no damage"));
}

fn title(process: usize, which: usize) -> String {
    format!("{process}/{which}")
}

/// All its items, one after the other; how long it waited.
fn write_all(process: usize, mut writer: Writer) -> Value {
    for which in 0..WRITES {
        let request = json!({"changes": [{"add": {"title": title(process, which)}}]});
        let answer = writer.ask(&request).expect("nobody kills it");
        assert!(answer["receipt"]["items"][0].is_u64(), "process {process}, write {which}: {answer}");
    }
    let (contention, status) = writer.end().expect("nobody kills it");
    assert_eq!(status, 0, "process {process}");
    contention
}

#[test]
fn of_two_that_claim_one_item_one_has_it() {
    let directory = Directory::new();
    let store = directory.store();
    item(&store, &["add", "one", "two", "three"]).text();
    for id in ["1", "2", "3"] {
        let claims = thread::scope(|scope| {
            let claim = |owner| item(&directory.store(), &["claim", id, "--owner", owner, "--json"]);
            let claims = ["ada", "bob"].map(|owner| scope.spawn(move || claim(owner)));
            claims.map(|claim| claim.join().expect("it ends"))
        });
        let mut statuses = claims.map(|claim| claim.status);
        statuses.sort_unstable();
        assert_eq!(statuses, [Some(0), Some(1)], "item {id}");
    }
}

#[test]
fn the_next_item_is_claimed_once_however_many_ask() {
    let directory = Directory::new();
    let store = directory.store();
    let titles: Vec<_> = (0..8).map(|nth| nth.to_string()).collect();
    item(&store, &[vec!["add"], titles.iter().map(String::as_str).collect()].concat()).text();
    let claims: Vec<_> = thread::scope(|scope| {
        let claim = |nth: usize| item(&directory.store(), &["claim", "--next", "--owner", &nth.to_string(), "--json"]);
        let claims: Vec<_> = (0..10).map(|nth| scope.spawn(move || claim(nth))).collect();
        claims.into_iter().map(|claim| claim.join().expect("it ends")).collect()
    });
    let claimed: BTreeSet<_> = claims.iter().filter_map(|claim| claim.json()["items"][0]["id"].as_u64()).collect();
    assert_eq!(claimed.len(), 8, "each went to one");
    let refused: Vec<_> = claims.iter().filter(|claim| claim.status == Some(1)).map(|claim| claim.json()).collect();
    assert_eq!(refused.len(), 2);
    assert_eq!(refused[0]["error"]["message"], "nothing is ready");
}
