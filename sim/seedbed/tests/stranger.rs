//! A crate outside this workspace, with one path dependency on seedbed: its tests pass, its bug is found,
//! and the command that is printed shows it again. Without the cfg it says what to do.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "writes a crate to disk and runs cargo on it")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const MANIFEST: &str = r#"
[package]
name = "stranger"
version = "0.0.0"
edition = "2024"

[dev-dependencies]
seedbed = { path = "SEEDBED" }

[profile.dev]
debug = "line-tables-only"

[workspace]
"#;

const CONFIG: &str = r#"
[build]
rustflags = ["--cfg", "madsim"]

[net]
offline = true
"#;

/// A pool that knows no runtime. The `LOSSY` one forgets a permit that was handed to a waiter which is
/// dropped before it runs.
const LIB: &str = r#"
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::{Future, poll_fn},
    rc::Rc,
    task::{Poll, Waker},
};

#[derive(Clone)]
pub struct Pool<const LOSSY: bool>(Rc<Inner>);

struct Inner {
    idle: Cell<usize>,
    waiters: RefCell<VecDeque<Rc<Waiter>>>,
}

#[derive(Default)]
struct Waiter {
    granted: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

pub struct Permit<const LOSSY: bool>(Pool<LOSSY>);

/// In the queue; dropped, it leaves.
struct Place<const LOSSY: bool> {
    pool: Pool<LOSSY>,
    waiter: Rc<Waiter>,
}

impl<const LOSSY: bool> Pool<LOSSY> {
    pub fn new(permits: usize) -> Self {
        Self(Rc::new(Inner { idle: Cell::new(permits), waiters: RefCell::default() }))
    }

    pub fn idle(&self) -> usize {
        self.0.idle.get()
    }

    pub fn acquire(&self) -> impl Future<Output = Permit<LOSSY>> + use<LOSSY> {
        let pool = self.clone();
        async move {
            if let Some(left) = pool.idle().checked_sub(1) {
                pool.0.idle.set(left);
                return Permit(pool);
            }
            let place = Place { pool: pool.clone(), waiter: Rc::default() };
            pool.0.waiters.borrow_mut().push_back(place.waiter.clone());
            poll_fn(|cx| {
                if place.waiter.granted.take() {
                    return Poll::Ready(());
                }
                *place.waiter.waker.borrow_mut() = Some(cx.waker().clone());
                Poll::Pending
            })
            .await;
            Permit(pool)
        }
    }

    fn give_back(&self) {
        let Some(next) = self.0.waiters.borrow_mut().pop_front() else {
            self.0.idle.set(self.idle() + 1);
            return;
        };
        next.granted.set(true);
        if let Some(waker) = next.waker.take() {
            waker.wake();
        }
    }
}

impl<const LOSSY: bool> Drop for Permit<LOSSY> {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

impl<const LOSSY: bool> Drop for Place<LOSSY> {
    fn drop(&mut self) {
        self.pool.0.waiters.borrow_mut().retain(|waiter| !Rc::ptr_eq(waiter, &self.waiter));
        // Granted and not yet taken: the permit is ours to pass on.
        if self.waiter.granted.take() && !LOSSY {
            self.pool.give_back();
        }
    }
}
"#;

const TESTS: &str = r#"
use seedbed::{
    World, ensure,
    time::{Duration, sleep},
};
use stranger::Pool;

async fn work<const LOSSY: bool>(pool: Pool<LOSSY>) {
    for _ in 0..4 {
        let _permit = pool.acquire().await;
        sleep(Duration::from_millis(10)).await;
    }
}

async fn permits_come_back<const LOSSY: bool>(world: World) -> seedbed::Result {
    let pool = Pool::<LOSSY>::new(2);
    let clients = world.spawn_each("client", 0..5_u64, |_| work(pool.clone()));
    world.may_cancel(&clients[..1]);
    sleep(Duration::from_secs(1)).await;
    world.settle().await;
    ensure!(pool.idle() == 2, "{} of 2 permits are idle", pool.idle());
    Ok(())
}

#[seedbed::test(seeds = 500)]
async fn the_sound_pool_gets_its_permits_back(world: World) -> seedbed::Result {
    permits_come_back::<false>(world).await
}

#[seedbed::test(seeds = 500)]
async fn the_lossy_pool_gets_its_permits_back(world: World) -> seedbed::Result {
    permits_come_back::<true>(world).await
}

#[test]
fn a_closure_can_be_swept() {
    let report = seedbed::sweep("sound", 0..100, |world| async move { permits_come_back::<false>(world).await });
    assert_eq!(report.runs, 100);
    report.assert_clean();
}
"#;

/// The crate on disk. It stays there, with what was compiled, for the next run of this test.
struct Stranger {
    root: PathBuf,
}

impl Stranger {
    fn settle_down(name: &str) -> Self {
        let seedbed = Path::new(env!("CARGO_MANIFEST_DIR"));
        let stranger = Self { root: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name) };
        stranger.write("Cargo.toml", &MANIFEST.replace("SEEDBED", seedbed.to_str().unwrap()));
        stranger.write(".cargo/config.toml", CONFIG);
        stranger.write("src/lib.rs", LIB);
        stranger.write("tests/pool.rs", TESTS);
        // The workspace's choice of versions, all of which are on this machine already.
        fs::copy(seedbed.join("../../Cargo.lock"), stranger.root.join("Cargo.lock")).unwrap();
        stranger
    }

    /// Writes only what has changed, so that nothing is compiled for its time stamp.
    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        if fs::read_to_string(&path).is_ok_and(|written| written == text) {
            return;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A command in a shell that knows nothing of this process but where the tools are.
    fn shell(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env_clear();
        for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
            command.envs(env::var_os(name).map(|value| (name, value)));
        }
        command
    }
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

/// The only line of `text` that starts so.
fn line<'a>(text: &'a str, start: &str) -> &'a str {
    let mut lines = text.lines().filter(|line| line.starts_with(start));
    match (lines.next(), lines.next()) {
        (Some(line), None) => line,
        _ => panic!("not one line with `{start}` in:\n{text}"),
    }
}

#[test]
fn a_crate_with_one_dependency_finds_its_bug_and_replays_it() {
    let stranger = Stranger::settle_down("stranger");

    let tested = stranger.shell(env!("CARGO")).args(["test", "--test", "pool"]).output().unwrap();
    let tested_text = text(&tested);
    assert!(!tested.status.success(), "{tested_text}");
    assert!(tested_text.contains("test the_sound_pool_gets_its_permits_back ... ok"), "{tested_text}");
    assert!(tested_text.contains("test a_closure_can_be_swept ... ok"), "{tested_text}");
    assert!(tested_text.contains("test the_lossy_pool_gets_its_permits_back ... FAILED"), "{tested_text}");

    let finding = line(&tested_text, "FAILED ");
    assert!(finding.contains(" of 2 permits are idle"), "{finding}");
    let seed = line(&tested_text, "last events of seed ").trim_start_matches("last events of seed ");
    let (tail, _) = tested_text.split_once("\nFAILED ").unwrap();
    assert!(tail.lines().filter(|line| line.contains("client-")).count() > 5, "no timeline in:\n{tested_text}");

    let replay = line(&tested_text, "replay: ").trim_start_matches("replay: ");
    assert!(replay.contains(seed.trim_end_matches(':')), "{replay}");
    let replayed = stranger.shell("sh").args(["-c", replay]).output().unwrap();
    let replayed_text = text(&replayed);
    assert!(!replayed.status.success(), "{replayed_text}");
    // All but the number of runs that found it.
    let facts = |finding: &str| finding.rsplit_once(" (").unwrap().0.to_owned();
    assert_eq!(facts(line(&replayed_text, "FAILED ")), facts(finding));
}

#[test]
fn without_the_cfg_it_does_not_compile_and_is_told_why() {
    let stranger = Stranger::settle_down("stranger-without-cfg");
    let mut check = stranger.shell(env!("CARGO"));
    // What many a CI exports; it takes the place of the crate's own flags.
    let checked = check.env("RUSTFLAGS", "-D warnings").args(["check", "--tests"]).output().unwrap();
    let checked_text = text(&checked);
    assert!(!checked.status.success(), "{checked_text}");
    let message = line(&checked_text, "error: seedbed needs `--cfg madsim`, and it is off.");
    for advice in ["[build] rustflags = [\"--cfg\", \"madsim\"]", ".cargo/config.toml", "RUSTFLAGS", "unset that"] {
        assert!(message.contains(advice), "no `{advice}` in: {message}");
    }
}
