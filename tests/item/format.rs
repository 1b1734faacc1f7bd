//! Stores of earlier formats, as programs of their time left them: `format-1/items.log` and `format-2/items.log`.

use crate::{directory::Directory, process::item};
use serde_json::{Value, json};
use std::{fs, path::Path};

fn list(store: &Path) -> Value {
    item(store, &["list", "--all", "--json"]).json()["items"].clone()
}

fn format(store: &Path) -> Value {
    let doctor = item(store, &["doctor", "--json"]);
    assert_eq!(doctor.status, Some(0), "{}", doctor.stdout);
    doctor.json()["report"]["format"].clone()
}

#[test]
fn a_store_of_format_1_is_read_and_written_and_brought_into_this_format_when_it_is_compacted() {
    is_read_and_written_and_brought_into_this_format(1, include_bytes!("format-1/items.log"));
}

#[test]
fn so_is_one_of_format_2() {
    is_read_and_written_and_brought_into_this_format(2, include_bytes!("format-2/items.log"));
}

/// Both hold the same.
fn is_read_and_written_and_brought_into_this_format(of: u32, log: &[u8]) {
    let directory = Directory::new();
    let store = directory.store();
    fs::create_dir(&store).unwrap();
    fs::write(store.join("items.log"), log).unwrap();
    let items = list(&store);
    let fields = |item: &Value| ["id", "version", "status", "owner", "blocked_by"].map(|field| item[field].clone());
    let items: Vec<_> = items.as_array().unwrap().iter().map(fields).collect();
    assert_eq!(
        json!(items),
        json!([[1, 6, "closed", "ada", []], [2, 8, "open", "bob", [1]], [4, 7, "open", null, []],])
    );
    let first = item(&store, &["show", "1", "--json"]).json();
    assert_eq!(first["item"]["body"], "with \"quotes\" & ünïcode\nand a second line", "{first}");

    item(&store, &["add", "in the old format", "--key", "k3"]).text();
    assert_eq!(format(&store), of, "a program of that time can read it");
    let old = fs::read(store.join("items.log")).unwrap();
    assert!(old.windows(17).any(|window| window == b"in the old format"));
    // These were asked for before, under these keys.
    for (title, key) in [("behind the compaction", "k2"), ("in the old format", "k3")] {
        item(&store, &["add", title, "--key", key]).text();
    }
    let before = list(&store);
    assert_eq!(before.as_array().unwrap().len(), 4);

    item(&store, &["compact"]).text();
    assert_eq!(format(&store), 3);
    assert_eq!(list(&store), before, "nothing was lost, and nothing done again");
    item(&store, &["add", "in the old format", "--key", "k3"]).text();
    assert_eq!(list(&store), before, "the keys are still known");
    item(&store, &["close", "4"]).text();
    assert_eq!(item(&store, &["show", "4", "--json"]).json()["item"]["status"], "closed");
}
