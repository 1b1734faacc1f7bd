//! The process's panic hook: alone in its program, as tests beside it would lose theirs.
#![cfg(not(real_side))]
#![expect(clippy::disallowed_methods, reason = "starts a test again as a process that fails")]

use seedbed::{
    FindingKind,
    runtime::Runtime,
    task::{JoinHandle, spawn},
};
use std::{
    env, panic,
    process::Command,
    sync::{Arc, Mutex},
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

#[test]
fn a_service_that_replaces_the_panic_hook_hides_nothing() {
    let earlier = Arc::new(Mutex::new(None));
    let report = seedbed::sweep("hook", 0..1, |_| {
        let earlier = earlier.clone();
        async move {
            *earlier.lock().unwrap() = Some(panic::take_hook());
            panic::set_hook(Box::new(|_| {}));
            let unseen: JoinHandle<()> = spawn(async { panic!("unseen") });
            unseen.await.unwrap_or_default();
            Ok(())
        }
    });
    // Both the sweep's run and its second look have replaced the hook: the first one taken is the true one.
    drop(panic::take_hook());
    let [found] = &report.findings[..] else { panic!("{report}") };
    assert_eq!(found.finding.kind, FindingKind::Panic, "{report}");
    assert!(found.finding.message.contains("unseen"), "{report}");
}

#[test]
fn a_panic_of_plain_code_that_has_entered_a_runtime_is_told() {
    const INSIDE: &str = "SEEDBED_TEST_INSIDE_HOOK";
    if env::var(INSIDE).is_ok() {
        let runtime = Runtime::new().expect("it fails never");
        let _entered = runtime.enter();
        panic!("plain code's own");
    }
    let test = std::thread::current().name().expect("a test has a name").to_owned();
    let output = Command::new(env::current_exe().expect("a test has an executable"))
        .args(["--exact", &test, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("the test can start itself");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(told.contains("plain code's own"), "{told}");
}
