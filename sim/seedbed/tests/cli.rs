//! The command line's contract, tried on the program of `examples/demo.rs`.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "drives real processes from outside every world")]

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

/// The program. `cargo test` builds examples, `cargo test --test cli` leaves that to us.
fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = env::current_exe().unwrap();
        let program = test.ancestors().nth(2).unwrap().join("examples/demo");
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sources = ["src", "examples"].map(|directory| newest(&package.join(directory)));
        if modified(&program) < sources.into_iter().max().flatten() {
            let arguments = ["build", "--quiet", "--package", "seedbed", "--features", "cli", "--example", "demo"];
            assert!(Command::new(env!("CARGO")).args(arguments).status().unwrap().success());
        }
        program
    })
}

fn newest(directory: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.filter_map(|path| if path.is_dir() { newest(&path) } else { modified(&path) }).max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

fn command(words: &str) -> Command {
    let mut command = Command::new(program());
    // Builds nothing from inside a test.
    command.args(words.split_whitespace()).env_remove("CARGO").stdin(Stdio::null());
    command
}

#[track_caller]
fn demo(words: &str) -> Output {
    command(words).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
fn json(words: &str, status: i32) -> Value {
    let output = demo(words);
    assert_eq!(output.status.code(), Some(status), "{words}: {}{}", stdout(&output), stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{words}: {error}: {}", stdout(&output)))
}

/// A directory that is not there yet.
fn place() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("seedbed-cli-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    env::temp_dir().join(name)
}

fn scenario<'a>(document: &'a Value, name: &str) -> &'a Value {
    document["scenarios"].as_array().unwrap().iter().find(|scenario| scenario["name"] == name).unwrap()
}

/// What must not depend on how the work was shared out.
fn essence(document: &Value) -> BTreeMap<String, Value> {
    let mut essence = BTreeMap::new();
    for scenario in document["scenarios"].as_array().unwrap() {
        let keys = ["runs", "digest", "virtual_s", "polls", "marks", "injections", "counts", "families_on"];
        let values = keys.map(|key| scenario[key].clone());
        essence.insert(scenario["name"].as_str().unwrap().to_owned(), Value::from(values.to_vec()));
    }
    let mut findings = document["findings"].clone();
    for finding in findings.as_array_mut().unwrap() {
        // Where the case was written, and what shrinking came to in the time it had.
        ["case", "story", "decisions", "minimal"].iter().for_each(|name| drop(finding[*name].take()));
    }
    essence.insert("findings".to_owned(), findings);
    essence
}

/// Under this one `hasty` loses an update.
const HASTY_SEED: u64 = 0x11;

#[test]
fn a_case_that_ends_its_process_is_named_and_all_others_are_run() {
    let names = ["never-returns", "aborts", "overflows", "hoards"];
    let words = format!("sweep {} --seeds 0..300 --jobs 2 --limit-real 1 --memory 300 --json", names.join(" "));
    let document = json(&words, 1);
    let findings = document["findings"].as_array().unwrap();
    let signatures: Vec<_> = findings.iter().map(|finding| finding["signature"].as_str().unwrap()).collect();
    assert_eq!(
        signatures,
        [
            "Abort: did not return",
            "Abort: killed by SIGABRT",
            "Abort: killed by SIGABRT (stack overflow)",
            "Abort: killed by SIGABRT (out of memory)",
        ]
    );
    for (name, finding) in names.iter().zip(findings) {
        assert_eq!((&finding["scenario"], &finding["seed"], &finding["runs"]), (&(*name).into(), &7.into(), &1.into()));
        assert_eq!(scenario(&document, name)["runs"], 300, "{name}");
        // What the dead worker had done before was done again, and is counted once.
        let clean = json(&format!("sweep {name} --seeds 8..300 --json"), 0);
        let before = json(&format!("sweep {name} --seeds 0..7 --json"), 0);
        let digest =
            |document: &Value| u64::from_str_radix(scenario(document, name)["digest"].as_str().unwrap(), 16).unwrap();
        assert_eq!(digest(&document), digest(&clean).wrapping_add(digest(&before)), "{name}");
    }
}

#[test]
fn exit_status_tells_clean_from_findings() {
    for (words, status) in [
        ("list", 0),
        ("--help", 0),
        ("sweep calm-clients --seeds 0..50", 0),
        ("sweep rare --seeds 0..200", 1),
        ("sweep toothless", 1),
        ("replay calm-clients --seed 3", 0),
        ("replay aborts --seed 7", 1),
        ("replay aborts --seed 8", 0),
        ("query rare --seed 1", 0),
        ("query aborts --seed 7", 1),
        ("verify calm-clients rare --seeds 0..3", 0),
        ("explore cancel calm-clients --samples 20", 0),
    ] {
        let output = demo(words);
        assert_eq!(output.status.code(), Some(status), "{words}: {}{}", stdout(&output), stderr(&output));
    }
}

#[test]
fn a_usage_error_is_one_line_that_names_what_was_wrong() {
    let directory = place();
    fs::create_dir(&directory).unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let not_toml = file("not-toml.toml", "hello\nworld\n");
    let later = file("later.toml", "format = 99\nscenario = 'rare'\n");
    let strange = file("strange.toml", "format = 1\nscenario = 'nope'\nseed = '0x1'\n");
    let bad_seed = file("bad-seed.toml", "format = 1\nscenario = 'rare'\nseed = '0xzz'\n");
    let bad_decision = file("bad-decision.toml", "format = 1\nscenario = 'rare'\n[decisions]\n'delay' = 3\n");
    for (words, named) in [
        ("frobnicate", "frobnicate"),
        ("sweep --frobnicate", "--frobnicate"),
        ("sweep nope", "`nope`"),
        ("sweep --seeds 5..2", "5..2 is reversed"),
        ("sweep --seeds 5..5", "5..5 is empty"),
        ("sweep --seeds five", "`five`"),
        ("sweep --seeds 0..zz", "`zz`"),
        ("sweep --seeds", "--seeds"),
        ("sweep --for soon", "`soon`"),
        ("sweep --jobs 0", "--jobs"),
        ("sweep --slice 3/2", "`3/2`"),
        ("sweep --slice x", "`x`"),
        ("sweep --strategy magic", "`magic`"),
        ("sweep --param nope=3", "`nope`"),
        ("sweep calm-clients --param odds=3", "`odds`"),
        ("sweep rare --param odds=0", "`odds` is 0"),
        ("sweep rare --param odds", "`odds`"),
        ("sweep rare --param odds=many", "`many`"),
        ("sweep rare --out /proc/nope", "/proc/nope"),
        ("sweep rare --resume", "--out"),
        ("replay", "CASE.toml|SCENARIO"),
        ("replay nope --seed 1", "`nope`"),
        ("replay rare", "--seed"),
        ("replay rare --seed 0xzz", "`0xzz`"),
        ("replay rare --seed 1 --html /proc/nope", "/proc/nope"),
        ("replay /nowhere/case.toml", "/nowhere/case.toml"),
        (&format!("replay {not_toml}"), &not_toml),
        (&format!("replay {later}"), "format 99"),
        (&format!("replay {strange}"), "`nope`"),
        (&format!("replay {bad_seed}"), "0xzz"),
        (&format!("replay {bad_decision}"), "`delay`"),
        ("shrink nope --seed 1", "`nope`"),
        ("shrink rare", "--seed"),
        ("shrink rare --seed 0x19 --budget 0", "--budget"),
        ("shrink rare --seed 0x19 --out /proc/nope", "/proc/nope"),
        ("corpus /nowhere", "/nowhere"),
        ("query nope --seed 1", "`nope`"),
        ("verify nope", "`nope`"),
        ("verify --seeds 9..1", "9..1"),
    ] {
        let output = demo(words);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{words}: {said}");
        assert_eq!(said.lines().count(), 1, "{words}: {said}");
        assert!(said.contains(named), "{words}: {said}");
        assert_eq!(stdout(&output), "", "{words}");
    }
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn documents_have_the_names_that_others_rely_on() {
    let has = |value: &Value, names: &[&str]| {
        names.iter().for_each(|name| assert!(value.get(name).is_some(), "no {name} in {value:#}"));
    };
    let list = json("list --json", 0);
    has(&list, &["scenarios", "strategies", "faults", "checks", "zoo"]);
    has(scenario(&list, "calm-clients"), &["name", "story", "params", "marks"]);
    assert_eq!(scenario(&list, "calm-clients")["params"]["clients"]["max"], 50);
    assert_eq!(list["checks"], serde_json::json!(["at most two clients at once"]));

    let sweep = json("sweep rare --seeds 0..200 --json", 1);
    has(&sweep, &["seeds", "runs", "elapsed_s", "scenarios", "findings"]);
    assert_eq!((&sweep["seeds"], &sweep["runs"]), (&200.into(), &200.into()));
    let row = &sweep["scenarios"][0];
    has(row, &["name", "runs", "runs_per_s", "processor_s", "virtual_s", "marks_missing", "injections", "counts"]);
    assert!(row["processor_s"].as_f64().unwrap() > 0.0, "{row:#}");
    has(&sweep["findings"][0], &["scenario", "seed", "kind", "signature", "message", "replay", "case"]);

    let replay = json("replay rare --seed 1 --json", 0);
    has(&replay, &["case", "finding", "digest", "timeline"]);
    let verify = json("verify rare --seeds 0..3 --json", 0);
    has(&verify, &["cases", "divergences", "digests"]);
    assert_eq!(verify["digests"]["rare/1"], replay["digest"]);
    assert_eq!(json("query rare --seed 1 --json", 0)["log lines"], "2");
}

#[test]
fn a_seed_is_the_same_universe_on_any_job_thread_and_slice() {
    let words = "sweep calm-clients rare stuck --seeds 0..400 --json";
    let one = json(&format!("{words} --jobs 1"), 1);
    assert_eq!(essence(&one), essence(&json(&format!("{words} --jobs 3"), 1)));
    assert_eq!(essence(&one), essence(&json(&format!("{words} --jobs 2 --reuse-threads"), 1)));
    for finding in one["findings"].as_array().unwrap() {
        let (name, seed) = (finding["scenario"].as_str().unwrap(), finding["seed"].as_u64().unwrap());
        assert!(
            seed == 0
                || json(&format!("sweep {name} --seeds 0..{seed} --json"), 0)["findings"] == serde_json::json!([])
        );
    }
    let others = json("sweep calm-clients --seeds 400..800 --json", 0);
    assert_ne!(scenario(&one, "calm-clients")["digest"], scenario(&others, "calm-clients")["digest"]);
}

#[test]
fn slices_share_no_seed_and_miss_none() {
    let whole = json("sweep calm-clients --seeds 5..300 --json", 0);
    let slices = ["1/3", "2/3", "3/3"];
    let slices = slices.map(|slice| json(&format!("sweep calm-clients --seeds 5..300 --slice {slice} --json"), 0));
    let sum = |key: &str| slices.iter().map(|slice| slice["scenarios"][0][key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("runs"), sum("polls")), (295, whole["scenarios"][0]["polls"].as_u64().unwrap()));
    let turns = |document: &Value| document["scenarios"][0]["counts"]["turns"].as_u64().unwrap();
    assert_eq!(slices.iter().map(turns).sum::<u64>(), turns(&whole));
    // Five clients of three turns each, if none is cancelled.
    assert!((295 * 10..=295 * 15).contains(&turns(&whole)), "{}", turns(&whole));
    let digest =
        |document: &Value| u64::from_str_radix(document["scenarios"][0]["digest"].as_str().unwrap(), 16).unwrap();
    assert_eq!(slices.iter().map(digest).fold(0, u64::wrapping_add), digest(&whole));
}

#[test]
fn explore_crash_tries_every_state_at_every_call() {
    let out = std::env::temp_dir().join(format!("seedbed-crash-{}", std::process::id()));
    let sound = json(&format!("explore crash log --json --out {}", out.display()), 0);
    assert_eq!(
        (&sound["mode"], &sound["complete"], &sound["sampled_calls"]),
        (&"crash".into(), &true.into(), &0.into())
    );
    // One for each call when all is synced, and before each sync what was written may be there or not.
    assert!(sound["points"].as_u64().unwrap() > 15, "{sound:#}");
    let hasty = json(&format!("explore crash log --param syncs=0 --json --out {}", out.display()), 1);
    assert!(hasty["points"].as_u64() > sound["points"].as_u64(), "what is never synced may be lost at every call");
    let finding = &hasty["findings"][0];
    assert!(finding["story"].to_string().contains("All that was not synced on the disk of machine-1 was lost."));
    let case = finding["case"].as_str().unwrap();
    let replayed = json(&format!("replay {case} --json"), 1);
    assert_eq!(replayed["finding"]["signature"], finding["signature"]);
    let nothing = demo("explore crash rare");
    assert_eq!(nothing.status.code(), Some(2));
    std::fs::remove_dir_all(&out).unwrap();
}

#[test]
fn explore_tells_the_same_however_many_work() {
    let out = place();
    let told = |jobs| {
        let mut told = json(&format!("explore cancel forgetful --jobs {jobs} --json --out {}", out.display()), 1);
        told.as_object_mut().unwrap().remove("elapsed_s");
        told
    };
    let alone = told(1);
    assert!(alone["runs"].as_u64().unwrap() > 40, "there is something to share: {alone:#}");
    assert_eq!(told(3), alone);
    std::fs::remove_dir_all(&out).unwrap();
}

#[test]
fn explore_tries_every_cancellation_and_its_case_replays() {
    let out = place();
    let document = json(&format!("explore cancel forgetful --json --out {}", out.display()), 1);
    assert_eq!((&document["scenario"], &document["mode"]), (&"forgetful".into(), &"cancel".into()));
    assert_eq!(document["complete"], true);
    assert!(document["never_reached"].is_array());
    assert_eq!(document["samples"], 0, "one task, which the first cancellation ends");
    // Woken and waiting, dropped and aborted, before each of three polls and after each of two suspensions.
    let not_a_directory = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml/cases");
    let refused = demo(&format!("explore cancel forgetful --bases 1 --samples 0 --out {not_a_directory}"));
    assert_eq!(refused.status.code(), Some(2), "a finding that cannot be kept is an error");
    assert!(stderr(&refused).contains(not_a_directory), "{}", stderr(&refused));
    let calm = json(&format!("explore cancel forgetful --json --bases 1 --samples 0 --out {}", out.display()), 1);
    assert_eq!((&calm["points"], &calm["runs"]), (&10.into(), &13.into()));
    let failing: Vec<_> = calm["places"].as_array().unwrap().iter().filter(|place| place["findings"] != 0).collect();
    assert_eq!(failing.len(), 4, "while it waits inside, and when it is woken there, by both means: {failing:?}");

    let finding = &calm["findings"][0];
    assert_eq!(finding["signature"], "Violation: the scenario's own result: {} never left");
    let case = finding["case"].as_str().unwrap();
    let text = fs::read_to_string(case).unwrap();
    assert!(!text.contains("seed") && text.contains("\"abort.waiting / client / 2\" = 1"), "{text}");
    let replayed = json(&format!("replay {case} --json"), 1);
    assert_eq!(replayed["finding"]["signature"], finding["signature"]);

    let output = demo(&format!("explore cancel forgetful --out {}", out.display()));
    let told = stdout(&output);
    assert!(told.contains("FAILED forgetful: Violation"), "{told}");
    assert!(told.contains("  after: client aborted while it waits at examples/demo.rs:"), "{told}");
    assert!(told.contains("at which no task that may be cancelled waited"), "{told}");
    let nothing = demo("explore cancel rare");
    assert_eq!(nothing.status.code(), Some(2));
    assert!(stderr(&nothing).contains("`rare` declared no task cancellable"), "{}", stderr(&nothing));
}

#[test]
fn the_replay_command_of_a_finding_fails_the_same_way() {
    let words = "sweep rare stuck never-returns overflows --seeds 0..200 --param odds=30 --strategy random \
                 --limit-real 1 --memory 500 --json";
    let document = json(words, 1);
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 4);
    for finding in findings {
        let replay = finding["replay"].as_str().unwrap();
        assert_eq!(replay.ends_with("--memory 500 --limit-real 1"), finding["kind"] == "Abort", "{replay}");
        let output = Command::new("sh").arg("-c").arg(format!("{replay} --json")).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{replay}: {}", stderr(&output));
        let replayed: Value = serde_json::from_slice(&output.stdout).unwrap();
        for name in ["kind", "signature", "message"] {
            assert_eq!(replayed["finding"][name], finding[name], "{replay}");
        }
        let case = place().with_extension("toml");
        fs::write(&case, finding["case"].as_str().unwrap()).unwrap();
        let by_file = json(&format!("replay {} --limit-real 1 --memory 500 --json", case.display()), 1);
        assert_eq!(by_file["finding"]["signature"], finding["signature"]);
        fs::remove_file(case).unwrap();
    }
}

#[test]
fn the_summary_says_what_a_person_wants_to_know() {
    let clean = stdout(&demo("sweep calm-clients --seeds 0..300"));
    for part in ["300 runs", "marks 2/3", "marks never reached: the moon is blue", "cancel", "slow", "0 findings"] {
        assert!(clean.contains(part), "{part}: {clean}");
    }
    let found = stdout(&demo("sweep rare --seeds 0..300"));
    assert!(found.contains("FAILED rare: Violation"), "{found}");
    assert_eq!(found.matches("replay: ").count(), 1, "{found}");
    let toothless = stdout(&demo("sweep toothless"));
    assert!(toothless.contains("fault family `bite` was on in"), "{toothless}");
    assert_eq!(demo("sweep toothless --seeds 0..20").status.code(), Some(0), "too few runs to judge by");
}

#[test]
fn out_has_results_and_a_case_file_per_finding_and_resume_goes_on() {
    let directory = place();
    let out = directory.display();
    json(&format!("sweep rare stuck --seeds 0..150 --out {out} --json"), 1);
    let resumed = json(&format!("sweep rare stuck --seeds 0..400 --out {out} --resume --json"), 1);
    assert_eq!(essence(&resumed), essence(&json("sweep rare stuck --seeds 0..400 --json", 1)));
    let written: Value = serde_json::from_str(&fs::read_to_string(directory.join("results.json")).unwrap()).unwrap();
    assert_eq!(essence(&written), essence(&resumed));

    let cases: BTreeSet<_> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    assert_eq!(cases.len(), resumed["findings"].as_array().unwrap().len());
    for case in &cases {
        assert_eq!(demo(&format!("replay {}", case.display())).status.code(), Some(1));
    }

    let again = json(&format!("sweep rare stuck --seeds 0..400 --out {out} --resume --json"), 1);
    assert_eq!(essence(&again), essence(&resumed), "nothing was left to run");
    let other = demo(&format!("sweep rare stuck --param odds=3 --out {out} --resume"));
    assert_eq!(other.status.code(), Some(2));
    assert!(
        stderr(&other).contains("another parameters") || stderr(&other).contains("parameters"),
        "{}",
        stderr(&other)
    );
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn shrink_writes_a_case_that_fails_alike_and_tells_its_story() {
    let path = place().with_extension("toml");
    let text = stdout(&demo(&format!("shrink hasty --seed {HASTY_SEED} --out {}", path.display())));
    for part in ["decisions are left after", "could run", "ran first", "case: ", "replay: "] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let case = fs::read_to_string(&path).unwrap();
    assert!(case.contains("story = ") && !case.contains("seed = ") && !case.contains(".rs:"), "{case}");
    let replayed = json(&format!("replay {} --json", path.display()), 1);
    assert_eq!(replayed["unmatched"], serde_json::json!([]));
    assert_eq!(replayed["finding"]["signature"], "Violation: the scenario's own result: two writers counted to {}");

    // Shrinking what is minimal changes nothing, and says the same as a document.
    let again = json(&format!("shrink {0} --out {0} --json", path.display()), 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), case);
    assert_eq!((&again["minimal"], &again["decisions_before"]), (&true.into(), &1.into()));
    fs::remove_file(path).unwrap();
}

#[test]
fn what_cannot_be_shrunk_is_left_as_it_is() {
    let clean = demo("shrink rare --seed 1");
    assert_eq!((clean.status.code(), stdout(&clean).as_str()), (Some(0), "not shrunk: the case finds nothing\n"));
    let dead = demo("shrink aborts --seed 7");
    assert_eq!(dead.status.code(), Some(1));
    assert!(stdout(&dead).contains("ends its process"), "{}", stdout(&dead));
    // Under a budget of nothing the run as it was drawn is still a case.
    let path = place().with_extension("toml");
    let hurried = json(&format!("shrink hasty --seed {HASTY_SEED} --budget 1 --json --out {}", path.display()), 1);
    assert_eq!(hurried["minimal"], false);
    assert_eq!(demo(&format!("replay {}", path.display())).status.code(), Some(1));
    fs::remove_file(path).unwrap();
}

#[test]
fn a_decision_that_changes_nothing_is_told() {
    let path = place().with_extension("toml");
    let text =
        "format = 1\nscenario = 'calm-clients'\n[decisions]\n'delay / client-9 / 0' = 3\n'rank / client-1 / 0' = 5\n";
    fs::write(&path, text).unwrap();
    let output = demo(&format!("replay {}", path.display()));
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
    assert!(stderr(&output).contains("`delay / client-9 / 0` changes nothing"), "{}", stderr(&output));
    assert_eq!(
        json(&format!("replay {} --json", path.display()), 0)["unmatched"],
        serde_json::json!(["delay / client-9 / 0"])
    );
    fs::remove_file(path).unwrap();
}

#[test]
fn a_sweep_shrinks_what_it_finds() {
    let document = json("sweep hasty --seeds 0..300 --json", 1);
    assert_eq!(document["findings"][0]["minimal"], true, "{document:#}");
    assert_eq!(document["findings"][0]["decisions"], 1);
    let case = document["findings"][0]["case"].as_str().unwrap();
    assert!(case.contains("rank / "), "{case}");
    let left = json("sweep hasty --seeds 0..300 --no-shrink --json", 1);
    assert_eq!(left["findings"][0]["story"], Value::Null);
    assert_eq!(essence(&left), essence(&document));
}

#[test]
fn a_corpus_has_guards_cases_that_fail_and_files_that_do_not_run() {
    let directory = place();
    fs::create_dir_all(directory.join("hasty")).unwrap();
    let corpus = format!("corpus {}", directory.display());
    let write = |name: &str, text: &str| fs::write(directory.join("hasty").join(name), text).unwrap();
    assert_eq!(demo(&corpus).status.code(), Some(0), "an empty one");
    write("guard.toml", "format = 1\nscenario = 'calm-clients'\nseed = 3\n");
    assert_eq!(json(&format!("{corpus} --json"), 0)["guards"], 1);
    write("fails.toml", "format = 1\nscenario = 'aborts'\nseed = 7\n");
    let fails = demo(&corpus);
    assert_eq!(fails.status.code(), Some(1));
    assert!(stdout(&fails).contains("1 guards, 1 still fail, 0 test nothing, 0 do not run"), "{}", stdout(&fails));
    assert!(stdout(&fails).contains("still fails"), "{}", stdout(&fails));
    let replay = format!("replay {}", directory.join("hasty/fails.toml").display());
    assert!(stdout(&demo(&replay)).trim_end().ends_with(&replay), "by its file: {}", stdout(&demo(&replay)));
    fs::remove_file(directory.join("hasty/fails.toml")).unwrap();
    write("renamed.toml", "format = 1\nscenario = 'calm-clients'\n[decisions]\n'delay / nobody-9 / 0' = 5\n");
    let idle = json(&format!("{corpus} --json"), 1);
    assert_eq!((&idle["guards"], &idle["test_nothing"]), (&1.into(), &1.into()));
    write("odd.toml", "format = 1\nscenario = 'nope'\nseed = 7\n");
    let broken = demo(&corpus);
    assert_eq!(broken.status.code(), Some(2));
    assert!(stdout(&broken).contains("does not run") && stdout(&broken).contains("`nope`"), "{}", stdout(&broken));
    assert_eq!(stderr(&broken).lines().count(), 1, "{}", stderr(&broken));
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_reader_who_goes_away_is_no_panic() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command("list").stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(141), ""));
}

#[test]
fn verify_shows_both_sides_of_a_divergence() {
    let output = demo("verify diverges calm-clients --seeds 0..4");
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    let sides: Vec<_> = text.lines().filter(|line| line.contains("who am I process=")).collect();
    assert!(sides[0].trim_start().starts_with('-') && sides[1].trim_start().starts_with('+'), "{text}");
    let document = json("verify diverges calm-clients --seeds 0..4 --json", 1);
    let divergences = document["divergences"].as_array().unwrap();
    assert!(divergences.iter().all(|divergence| divergence["scenario"] == "diverges"), "{document:#}");
    let difference = &divergences[0]["difference"];
    assert_ne!(difference["left"][0], difference["right"][0]);
    assert_eq!(difference["before"].as_array().unwrap().len(), 3);
    assert_eq!(document["cases"], 8);
}

#[test]
fn verify_goes_on_after_a_case_that_has_no_digest() {
    let document = json("verify aborts never-returns --seeds 5..9 --limit-real 1 --json", 1);
    let findings: Vec<_> = document["findings"].as_array().unwrap().iter().map(|finding| &finding["seed"]).collect();
    assert_eq!(findings, [7, 7]);
    assert_eq!(document["digests"].as_object().unwrap().len(), 6);
    assert_eq!(document["divergences"], serde_json::json!([]));
}

#[test]
fn a_replay_tells_the_story_and_writes_its_views() {
    let directory = place();
    fs::create_dir(&directory).unwrap();
    let view = |name: &str| directory.join(name).display().to_string();
    let (html, trace, events) = (view("run.html"), view("run.json"), view("run.txt"));
    let words = format!("replay calm-clients --seed 5 --html {html} --perfetto {trace} --events {events}");
    let story = stdout(&demo(&words));
    assert!(story.contains("client served") && !story.contains("timer set"), "{story}");
    let all = stdout(&demo("replay calm-clients --seed 5 --all"));
    let events = fs::read_to_string(events).unwrap();
    assert!(all.starts_with(&events) && events.contains("timer set"));

    let page = fs::read_to_string(html).unwrap();
    assert!(page.contains("client served") && !page.contains("http://") && !page.contains("https://"));
    let trace: Value = serde_json::from_str(&fs::read_to_string(trace).unwrap()).unwrap();
    let names: Vec<_> = trace["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] == "M").collect();
    assert!(names.iter().any(|event| event["args"]["name"] == "client-4"), "{names:?}");
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_long_timeline_is_cut_in_its_middle() {
    let cut = stdout(&demo("replay calm-clients --seed 5 --param clients=50"));
    let all = stdout(&demo("replay calm-clients --seed 5 --param clients=50 --all"));
    assert!(cut.contains("lines left out"), "{cut}");
    assert!(!all.contains("lines left out") && all.lines().count() > 2 * cut.lines().count());
}

#[test]
fn time_limits_a_sweep() {
    let started = Instant::now();
    let document = json("sweep calm-clients --for 1s --json", 0);
    assert!(started.elapsed() < Duration::from_secs(4));
    assert_eq!(document["end"], "out of time");
    assert!(document["runs"].as_u64().unwrap() > 1000);
}

fn start_endless_sweep() -> Child {
    let mut child = command("sweep never-returns calm-clients --for 60s").stdout(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while workers_of(&child).is_empty() {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none());
        thread::sleep(Duration::from_millis(20));
    }
    thread::sleep(Duration::from_millis(500));
    child
}

fn workers_of(child: &Child) -> Vec<PathBuf> {
    let id = child.id();
    let tasks = fs::read_dir(format!("/proc/{id}/task")).unwrap();
    let children = tasks.filter_map(|task| fs::read_to_string(task.unwrap().path().join("children")).ok());
    let ids = children.flat_map(|ids| ids.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    ids.map(|id| PathBuf::from("/proc").join(id)).collect()
}

/// Gone, or only waiting for somebody to collect its status.
fn is_over(process: &Path) -> bool {
    fs::read_to_string(process.join("stat")).map_or(true, |stat| stat.contains(") Z "))
}

#[track_caller]
fn await_end_of(workers: &[PathBuf]) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !workers.iter().all(|worker| is_over(worker)) {
        assert!(Instant::now() < deadline, "{workers:?} live on");
        thread::sleep(Duration::from_millis(20));
    }
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn ctrl_c_ends_a_sweep_with_its_summary() {
    let child = start_endless_sweep();
    let workers = workers_of(&child);
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("interrupted") && text.contains("calm-clients"), "{text}");
    await_end_of(&workers);
}

#[test]
fn workers_end_with_their_parent_even_inside_a_case_that_never_returns() {
    let mut child = start_endless_sweep();
    let workers = workers_of(&child);
    assert!(!workers.is_empty());
    let scratch = env::temp_dir().join(format!("seedbed-{}-0", child.id()));
    assert!(scratch.exists());
    signal(&child, "-KILL");
    child.wait().unwrap();
    await_end_of(&workers);
    assert!(!scratch.exists(), "the last worker tidies up");
}
