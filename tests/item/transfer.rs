//! Items that go from one store to another.

use crate::{
    directory::Directory,
    process::{all, command, fed, item},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::Path, process::Stdio, thread, time::Duration};

const LINE: &str = r#"{"id":1,"title":"a","created_at_ms":1,"updated_at_ms":2}"#;

#[test]
fn an_export_imported_elsewhere_exports_as_the_same_text() {
    let directory = Directory::new();
    let store = directory.store();
    item(&store, &["add", "a", "b \"quoted\"", "c", "gone", "--body", "line\nline"]).text();
    item(&store, &["claim", "2", "--owner", "ada"]).text();
    item(&store, &["close", "2"]).text();
    item(&store, &["block", "1", "--by", "3"]).text();
    item(&store, &["block", "1", "--by", "4"]).text();
    item(&store, &["delete", "4"]).text();
    let exported = item(&store, &["export"]).text().to_owned();
    assert_eq!(exported.lines().count(), 3);
    let other = directory.join("other");
    assert_eq!(fed(&other, &["import", "-"], &exported).text(), "3 items imported\n");
    assert_eq!(item(&other, &["export"]).text(), exported);
    assert_eq!(fed(&other, &["import", "-"], &exported).text(), "0 items imported; 3 were imported before\n");
    assert_eq!(item(&other, &["export"]).text(), exported);
    item(&other, &["add", "new"]).text();
    assert_eq!(all(&other).len(), 4);
}

#[test]
fn a_line_that_is_wrong_is_named_and_nothing_is_imported() {
    let directory = Directory::new();
    let store = directory.store();
    item(&store, &["add", "here"]).text();
    item(&store, &["delete", "1"]).text();
    item(&store, &["add", "here"]).text();
    let line = |text: &str| LINE.replace("\"id\":1", text);
    let cases = [
        ("rubbish".to_owned(), "line 2: expected value (column 1)"),
        (line("\"id\":5").replace("\"title\":\"a\",", ""), "line 2: missing field `title` (column 44)"),
        (
            line("\"id\":5,\"version\":3"),
            "line 2: unknown field `version`, expected one of `id`, `title`, `body`, `status`, `owner`, `priority`, `blocked_by`, `created_at_ms`, `updated_at_ms` (column 17)",
        ),
        (line("\"id\":5").replace("\"a\"", "\" \""), "line 2: the title is empty"),
        (line("\"id\":0"), "line 2: 0 is no item's number"),
        (line("\"id\":3"), "line 2: item-3 is in line 1 already"),
        (line("\"id\":2"), "line 2: there is an item-2 already"),
        (
            line("\"id\":5,\"blocked_by\":[9]"),
            "line 2: item-5 is blocked by item-9, which is neither here nor in the store",
        ),
        (line("\"id\":5,\"blocked_by\":[5]"), "line 2: item-5 waits for item-5, which waits for it"),
    ];
    for (wrong, message) in cases {
        let text = format!("{}\n{wrong}\n", line("\"id\":3"));
        assert_eq!(fed(&store, &["import", "-"], &text).refusal(1), format!("error: {message}"));
        let error = fed(&store, &["import", "-", "--json"], &text).json()["error"].clone();
        assert_eq!(error, json!({"kind": "refused", "message": message, "line": 2}));
    }
    assert_eq!(all(&store).len(), 1);
    let absent = item(&store, &["import", "nowhere.jsonl"]);
    assert!(absent.refusal(2).starts_with("error: nowhere.jsonl: "), "{}", absent.stderr);
}

/// Items of 1 MiB each, each blocked by the one after it: a request each.
fn long_items() -> String {
    let body = "x".repeat(1 << 20);
    let items = (1..=7_u64).map(|id| {
        let blocked_by: Vec<_> = (id < 7).then_some(id + 1).into_iter().collect();
        json!({"id": id, "title": "long", "body": body, "blocked_by": blocked_by, "created_at_ms": 1, "updated_at_ms": 1})
    });
    items.map(|item| format!("{item}\n")).collect()
}

#[test]
fn an_import_that_was_killed_is_brought_to_its_end_by_another() {
    let directory = Directory::new();
    let store = directory.store();
    let file = directory.join("long.jsonl");
    fs::write(&file, long_items()).unwrap();
    let import = ["import", file.to_str().unwrap()];
    let mut kills = 0;
    loop {
        let mut killed = command(&store, &import).stdout(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(5 * kills));
        killed.kill().unwrap();
        let is_done = killed.wait().unwrap().success();
        kills += 1;
        let there: BTreeSet<_> = all_if_any(&store).iter().map(|item| item["id"].as_u64().unwrap()).collect();
        let greatest_first = (8 - there.len() as u64..8).collect();
        assert_eq!(there, greatest_first, "nothing seems ready whose blocker is not here yet");
        if is_done || there.len() == 7 {
            break;
        }
    }
    println!("{kills} imports were killed");
    assert!(kills > 1);
    assert_eq!(item(&store, &import).text(), "0 items imported; 7 were imported before\n");
    assert_eq!(all(&store).len(), 7);
    let last = long_items().lines().last().unwrap().replace("long", "other");
    assert_eq!(fed(&store, &["import", "-"], &last).refusal(1), "error: line 1: there is an item-7 already");
}

fn all_if_any(store: &Path) -> Vec<Value> {
    if store.join("items.log").exists() { all(store) } else { Vec::new() }
}
