//! What each command does and says, to people and to programs, and its exit status.

use crate::{
    directory::Directory,
    process::{all, command, fed, item},
};
use serde_json::json;
use std::process::Stdio;

#[test]
fn an_item_is_added_claimed_changed_and_closed() {
    let directory = Directory::new();
    let store = directory.store();
    let added = item(&store, &["add", "parse", "--priority", "1", "--body", "all of it", "--json"]).json();
    assert_eq!(added["receipt"], json!({"first": 1, "items": [1]}));
    assert_eq!((&added["items"][0]["title"], &added["items"][0]["body"]), (&json!("parse"), &json!("all of it")));
    assert_eq!(
        item(&store, &["claim", "item-1", "--owner", "ada"]).text(),
        "item-1    v2     p1   open   ada        parse\n"
    );
    item(&store, &["update", "1", "--title", "parse all", "--version", "2"]).text();
    item(&store, &["release", "1"]).text();
    item(&store, &["close", "1", "--key", "done"]).text();
    let again = item(&store, &["close", "1", "--key", "done", "--json"]).json();
    assert_eq!(again["receipt"], json!({"first": 5, "items": [1]}), "asked again, nothing more has changed");
    let closed = item(&store, &["list", "--closed"]);
    assert_eq!(closed.text(), "item-1    v5     p1   closed -          parse all\n");
    item(&store, &["reopen", "1"]).text();
    assert!(item(&store, &["show", "1"]).text().contains("all of it"));
    assert_eq!(item(&store, &["delete", "1"]).text(), "item-1 v7 is no more\n");
    assert_eq!(item(&store, &["list", "--all"]).text(), "");
}

#[test]
fn a_batch_is_added_as_a_whole() {
    let directory = Directory::new();
    let store = directory.store();
    let added = fed(&store, &["add", "-", "--title", "d", "--json"], "a\n\nb\nc\n").json();
    assert_eq!(added["receipt"], json!({"first": 1, "items": [1, 2, 3, 4]}));
    assert_eq!(item(&store, &["add", "e", " "]).refusal(1), "error: the title is empty");
    assert_eq!(all(&store).len(), 4, "nothing of a batch that is refused");
    assert_eq!(fed(&store, &["add", "-"], "").refusal(1), "error: a request needs at least one change");
}

#[test]
fn what_is_blocked_is_not_ready() {
    let directory = Directory::new();
    let store = directory.store();
    item(&store, &["add", "late", "early"]).text();
    item(&store, &["block", "1", "--by", "2"]).text();
    assert_eq!(
        item(&store, &["block", "2", "--by", "1"]).refusal(1),
        "error: item-2 cannot wait for item-1, which waits for it"
    );
    let ready = || item(&store, &["list", "--ready", "--json"]).json()["items"].as_array().unwrap().len();
    assert_eq!(ready(), 1);
    let next = item(&store, &["claim", "--next", "--owner", "ada", "--json"]).json();
    assert_eq!(next["items"][0]["title"], "early");
    assert_eq!(item(&store, &["claim", "--next", "--owner", "bob"]).refusal(1), "error: nothing is ready");
    item(&store, &["unblock", "1", "--by", "2"]).text();
    assert_eq!(ready(), 1);
    let owned = item(&store, &["list", "--owner", "ada", "--json"]).json();
    assert_eq!(owned["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_refusal_is_one_line_and_status_1() {
    let directory = Directory::new();
    let store = directory.store();
    item(&store, &["add", "one"]).text();
    item(&store, &["claim", "1", "--owner", "ada"]).text();
    let refusals: [(&[&str], &str); 6] = [
        (&["claim", "1", "--owner", "bob"], "item-1 is claimed by ada"),
        (&["claim", "1", "--owner", " "], "the owner is empty"),
        (&["close", "1", "--version", "1"], "item-1 is in version 2, not in version 1"),
        (&["close", "2"], "there is no item-2"),
        (&["show", "2"], "there is no item-2"),
        (&["reopen", "1"], "item-1 is open"),
    ];
    for (arguments, message) in refusals {
        assert_eq!(item(&store, arguments).refusal(1), format!("error: {message}"));
        let refused = item(&store, &[arguments, &["--json"]].concat());
        assert_eq!(refused.status, Some(1));
        let error = &refused.json()["error"];
        assert_eq!((&error["kind"], &error["message"]), (&json!("refused"), &json!(message)));
    }
    let refused = item(&store, &["close", "1", "--version", "1", "--json"]).json();
    assert_eq!(refused["error"]["refusal"], json!({"version_mismatch": {"id": 1, "expected": 1, "found": 2}}));
    item(&store, &["close", "1", "--key", "k"]).text();
    assert_eq!(
        item(&store, &["reopen", "1", "--key", "k"]).refusal(1),
        "error: the key \"k\" was used for another request"
    );
}

#[test]
fn bad_usage_and_a_missing_store_are_one_line_and_status_2() {
    let directory = Directory::new();
    let store = directory.store();
    let missing = item(&store, &["list"]);
    assert!(missing.refusal(2).starts_with("error: there is no store at "), "{}", missing.stderr);
    assert!(!store.exists(), "nothing was made");
    for arguments in [
        &["close"][..],
        &["close", "x"],
        &["list", "--ready", "--all"],
        &["claim", "--owner", "ada"],
        &["nonsense"],
        &["update", "1"],
        &["list", "--lock-wait", "5y"],
    ] {
        let line = item(&store, arguments).refusal(2).to_owned();
        let error = item(&store, &[arguments, &["--json"]].concat()).json()["error"].clone();
        assert_eq!(error["kind"], "usage", "{arguments:?}");
        assert_eq!(
            line.replace(" --json", ""),
            format!("error: {}", error["message"].as_str().unwrap().replace(" --json", ""))
        );
    }
    std::fs::write(directory.join("file"), "").unwrap();
    let blocked = item(&directory.join("file/store"), &["add", "x"]);
    assert!(blocked.refusal(2).contains("file/store"), "{}", blocked.stderr);
}

#[test]
fn a_reader_who_has_gone_is_no_error() {
    let directory = Directory::new();
    let store = directory.store();
    let long = "x".repeat(200);
    fed(&store, &["add", "-"], &format!("{long}\n").repeat(2_000)).text();
    let mut list = command(&store, &["list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(list.stdout.take());
    let output = list.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(141), &b""[..]));
    let mut wrong = command(&store, &["close", "9999"]).stderr(Stdio::piped()).spawn().unwrap();
    drop(wrong.stderr.take());
    assert_eq!(wrong.wait().unwrap().code(), Some(1), "the status says enough");
}

#[test]
fn help_tells_the_exit_statuses() {
    let directory = Directory::new();
    let help = item(&directory.store(), &["--help"]);
    for status in ["0  done", "1  refused", "2  usage", "3  it is not known"] {
        assert!(help.text().contains(status), "{status}");
    }
}

#[test]
fn a_process_that_applies_answers_each_line_in_order() {
    let directory = Directory::new();
    let lines = r#"{"key":"a","changes":[{"add":{"title":"one"}},{"claim":{"id":1,"owner":"ada"}}]}
{"key":"a","changes":[{"add":{"title":"one"}},{"claim":{"id":1,"owner":"ada"}}]}
{"changes":[{"claim":{"id":1,"owner":"bob"}}]}
{"changes":[{"close":{"id":1,"version":2}},{"checkpoint":{"name":"n","value":"v"}}]}
no request
{"changes":[{"close":{"id":1,"owner":"ada"}}]}
{"changes":[{"add":{"title":"two","blocked_by":[1]}}]}
"#;
    let ended = fed(&directory.store(), &["apply"], lines);
    let answers: Vec<serde_json::Value> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[0], json!({"receipt": {"first": 1, "items": [1, 1]}}));
    assert_eq!(answers[1], answers[0]);
    assert_eq!(answers[2]["error"]["refusal"], json!({"claimed": {"id": 1, "owner": "ada"}}));
    assert_eq!(answers[3], json!({"receipt": {"first": 3, "items": [1, null]}}));
    assert_eq!(answers[4]["error"]["message"], "line 5 is no request: expected ident at line 1 column 2");
    assert!(answers[5]["error"]["message"].as_str().unwrap().contains("unknown field `owner`"), "{}", answers[5]);
    assert_eq!(answers[6], json!({"receipt": {"first": 5, "items": [2]}}));
    assert!(answers[7]["contention"]["turns"].as_u64().unwrap() > 0);
    assert_eq!((answers.len(), ended.status), (8, Some(2)), "the status is the worst");
}

#[test]
fn lines_that_come_together_are_done_in_their_order() {
    let directory = Directory::new();
    let pair = |id: u64| {
        format!(
            "{{\"changes\":[{{\"add\":{{\"title\":\"{id}\"}}}}]}}\n{{\"changes\":[{{\"close\":{{\"id\":{id}}}}}]}}\n"
        )
    };
    let ended = fed(&directory.store(), &["apply"], &(1..=1_000).map(pair).collect::<String>());
    assert_eq!(ended.status, Some(0), "{}", ended.stdout);
    let contention: serde_json::Value = serde_json::from_str(ended.stdout.lines().last().unwrap()).unwrap();
    let turns = contention["contention"]["turns"].as_u64().unwrap();
    assert!(turns < 2_000, "many are written with one sync: {turns} turns");
}
