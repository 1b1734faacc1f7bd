//! Who calls the real tokio in a world is told where, and what to do. What is named `tokio` here is the real one.
#![cfg(not(real_side))]

use futures::future::join;
use seedbed::{FindingKind, World, sweep};
use std::future::{Future, ready};
use tokio::runtime::Handle;

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

/// The finding of a service that does this.
fn found<F: Future<Output = ()> + 'static>(service: impl Fn() -> F + Sync) -> String {
    let report = sweep("real", 0..1, |world: World| {
        let service = world.spawn("service", service());
        async move { Ok(service.await?) }
    });
    let [found] = &report.findings[..] else { panic!("{report}") };
    assert_eq!(found.finding.kind, FindingKind::Panic, "{report}");
    assert!(found.finding.check.ends_with("tests/real_tokio.rs"), "{report}");
    found.finding.to_string()
}

#[test]
fn a_caller_of_the_real_tokio_is_told_what_to_do() {
    let text = found(|| async { drop(tokio::spawn(async {})) });
    assert!(text.contains("there is no reactor running"), "{text}");
    assert!(text.contains("drop(tokio::spawn(async {}))"), "the line of the call: {text}");
    assert!(
        text.contains("its manifest can name the drop-in, `tokio = { package = \"seedbed-tokio\", .. }`"),
        "{text}"
    );
    assert!(text.contains("`cargo sim-patch`"), "{text}");
}

/// By way of a pointer tokio does not know its caller, as within its async functions; the stack does.
#[test]
fn a_caller_is_found_behind_tokio_and_what_joins_futures() {
    async fn calls() {
        let current: fn() -> Handle = std::hint::black_box(Handle::current);
        drop(current());
    }
    let text = found(|| async { join(calls(), ready(())).await.0 });
    assert!(text.contains("drop(current());"), "the line of the call: {text}");
}

#[test]
fn other_panics_are_told_as_they_were() {
    let text = found(|| async { panic!("no reactor of ours") });
    assert!(text.contains("no reactor of ours") && !text.contains("sim-patch"), "{text}");
}
