//! Stores that are looked over, copied, damaged and restored.

use crate::{
    directory::Directory,
    process::{all, fed, item},
};
use serde_json::json;
use std::{fs, path::Path};

fn damage(log: &Path, at: usize) {
    let mut bytes = fs::read(log).unwrap();
    bytes[at] ^= 0x40;
    fs::write(log, bytes).unwrap();
}

/// Where the text stands in the log.
fn find(log: &Path, text: &str) -> usize {
    let bytes = fs::read(log).unwrap();
    bytes.windows(text.len()).position(|window| window == text.as_bytes()).expect("it is there")
}

#[test]
fn the_doctor_names_every_damaged_place_and_what_lies_behind() {
    let directory = Directory::new();
    let store = directory.store();
    for title in ["first", "second", "third", "fourth", "fifth"] {
        item(&store, &["add", title]).text();
    }
    let log = store.join("items.log");
    let whole = item(&store, &["doctor", "--json"]).json()["report"].clone();
    assert_eq!((&whole["items"], &whole["entries"], &whole["damage"]), (&json!(5), &json!(5), &json!([])));
    assert_eq!(whole["mark"], json!({"generation": 1, "bytes": whole["end"]}));
    damage(&log, find(&log, "second"));
    damage(&log, find(&log, "fourth"));
    let before = fs::read(&log).unwrap();
    let doctor = item(&store, &["doctor", "--json"]);
    assert_eq!(doctor.status, Some(1));
    let report = doctor.json()["report"].clone();
    let damage = report["damage"].as_array().unwrap();
    assert_eq!(damage.len(), 2, "{report}");
    assert!(damage.iter().all(|at| at["what"] == "the frame's checksum is another"), "{report}");
    assert!(damage[0]["path"].as_str().unwrap().ends_with("items.log"));
    assert_eq!((&report["items"], &report["entries_behind"]), (&json!(3), &json!(2)));
    let text = item(&store, &["doctor"]);
    assert!(text.stdout.contains("is damaged at byte"), "{}", text.stdout);
    for arguments in [&["list"][..], &["add", "sixth"]] {
        assert!(item(&store, arguments).refusal(2).contains("is damaged at byte"));
    }
    assert_eq!(fs::read(&log).unwrap(), before, "nothing was changed");
}

#[test]
fn a_torn_end_is_no_damage() {
    let directory = Directory::new();
    let store = directory.store();
    item(&store, &["add", "first"]).text();
    let log = store.join("items.log");
    let end = item(&store, &["doctor", "--json"]).json()["report"]["end"].as_u64().unwrap();
    let mut bytes = fs::read(&log).unwrap();
    bytes[end as usize..][..4].copy_from_slice(b"\xF1swl");
    fs::write(&log, bytes).unwrap();
    let report = item(&store, &["doctor", "--json"]);
    assert_eq!((report.status, &report.json()["report"]["torn_at"]), (Some(0), &json!(end)));
    item(&store, &["add", "second"]).text();
    assert_eq!(item(&store, &["doctor", "--json"]).json()["report"]["torn_at"], json!(null));
    assert_eq!(all(&store).len(), 2);
}

#[test]
fn a_backup_puts_a_damaged_store_right() {
    let directory = Directory::new();
    let store = directory.store();
    item(&store, &["add", "first", "second"]).text();
    let exported = item(&store, &["export"]).text().to_owned();
    let backup = item(&store, &["backup", "--json"]).json()["backup"]["path"].as_str().unwrap().to_owned();
    item(&store, &["add", "third"]).text();
    let log = store.join("items.log");
    damage(&log, find(&log, "second"));
    let damaged = fs::read(&log).unwrap();
    assert_eq!(item(&store, &["list"]).status, Some(2));
    let restored = item(&store, &["restore", &backup, "--json"]).json()["restored"].clone();
    assert_eq!((&restored["generation"], &restored["items"]), (&json!(2), &json!(2)));
    assert_eq!(fs::read(restored["replaced"].as_str().unwrap()).unwrap(), damaged, "nothing is lost");
    assert_eq!(item(&store, &["export"]).text(), exported);
    assert!(item(&store, &["doctor"]).text().contains("no damage"));
    let added = item(&store, &["add", "fourth", "--json"]).json();
    assert_eq!(added["receipt"], json!({"first": 4, "items": [4]}), "neither number was given to another one before");
}

#[test]
fn a_backup_puts_back_a_log_that_is_gone_and_makes_a_store() {
    let directory = Directory::new();
    let store = directory.store();
    item(&store, &["add", "first"]).text();
    let backup = directory.join("kept/elsewhere");
    let backup = backup.to_str().unwrap();
    item(&store, &["backup", "--to", backup]).text();
    fs::remove_file(store.join("items.log")).unwrap();
    assert!(item(&store, &["add", "x"]).refusal(2).contains("there is no file, and something was acknowledged in it"));
    assert_eq!(item(&store, &["doctor"]).status, Some(1));
    item(&store, &["restore", backup]).text();
    assert_eq!(all(&store).len(), 1);
    let other = directory.join("other");
    item(&other, &["restore", backup]).text();
    assert_eq!(all(&other).len(), 1);
    assert!(item(&other, &["doctor"]).text().contains("no damage"));
    assert!(item(&store, &["backup", "--to", backup]).refusal(2).contains("could not be made"));
}

#[test]
fn a_damaged_backup_is_refused_and_changes_nothing() {
    let directory = Directory::new();
    let store = directory.store();
    item(&store, &["add", "first"]).text();
    let backup = directory.join("backup");
    item(&store, &["backup", "--to", backup.to_str().unwrap()]).text();
    let log = backup.join("items.log");
    let whole = fs::read(&log).unwrap();
    let before = fs::read(store.join("items.log")).unwrap();
    for len in 0..whole.len() {
        fs::write(&log, &whole[..len]).unwrap();
        let refused = item(&store, &["restore", backup.to_str().unwrap()]);
        assert!(refused.refusal(2).starts_with("error: this is no backup: "), "{len}: {}", refused.stderr);
    }
    assert_eq!(fs::read(store.join("items.log")).unwrap(), before);
}

#[test]
fn so_many_backups_stay() {
    let directory = Directory::new();
    let store = directory.store();
    fed(&store, &["add", "-"], "a\nb\n").text();
    for _ in 0..7 {
        item(&store, &["backup", "--keep", "3"]).text();
    }
    let mut names: Vec<_> =
        fs::read_dir(store.join("backups")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["5", "6", "7"]);
}

#[test]
fn a_compaction_leaves_the_items_as_they_are() {
    let directory = Directory::new();
    let store = directory.store();
    item(&store, &["add", "first", "second"]).text();
    item(&store, &["delete", "2"]).text();
    let exported = item(&store, &["export"]).text().to_owned();
    let compacted = item(&store, &["compact", "--json"]).json()["compacted"].clone();
    assert_eq!(compacted["generation"], 2);
    assert_eq!(item(&store, &["export"]).text(), exported);
}

#[test]
fn a_writer_that_was_open_before_a_restore_goes_on_with_it() {
    let directory = Directory::new();
    let store = directory.store();
    item(&store, &["add", "first"]).text();
    let backup = item(&store, &["backup", "--json"]).json()["backup"]["path"].as_str().unwrap().to_owned();
    let mut writer = crate::process::Writer::start(&store);
    let add = |title: &str| json!({"changes": [{"add": {"title": title}}]});
    writer.ask(&add("lost")).unwrap();
    item(&store, &["restore", &backup]).text();
    let answer = writer.ask(&add("kept")).unwrap();
    assert_eq!(answer["receipt"], json!({"first": 3, "items": [3]}));
    let titles: Vec<_> = all(&store).iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(titles, ["first", "kept"]);
}

#[test]
fn commands_that_write_once_compact_the_log_when_it_has_grown() {
    let directory = Directory::new();
    let store = directory.store();
    item(&store, &["add", "first"]).text();
    let body = "x".repeat(100_000);
    for _ in 0..40 {
        item(&store, &["update", "1", "--body", &body]).text();
    }
    let report = item(&store, &["doctor", "--json"]).json()["report"].clone();
    assert!(report["generation"].as_u64().unwrap() >= 3, "{report}");
    assert!(report["end"].as_u64().unwrap() < 2 << 20, "{report}");
    assert_eq!((&report["in_line"], &report["leftovers"]), (&json!([]), &json!([])), "nothing is left half done");
}
