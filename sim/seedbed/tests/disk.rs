//! What a machine's disk keeps when a process is killed, when the power fails, and when the disk does.
#![cfg(not(real_side))]

use seedbed::{
    DiskFault, FindingKind, Machine, Scenario, Violation, World,
    clock::{START, Shift},
    decision::ratio,
    ensure,
    fs::{self, File, OpenOptions, Positioned},
    run_case, sweep,
    time::sleep,
};
use std::{
    cell::Cell,
    collections::BTreeSet,
    future::{Future, pending},
    io::{self, ErrorKind, SeekFrom},
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    rc::Rc,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const SEEDS: Range<u64> = 0..400;
const LONG: Duration = Duration::from_secs(600);

/// Runs `work` as a process of the machine to its end.
async fn on<T: 'static>(machine: Machine, work: impl Future<Output = T> + 'static) -> T {
    machine.node().spawn("process", work).await.expect("nobody kills it")
}

async fn put(path: &str, text: impl AsRef<[u8]>) -> io::Result<()> {
    let mut file = File::create(path).await?;
    file.write_all(text.as_ref()).await?;
    file.sync_all().await
}

async fn sync(directory: &str) -> io::Result<()> {
    File::open(directory).await?.sync_all().await
}

/// All that `body` comes to, over the seeds.
fn seen<F, T>(body: impl Fn(World) -> F + Sync) -> BTreeSet<T>
where
    F: Future<Output = Result<T, Violation>> + 'static,
    T: Ord + Send + 'static,
{
    let seen: Arc<Mutex<BTreeSet<T>>> = Arc::default();
    let report = sweep("seen", SEEDS, |world| {
        let (body, seen) = (body(world), seen.clone());
        async move {
            let value = body.await?;
            seen.lock().unwrap().insert(value);
            Ok(())
        }
    });
    report.assert_clean();
    Arc::into_inner(seen).expect("all runs are over").into_inner().unwrap()
}

/// All that `look` sees after a power loss that `work` has come before, over the seeds.
fn left_by<W, L, T>(work: impl Fn() -> W + Sync, look: impl Fn() -> L + Sync) -> BTreeSet<T>
where
    W: Future<Output = io::Result<()>> + 'static,
    L: Future<Output = io::Result<T>> + 'static,
    T: Ord + Send + 'static,
{
    seen(|world| {
        let (work, look) = (work(), look());
        async move {
            let machine = world.machine();
            on(machine, work).await?;
            machine.lose_power();
            Ok(on(machine, look).await?)
        }
    })
}

/// All that the file `it` holds then; `None`: there is none.
fn after_power_loss<F>(work: fn() -> F) -> BTreeSet<Option<String>>
where
    F: Future<Output = io::Result<()>> + 'static,
{
    left_by(work, || async {
        match fs::read_to_string("it").await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    })
}

fn texts<const N: usize>(texts: [&str; N]) -> BTreeSet<Option<String>> {
    texts.map(|text| Some(text.to_owned())).into()
}

#[test]
fn what_was_synced_with_its_name_is_there() {
    let seen = after_power_loss(|| async {
        put("it", "kept").await?;
        sync("/").await
    });
    assert_eq!(seen, texts(["kept"]));
}

#[test]
fn a_name_that_was_not_synced_may_be_gone_with_all_that_was() {
    let seen = after_power_loss(|| async { put("it", "kept").await });
    assert_eq!(seen, [None, Some("kept".to_owned())].into());
}

#[test]
fn a_name_may_be_there_before_its_content() {
    let seen = after_power_loss(|| async {
        let mut file = File::create("it").await?;
        sync("/").await?;
        file.write_all(b"late").await?;
        file.flush().await
    });
    assert_eq!(seen, texts(["", "late", "\0\0\0\0"]));
}

#[test]
fn a_rename_is_whole_and_its_content_may_not_be() {
    let seen = after_power_loss(|| async {
        put("it", "old").await?;
        sync("/").await?;
        fs::write("new", "new").await?;
        fs::rename("new", "it").await
    });
    assert_eq!(seen, texts(["old", "new", "", "\0\0\0"]), "never without a name");
    let seen = after_power_loss(|| async {
        put("it", "old").await?;
        sync("/").await?;
        put("new", "new").await?;
        fs::rename("new", "it").await
    });
    assert_eq!(seen, texts(["old", "new"]));
}

#[test]
fn changes_of_one_name_persist_in_their_order() {
    let report = sweep("names", SEEDS, |world: World| async move {
        let machine = world.machine();
        on(machine, async {
            put("it", "1").await?;
            sync("/").await?;
            fs::rename("it", "kept").await?;
            put("it", "2").await
        })
        .await?;
        machine.lose_power();
        let left = on(machine, async { (fs::read("it").await.ok(), fs::read("kept").await.ok()) }).await;
        let [one, two] = [Some(b"1".to_vec()), Some(b"2".to_vec())];
        seedbed::mark(if left.0 == two { "both" } else { "not both" });
        ensure!(
            [(one.clone(), None), (None, one.clone()), (two, one)].contains(&left),
            "the name was free only after the rename: {left:?}"
        );
        Ok(())
    });
    report.assert_clean();
    assert_eq!(report.marks.len(), 2);
}

#[test]
fn a_synced_rename_is_not_undone_by_what_was_done_to_the_name_before() {
    let seen = after_power_loss(|| async {
        fs::create_dir("d").await?;
        put("d/x", "new").await?;
        sync("/d").await?;
        put("it", "old").await?;
        sync("/").await?;
        fs::remove_file("it").await?;
        fs::rename("d/x", "it").await?;
        sync("/d").await
    });
    assert_eq!(seen, texts(["new"]));
}

#[test]
fn a_disk_refuses_to_open_to_write_and_to_read() {
    let report = sweep("refusals", SEEDS, |world: World| async move {
        put("it", "data").await?;
        for fault in [DiskFault::Full, DiskFault::Read, DiskFault::Write, DiskFault::Open] {
            world.disk_may_fail(fault, ratio(1, 2));
        }
        for _ in 0..10 {
            let written = match File::create("new").await {
                Ok(file) => Positioned::new(file).await.write_all_at(0, "four").await,
                Err(error) => Err(error),
            };
            let read = fs::read("it").await;
            let error = |result: &io::Result<_>| result.as_ref().err().and_then(io::Error::raw_os_error);
            match (error(&written), error(&read.map(drop))) {
                (Some(error @ (28 | 5)), _) => {
                    let left = fs::metadata("new").await?.len();
                    ensure!(left == 2, "{left} bytes are written of a write that fails half way through");
                    seedbed::mark(if error == 28 { "full" } else { "write fails" });
                }
                (Some(24), _) | (_, Some(24)) => seedbed::mark("too many open"),
                (None, Some(5)) => seedbed::mark("read fails"),
                (None, None) => {}
                other => ensure!(false, "{other:?}"),
            }
        }
        Ok(())
    });
    report.assert_clean();
    assert_eq!(report.marks.len(), 4, "{:?}", report.marks);
}

#[test]
fn a_call_may_take_long_and_a_sync_most_of_all() {
    let report = sweep("stalls", SEEDS, |world: World| async move {
        world.disk_may_fail(DiskFault::Stall, ratio(1, 2));
        for _ in 0..20 {
            let (mut file, began) = (File::create("it").await?, world.now());
            file.write_all(b"data").await?;
            file.flush().await?;
            let written = world.now();
            file.sync_all().await?;
            let spans = [written.duration_since(began), world.now().duration_since(written)];
            ensure!(spans.iter().all(|span| span.as_secs() < 20), "{spans:?}");
            for (span, mark) in spans.into_iter().zip(["a write stalls", "a sync stalls"]) {
                if span > Duration::from_millis(15) {
                    seedbed::mark(mark);
                }
                if span > Duration::from_secs(1) {
                    seedbed::mark("for seconds");
                }
            }
        }
        ensure!(fs::read("it").await? == b"data", "nothing is lost");
        Ok(())
    });
    report.assert_clean();
    assert_eq!(report.marks.len(), 3, "{:?}", report.marks);
    assert!(report.marks["a sync stalls"] > 2 * report.marks["a write stalls"], "{:?}", report.marks);
}

#[test]
fn what_moves_in_parts_is_moved_whole_where_std_and_tokio_go_on() {
    let report = sweep("parts", SEEDS, |world: World| async move {
        world.disk_may_fail(DiskFault::Short, ratio(1, 2));
        let text: Vec<u8> = (0..100).collect();
        fs::write("it", &text).await?;
        ensure!(fs::read("it").await? == text, "a whole file");
        ensure!(fs::copy("it", "copy").await? == 100, "a copy says how much it is");
        ensure!(fs::read("copy").await? == text, "a whole copy");
        let mut file = OpenOptions::new().read(true).write(true).open("it").await?;
        let mut some = [0; 60];
        let count = file.read(&mut some).await?;
        ensure!((1..=60).contains(&count) && some[..count] == text[..count], "{count} bytes of the beginning");
        if count < 60 {
            seedbed::mark("a short read");
        }
        file.seek(SeekFrom::Start(30)).await?;
        file.read_exact(&mut some).await?;
        ensure!(some == text[30..90], "all that were asked for");
        ensure!(file.write(&text).await? == 100, "tokio takes all of it");
        file.flush().await?;
        ensure!(fs::metadata("it").await?.len() == 190, "and writes all");
        let file = Positioned::new(file).await;
        file.write_all_at(90, text.clone()).await?;
        ensure!(file.read_at(85, 1_000).await? == [&text[85..90], &text].concat(), "as many as there are");
        Ok(())
    });
    report.assert_clean();
    assert!(report.marks["a short read"] > 10, "{:?}", report.marks);
}

#[test]
fn others_and_a_kill_come_between_the_parts_of_a_write() {
    let seen = seen(|world| async move {
        let machine = world.machine();
        let prepared = on(machine, async {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open("it").await?;
            io::Result::Ok(Positioned::new(file).await)
        });
        drop(prepared.await?);
        world.disk_may_fail(DiskFault::Short, ratio(1, 1));
        let writer = machine.node();
        writer.spawn("writer", async {
            let file = OpenOptions::new().write(true).open("it").await.unwrap();
            Positioned::new(file).await.write_all_at(0, "four").await.unwrap();
        });
        sleep(Duration::from_micros(world.draw(seedbed::decision::Site::new("when"), &(0..1_000)))).await;
        writer.kill();
        sleep(LONG).await;
        Ok(on(machine, fs::read_to_string("it")).await?)
    });
    assert!(seen.iter().all(|left| "four".starts_with(left)), "{seen:?}");
    assert!(seen.contains("") && seen.contains("four") && seen.len() > 2, "{seen:?}");
}

#[test]
fn a_signal_interrupts_the_wait_for_a_lock_and_nothing_else() {
    let report = sweep("signals", SEEDS, |world: World| async move {
        world.disk_may_fail(DiskFault::Interrupt, ratio(1, 2));
        let machine = world.machine();
        let (locked, is_locked) = tokio::sync::oneshot::channel();
        let is_held = Rc::new(Cell::new(true));
        let held = is_held.clone();
        machine.node().spawn("holder", async move {
            let lock = Positioned::new(File::create("lock").await.unwrap()).await.lock().await;
            let _ = locked.send(());
            sleep(Duration::from_millis(50)).await;
            held.set(false);
            drop(lock.expect("nobody else wants it yet: there is no wait"));
        });
        is_locked.await?;
        let waiter = on(machine, async {
            let file = Positioned::new(File::create("lock").await?).await;
            loop {
                match file.lock().await {
                    Err(error) if error.kind() == ErrorKind::Interrupted => seedbed::mark("interrupted"),
                    locked => return locked.map(drop),
                }
            }
        });
        waiter.await?;
        ensure!(!is_held.get(), "a signal gives nobody the lock");
        Ok(())
    });
    report.assert_clean();
    assert!(report.marks["interrupted"] > 3, "{:?}", report.marks);
}

#[test]
fn a_directory_has_no_room_for_a_name_and_nothing_has_changed() {
    let report = sweep("names", SEEDS, |world: World| async move {
        put("old", "x").await?;
        world.disk_may_fail(DiskFault::Entry, ratio(1, 2));
        for _ in 0..10 {
            let made = [
                ("a file", File::create("new").await.map(drop)),
                ("a directory", fs::create_dir("directory").await),
                ("a link", fs::hard_link("old", "link").await),
                ("a rename", fs::rename("old", "renamed").await),
            ];
            for ((what, made), name) in made.into_iter().zip(["new", "directory", "link", "renamed"]) {
                let is_there = fs::try_exists(name).await?;
                match made.map_err(|error| error.raw_os_error()) {
                    Ok(()) => ensure!(is_there, "{what} is made"),
                    Err(Some(28)) => {
                        ensure!(!is_there, "{what} is not made");
                        seedbed::mark(what);
                    }
                    other => ensure!(false, "{what}: {other:?}"),
                }
            }
            if fs::try_exists("old").await? {
                File::create("old").await?;
            }
            for name in ["new", "link"] {
                let _ = fs::remove_file(name).await;
            }
            let _ = fs::remove_dir("directory").await;
            if fs::try_exists("renamed").await? {
                while fs::rename("renamed", "old").await.is_err() {}
            }
        }
        Ok(())
    });
    report.assert_clean();
    assert_eq!(report.marks.len(), 4, "{:?}", report.marks);
}

#[test]
fn who_has_too_many_files_open_reads_no_directory() {
    let report = sweep("directories", SEEDS, |world: World| async move {
        world.disk_may_fail(DiskFault::Open, ratio(1, 2));
        for _ in 0..20 {
            match fs::read_dir("/").await {
                Ok(_) => {}
                Err(error) if error.raw_os_error() == Some(24) => seedbed::mark("too many open"),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    });
    report.assert_clean();
    assert!(report.marks["too many open"] > 50, "{:?}", report.marks);
}

/// What is read of a synced file before a power loss and after it, on a disk that breaks its promises in this way.
async fn synced_and_read_twice(world: World, text: &'static str) -> Result<[String; 2], Violation> {
    let machine = world.machine();
    let before = on(machine, async move {
        put("it", text).await?;
        sync("/").await?;
        put("it", text).await?;
        fs::read("it").await
    });
    let before = before.await?;
    machine.lose_power();
    let after = on(machine, fs::read("it")).await.unwrap_or_default();
    Ok([before, after].map(|bytes| bytes.iter().map(|byte| format!("{byte:08b}")).collect()))
}

#[test]
fn a_lie_of_a_sync_is_seen_after_a_power_loss() {
    let report = sweep("lies", SEEDS, |world: World| async move {
        world.disk_may_fail(DiskFault::LostWrite, ratio(1, 2));
        let [before, after] = synced_and_read_twice(world, "kept").await?;
        ensure!(before == "01101011011001010111000001110100", "processes read what they wrote: {before}");
        seedbed::mark(if after == before { "kept" } else { "lost" });
        Ok(())
    });
    report.assert_clean();
    assert!(report.marks["lost"] > 5 && report.marks["kept"] > 200, "{:?}", report.marks);
}

#[test]
fn one_bit_of_a_file_that_rots_has_flipped_after_a_power_loss() {
    let report = sweep("rot", SEEDS, |world: World| async move {
        world.disk_may_fail(DiskFault::Rot, ratio(1, 2));
        let [before, after] = synced_and_read_twice(world, "kept").await?;
        let flipped = before.chars().zip(after.chars()).filter(|(before, after)| before != after).count();
        ensure!(after.len() == before.len() && flipped <= 1, "{flipped} bits of {before} are others in {after}");
        seedbed::mark(if flipped == 1 { "rotten" } else { "sound" });
        Ok(())
    });
    report.assert_clean();
    assert!(report.marks["rotten"] > 10 && report.marks["sound"] > 200, "{:?}", report.marks);
}

#[test]
fn a_disk_breaks_no_promise_that_nobody_asked_it_to_break() {
    let report = sweep("promises", SEEDS, |world: World| async move {
        world.disks_may_fail(ratio(1, 1));
        match synced_and_read_twice(world, "kept").await {
            Ok([_, after]) if after.is_empty() => seedbed::mark("the read failed"),
            Ok([before, after]) => ensure!(before == after, "{after} is left of {before}"),
            Err(_) => seedbed::mark("it was told"),
        }
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn a_long_write_tears_at_sectors() {
    let seen = after_power_loss(|| async {
        put("it", "a".repeat(1_024)).await?;
        sync("/").await?;
        let mut file = OpenOptions::new().write(true).open("it").await?;
        file.write_all("b".repeat(1_024).as_bytes()).await?;
        file.flush().await
    });
    let [a, b] = ["a", "b"].map(|letter| letter.repeat(512));
    assert_eq!(seen, texts([&*format!("{a}{a}"), &*format!("{a}{b}"), &*format!("{b}{a}"), &*format!("{b}{b}")]));
}

#[test]
fn a_killed_process_loses_what_it_had_not_handed_over_and_nothing_else() {
    let seen = seen(|world| async move {
        let machine = world.machine();
        let writer = machine.node();
        writer.spawn("writer", async {
            let mut file = File::create("it").await.unwrap();
            for letter in [b"a", b"b", b"c"] {
                file.write_all(letter).await.unwrap();
            }
            pending::<()>().await;
        });
        sleep(Duration::from_micros(world.draw(seedbed::decision::Site::new("when"), &(0..2_000)))).await;
        writer.kill();
        sleep(LONG).await;
        let left = on(machine, fs::read_to_string("it")).await.unwrap_or_else(|_| "none".to_owned());
        sleep(LONG).await;
        ensure!(on(machine, fs::read_to_string("it")).await.unwrap_or_else(|_| "none".to_owned()) == left, "later");
        Ok(left)
    });
    assert_eq!(seen, ["none", "", "a", "ab", "abc"].map(str::to_owned).into());
}

#[test]
fn machines_share_nothing_and_the_nodes_of_one_everything() {
    let report = sweep("machines", 0..20, |world: World| async move {
        let [one, other] = [world.machine(), world.machine()];
        on(one, fs::write("it", "one")).await?;
        ensure!(on(one, fs::read("it")).await? == b"one", "another process of the machine sees it");
        ensure!(!on(other, fs::try_exists("it")).await?, "another machine does not");
        ensure!(!fs::try_exists("it").await?, "the scenario's own neither");
        on(other, fs::write("it", "other")).await?;
        one.lose_power();
        ensure!(on(other, fs::read("it")).await? == b"other", "its power is its own");
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn a_failed_sync_may_have_lost_any_of_the_data_and_processes_still_read_it_or_not() {
    let report = sweep("a failed sync", SEEDS, |world: World| async move {
        world.disk_may_fail(DiskFault::Sync, ratio(1, 2));
        let machine = world.machine();
        let synced = on(machine, async {
            let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open("it").await?;
            let other = File::open("it").await?;
            sync("/").await?;
            file.write_all(b"data").await?;
            file.flush().await?;
            let failed = file.sync_all().await.is_err();
            file.seek(SeekFrom::Start(0)).await?;
            let mut text = String::new();
            file.read_to_string(&mut text).await?;
            let [then, other] = [file.sync_all().await.is_ok(), other.sync_all().await.is_ok()];
            io::Result::Ok((failed, then, other, text))
        });
        let Ok((failed, then, other, text)) = synced.await else { return Ok(()) };
        ensure!(text == "data" || failed && text == "\0\0\0\0", "a process reads {text:?}");
        seedbed::mark(if text == "data" { "still read" } else { "gone from the cache too" });
        ensure!(!failed || !other, "each open file is told of it, and the other was not");
        machine.lose_power();
        let Ok(left) = on(machine, fs::read("it")).await else { return Ok(()) };
        if !failed {
            ensure!(left == b"data", "what was synced is {left:?}");
        } else if then {
            // The error is not repeated, and the length has come with the second sync.
            seedbed::mark(if left == b"data" { "written all the same" } else { "lost" });
            ensure!([&b"data"[..], &[0; 4]].contains(&&*left), "{left:?} is left");
        }
        Ok(())
    });
    report.assert_clean();
    assert_eq!(report.marks.len(), 4, "{:?}", report.marks);
}

#[test]
fn a_store_that_acknowledges_before_it_syncs_is_told_of_in_few_decisions() {
    let store = |world: World| async move {
        let machine = world.machine();
        on(machine, async {
            put("log", "").await?;
            sync("/").await?;
            let mut log = OpenOptions::new().append(true).open("log").await?;
            log.write_all(b"acknowledged").await?;
            log.flush().await
        })
        .await?;
        machine.lose_power();
        let left = on(machine, fs::read_to_string("log")).await?;
        ensure!(left == "acknowledged", "{left:?} is left of what was acknowledged");
        Ok(())
    };
    let report = sweep("store", 0..100, store);
    let found = &report.findings[0];
    assert_eq!(found.finding.kind, FindingKind::Violation);
    let shrunk = found.shrunk.as_ref().expect("there was time to shrink it");
    assert!(shrunk.case.decisions.len() <= 2, "{:?}", shrunk.case.decisions);
    assert!(shrunk.case.decisions.keys().any(|name| name.starts_with("power.loses")), "{:?}", shrunk.case.decisions);
    let again = run_case(&shrunk.case, store);
    assert_eq!(again.findings[0].finding.signature, found.finding.signature);
}

#[test]
fn a_handle_that_outlives_its_process_opens_nothing() {
    let report = sweep("a handle", 0..50, |world: World| async move {
        let machine = world.machine();
        let kept: Arc<Mutex<Option<File>>> = Arc::default();
        let lent = kept.clone();
        let node = machine.node();
        node.spawn("process", async move {
            *lent.lock().unwrap() = Some(File::create("it").await.unwrap());
        })
        .await?;
        node.kill();
        let file = kept.lock().unwrap().take().expect("it was opened");
        let error = on(machine, async move { file.metadata().await.err() }).await;
        ensure!(error.as_ref().and_then(io::Error::raw_os_error) == Some(9), "it is no descriptor any more: {error:?}");
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn a_killed_holder_gives_its_lock_back_and_a_power_loss_takes_all() {
    let report = sweep("locks", SEEDS, |world: World| async move {
        let machine = world.machine();
        let holder = machine.node();
        let hold = || async {
            let _lock = Positioned::new(File::create("lock").await.unwrap()).await.lock().await.unwrap();
            pending::<()>().await;
        };
        holder.spawn("holder", hold());
        sleep(LONG).await;
        let waiting = machine.node().spawn("waiter", async {
            let lock = Positioned::new(File::create("lock").await?).await.lock().await?;
            seedbed::time::sleep(LONG).await;
            drop(lock);
            io::Result::Ok(())
        });
        sleep(LONG).await;
        ensure!(!waiting.is_finished(), "the lock is held");
        if world.draw(seedbed::decision::Site::new("how"), &(0..2)) == 0 {
            seedbed::mark("killed");
            holder.kill();
            waiting.await??;
        } else {
            seedbed::mark("lost power");
            machine.lose_power();
            let locked = on(machine, async {
                Positioned::new(File::create("lock").await?).await.try_lock().await.map(|lock| lock.is_some())
            });
            ensure!(locked.await?, "nobody has it after a power loss");
        }
        Ok(())
    });
    report.assert_clean();
    assert_eq!(report.marks.len(), 2);
}

/// Appends and syncs lines, one after the other, from what is there on; says which are acknowledged.
async fn appends(acknowledged: Arc<Mutex<u64>>, syncs: bool) -> io::Result<()> {
    let left = fs::read("log").await?;
    let mut log = OpenOptions::new().append(true).open("log").await?;
    for line in left.len() as u64..10 {
        log.write_all(b"x").await?;
        log.flush().await?;
        if syncs {
            log.sync_all().await?;
        }
        *acknowledged.lock().unwrap() = line + 1;
    }
    Ok(())
}

/// A log on a machine whose power fails at any call: after each loss another process goes on with it.
async fn log_through_power_losses(world: World, syncs: bool) -> seedbed::Result {
    let machine = world.machine();
    on(machine, async {
        put("log", "").await?;
        sync("/").await
    })
    .await?;
    machine.may_lose_power(ratio(1, 2));
    let acknowledged: Arc<Mutex<u64>> = Arc::default();
    loop {
        let written = until_power_loss(machine, appends(acknowledged.clone(), syncs)).await;
        let Some(left) = until_power_loss(machine, fs::read("log")).await else { continue };
        let (left, acknowledged) = (left?.len() as u64, *acknowledged.lock().unwrap());
        ensure!(left >= acknowledged, "{left} lines are left, and {acknowledged} were acknowledged");
        if let Some(written) = written {
            written?;
            ensure!(left == 10, "all are written in the end");
            return Ok(());
        }
        seedbed::mark("power lost");
    }
}

/// What comes of `work`, as a process of the machine; `None`: its power failed before.
async fn until_power_loss<T: 'static>(machine: Machine, work: impl Future<Output = T> + 'static) -> Option<T> {
    let process = machine.node().spawn("process", work);
    tokio::select! {
        biased;
        () = machine.power_lost() => None,
        done = process => Some(done.expect("nobody kills it")),
    }
}

#[test]
fn a_log_that_syncs_survives_power_losses_at_any_call() {
    let report = sweep("log", 0..1_000, |world: World| log_through_power_losses(world, true));
    report.assert_clean();
    assert!(report.marks["power lost"] > 50, "{:?}", report.marks);
}

#[test]
fn a_log_that_does_not_sync_is_found_out_in_three_decisions() {
    let report = sweep("log", 0..100, |world: World| log_through_power_losses(world, false));
    let found = report.findings.first().expect("a line is lost");
    let shrunk = found.shrunk.as_ref().expect("there was time to shrink it");
    let names: Vec<_> = shrunk.case.decisions.keys().map(String::as_str).collect();
    assert!(names.len() <= 3 && names.iter().any(|name| name.starts_with("power.fails / process")), "{names:?}");
    for told in ["the power fails", "All that was not synced on the disk of machine-1 was lost."] {
        assert!(shrunk.story.iter().any(|sentence| sentence.contains(told)), "{:?}", shrunk.story);
    }
}

const SYNCING_LOG: Scenario = Scenario {
    name: "syncing-log",
    story: "A log that syncs before it acknowledges.",
    run: |world, _| Box::pin(log_through_power_losses(world, true)),
    ..Scenario::CALM
};

const HASTY_LOG: Scenario = Scenario {
    name: "hasty-log",
    story: "A log that acknowledges before it syncs.",
    run: |world, _| Box::pin(log_through_power_losses(world, false)),
    ..Scenario::CALM
};

const POWERED_LOG: Scenario = Scenario {
    name: "powered-log",
    story: "A log whose machine never loses its power.",
    run: |world, _| Box::pin(async move { Ok(on(world.machine(), put("log", "")).await?) }),
    ..Scenario::CALM
};

#[seedbed::test(seeds = 50, crash = everywhere)]
async fn a_log_that_syncs_survives_every_crash(world: World) -> seedbed::Result {
    log_through_power_losses(world, true).await
}

#[should_panic(expected = "power lost, with")]
#[seedbed::test(seeds = 1, crash = everywhere)]
async fn a_log_that_does_not_sync_does_not(world: World) -> seedbed::Result {
    log_through_power_losses(world, false).await
}

#[test]
fn every_state_at_every_call_is_tried() {
    SYNCING_LOG.crash_everywhere(&[]);
    let panic = |scenario: &Scenario| {
        let payload = catch_unwind(AssertUnwindSafe(|| scenario.crash_everywhere(&[]))).expect_err("it must not pass");
        payload.downcast_ref::<String>().cloned().unwrap_or_default()
    };
    let found = panic(&HASTY_LOG);
    assert!(found.contains("FAILED Violation") && found.contains("power lost, with"), "{found}");
    assert!(panic(&POWERED_LOG).contains("call `machine.may_lose_power`"));
}

#[test]
fn a_power_loss_is_heard_of_by_who_asked_before_it_and_waits_after_it() {
    let report = sweep("heard", 0..20, |world: World| async move {
        let machine = world.machine();
        let lost = machine.power_lost();
        machine.lose_power();
        lost.await;
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn file_times_are_those_of_the_machines_clock() {
    let report = sweep("times", 0..20, |world: World| async move {
        let [right, wrong] = [world.machine(), world.machine()];
        wrong.clock().skew(Shift::Back(LONG));
        for (machine, behind) in [(right, Duration::ZERO), (wrong, LONG)] {
            let true_time = SystemTime::UNIX_EPOCH + START + Duration::from_nanos(world.now().as_nanos());
            on(machine, put("it", "x")).await?;
            let made = on(machine, fs::metadata("it")).await?.modified()?;
            let after = (made + behind).duration_since(true_time);
            ensure!(after.is_ok_and(|after| after < Duration::from_secs(60)), "{made:?}, and it is {true_time:?}");
            machine.lose_power();
            let left = on(machine, fs::metadata("it")).await;
            ensure!(
                left.map_or(true, |left| left.modified().is_ok_and(|then| then == made)),
                "a power loss changes it"
            );
        }
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn a_symbolic_link_is_a_name_that_a_power_loss_may_take() {
    async fn linked() -> io::Result<()> {
        put("f", "x").await?;
        sync("/").await?;
        fs::symlink("f", "link").await
    }
    async fn synced() -> io::Result<()> {
        linked().await?;
        sync("/").await
    }
    let look = || async { Ok(fs::read_to_string("link").await.ok()) };
    assert_eq!(left_by(linked, look), [None, Some("x".to_owned())].into());
    assert_eq!(left_by(synced, look), texts(["x"]));
}

const AUDITED_LOG: Scenario = Scenario {
    name: "audited-log",
    story: "A log that syncs, and is read once more when all is over.",
    run: |world, _| {
        Box::pin(async move {
            log_through_power_losses(world, true).await?;
            world.settle().await;
            let machine = world.machine();
            machine.may_lose_power(ratio(1, 2));
            Ok(on(machine, put("audit", "read")).await?)
        })
    },
    ..Scenario::CALM
};

#[test]
fn a_call_before_which_no_power_fails_any_more_is_no_crash_point() {
    // It asserts that every point it notes is met again.
    AUDITED_LOG.crash_everywhere(&[]);
}

/// All files that there are after a power loss that `synced`, all of it synced, and then `work` have come before.
fn listings<F, G>(synced: fn() -> F, work: fn() -> G) -> BTreeSet<Vec<String>>
where
    F: Future<Output = io::Result<()>> + 'static,
    G: Future<Output = io::Result<()>> + 'static,
{
    let both = move || async move {
        synced().await?;
        work().await
    };
    left_by(both, || files("/".into()))
}

/// The paths of all files below `directory`.
async fn files(directory: PathBuf) -> io::Result<Vec<String>> {
    let (mut found, mut directories) = (Vec::new(), vec![directory]);
    while let Some(directory) = directories.pop() {
        let mut entries = fs::read_dir(&directory).await?;
        while let Some(entry) = entries.next_entry().await? {
            if entry.file_type().await?.is_dir() {
                directories.push(entry.path());
            } else {
                found.push(entry.path().display().to_string());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn paths<const N: usize>(paths: [&[&str]; N]) -> BTreeSet<Vec<String>> {
    paths.map(|paths| paths.iter().map(|path| (*path).to_owned()).collect()).into()
}

#[test]
fn what_always_had_a_name_has_one_after_a_power_loss() {
    async fn at_the_root() -> io::Result<()> {
        put("f", "x").await?;
        sync("/").await
    }
    async fn in_a_directory() -> io::Result<()> {
        fs::create_dir("old").await?;
        put("old/f", "x").await?;
        sync("/old").await?;
        sync("/").await
    }
    let moved = listings(at_the_root, || async {
        fs::create_dir("new").await?;
        fs::rename("f", "new/f").await
    });
    assert_eq!(moved, paths([&["/f"], &["/new/f"]]));
    let moved_and_synced = listings(at_the_root, || async {
        fs::create_dir_all("new/d").await?;
        fs::rename("f", "new/d/f").await?;
        sync("/new/d").await
    });
    assert_eq!(moved_and_synced, paths([&["/new/d/f"]]), "with the way to its name");
    let moved_out = listings(in_a_directory, || async {
        fs::rename("old/f", "f").await?;
        fs::remove_dir("old").await
    });
    assert_eq!(moved_out, paths([&["/f"], &["/old/f"]]));
    let removed_and_synced = listings(in_a_directory, || async {
        fs::rename("old/f", "f").await?;
        fs::remove_dir("old").await?;
        sync("/").await
    });
    assert_eq!(removed_and_synced, paths([&["/f"]]));
    let linked = listings(at_the_root, || async {
        fs::hard_link("f", "g").await?;
        fs::remove_file("f").await
    });
    assert_eq!(linked, paths([&["/f"], &["/g"], &["/f", "/g"]]));
    let cycled = listings(
        || async {
            fs::create_dir("a").await?;
            fs::create_dir("b").await?;
            put("a/f", "x").await?;
            sync("/a").await?;
            sync("/").await
        },
        || async {
            fs::rename("a", "b/a").await?;
            fs::rename("b/a", "a").await?;
            fs::rename("b", "a/b").await
        },
    );
    assert_eq!(cycled, paths([&["/a/f"], &["/b/a/f"]]));
}

#[test]
fn a_removed_file_may_come_back_and_a_synced_removal_does_not() {
    let setup = || async {
        put("f", "x").await?;
        sync("/").await
    };
    assert_eq!(listings(setup, || fs::remove_file("f")), paths([&[], &["/f"]]));
    let synced = listings(setup, || async {
        fs::remove_file("f").await?;
        sync("/").await
    });
    assert_eq!(synced, paths([&[]]));
}

#[test]
fn a_gentle_stop_lets_the_calls_end_that_were_begun() {
    let report = sweep("a gentle stop", 0..50, |world: World| async move {
        let machine = world.machine();
        let node = machine.node();
        node.spawn("writer", async {
            let mut file = File::create("it").await.unwrap();
            file.write_all(b"taken").await.unwrap();
        })
        .await?;
        node.stop();
        sleep(LONG).await;
        ensure!(on(machine, fs::read("it")).await? == b"taken", "what was taken is written");
        Ok(())
    });
    report.assert_clean();
}

#[test]
fn a_process_may_be_killed_between_the_two_calls_of_a_write() {
    let seen = seen(|world| async move {
        let machine = world.machine();
        on(machine, fs::write("it", "old")).await?;
        let node = machine.node();
        node.spawn("writer", fs::write("it", "new"));
        sleep(Duration::from_micros(world.draw(seedbed::decision::Site::new("when"), &(0..500)))).await;
        node.kill();
        Ok(on(machine, fs::read_to_string("it")).await?)
    });
    assert_eq!(seen, ["", "new", "old"].map(str::to_owned).into());
}

#[test]
fn a_file_of_another_world_touches_nothing_here() {
    static KEPT: Mutex<Vec<File>> = Mutex::new(Vec::new());
    let keep = |world: World| async move {
        let kept = on(world.machine(), File::create("it")).await?;
        KEPT.lock().unwrap().push(kept);
        Ok(())
    };
    sweep("keeps a file", 0..2, keep).assert_clean();
    let report = sweep("drops it", 0..1, |world: World| async move {
        let machine = world.machine();
        let node = machine.node();
        let written = node.spawn("writer", async {
            let mut own = File::create("it").await?;
            // Taken out first: a destructor may run anything.
            let stranger = KEPT.lock().unwrap().pop().expect("it was kept");
            let error = stranger.metadata().await.err().and_then(|error| error.raw_os_error());
            drop(stranger);
            own.write_all(b"own").await?;
            own.flush().await?;
            io::Result::Ok(error)
        });
        ensure!(written.await?? == Some(9), "it is no descriptor here");
        let unused = KEPT.lock().unwrap().pop();
        drop(unused);
        ensure!(on(machine, fs::read("it")).await? == b"own", "the file of this world is open");
        Ok(())
    });
    report.assert_clean();
    let [kept] = [Arc::new(Mutex::new(None))];
    let lent = kept.clone();
    sweep("keeps another", 0..1, move |world: World| {
        let lent = lent.clone();
        async move {
            let file = on(world.machine(), File::create("it")).await?;
            *lent.lock().unwrap() = Some(file);
            Ok(())
        }
    })
    .assert_clean();
    let report = sweep("has no machine", 0..1, move |_| {
        let kept = kept.clone();
        async move {
            drop(kept.lock().unwrap().take());
            Ok(())
        }
    });
    report.assert_clean();
}
