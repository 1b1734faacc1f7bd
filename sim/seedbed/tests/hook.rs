//! The process's panic hook: alone in its program, as tests beside it would lose theirs.
#![cfg(not(real_side))]

use seedbed::{
    FindingKind,
    task::{JoinHandle, spawn},
};
use std::{
    panic,
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
