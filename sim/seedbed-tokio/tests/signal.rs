//! What code may rely on of tokio's signals, on either side. Each claim has a signal of its own: on the real side they go to
//! the whole test process.

extern crate seedbed_tokio as tokio;

use std::{future::Future, pin::pin};
use tokio::{
    signal::{
        ctrl_c,
        unix::{SignalKind, signal},
    },
    time::{Duration, sleep, timeout},
};

#[cfg(not(real_side))]
const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

#[cfg(madsim)]
thread_local!(static PROCESS: std::cell::Cell<Option<seedbed::Node>> = const { std::cell::Cell::new(None) });

/// Runs `body` in a process of its own for each of some seeds.
#[cfg(madsim)]
fn process<F: Future<Output = ()> + 'static>(body: fn() -> F) {
    let name = std::thread::current().name().unwrap_or("signals").to_owned();
    let report = seedbed::sweep(&name, 0..100, |world| async move {
        let node = world.new_node();
        PROCESS.set(Some(node));
        let ended = node.spawn("process", body()).await;
        ended.map_err(|error| seedbed::Violation::new(error.to_string()))
    });
    report.assert_clean();
}

#[cfg(madsim)]
fn raise(kind: SignalKind) {
    PROCESS.get().expect("a process runs").signal(kind);
}

#[cfg(not(madsim))]
fn process<F: Future<Output = ()> + 'static>(body: fn() -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(body());
}

#[cfg(not(madsim))]
fn raise(kind: SignalKind) {
    let pid = std::process::id().to_string();
    let mut kill = std::process::Command::new("kill");
    let status = kill.arg(format!("-{}", kind.as_raw_value())).arg(pid).status().expect("a shell has it");
    assert!(status.success());
}

#[test]
fn who_listens_hears_each_signal_that_comes_after_the_last_was_asked_after() {
    process(|| async {
        let mut signals = signal(SignalKind::user_defined1()).unwrap();
        for _ in 0..3 {
            raise(SignalKind::user_defined1());
            assert_eq!(signals.recv().await, Some(()));
        }
        assert!(timeout(Duration::from_millis(20), signals.recv()).await.is_err(), "no more have come");
    });
}

#[test]
fn signals_that_nobody_asked_after_count_as_one() {
    process(|| async {
        let mut signals = signal(SignalKind::user_defined2()).unwrap();
        raise(SignalKind::user_defined2());
        raise(SignalKind::user_defined2());
        sleep(Duration::from_millis(20)).await;
        assert_eq!(signals.recv().await, Some(()));
        assert!(timeout(Duration::from_millis(20), signals.recv()).await.is_err());
    });
}

#[test]
fn all_who_listen_hear_it_and_nobody_hears_what_came_before() {
    process(|| async {
        let mut first = signal(SignalKind::hangup()).unwrap();
        raise(SignalKind::hangup());
        sleep(Duration::from_millis(20)).await;
        let mut second = signal(SignalKind::hangup()).unwrap();
        assert_eq!(first.recv().await, Some(()));
        assert!(timeout(Duration::from_millis(20), second.recv()).await.is_err());
        raise(SignalKind::hangup());
        let heard = tokio::join!(first.recv(), second.recv());
        assert_eq!(heard, (Some(()), Some(())));
    });
}

#[test]
fn an_interrupt_ends_the_wait_for_one() {
    process(|| async {
        let mut waits = pin!(ctrl_c());
        assert!(timeout(Duration::from_millis(20), waits.as_mut()).await.is_err());
        raise(SignalKind::interrupt());
        waits.await.unwrap();
        // It listens still, and so it lives on.
        raise(SignalKind::interrupt());
        sleep(Duration::from_millis(20)).await;
    });
}

#[test]
fn what_a_process_may_ignore_does_no_harm() {
    process(|| async {
        raise(SignalKind::window_change());
        sleep(Duration::from_millis(20)).await;
    });
}

#[test]
fn a_dropped_wait_loses_no_signal() {
    process(|| async {
        let mut signals = signal(SignalKind::alarm()).unwrap();
        assert!(timeout(Duration::from_millis(5), signals.recv()).await.is_err());
        raise(SignalKind::alarm());
        sleep(Duration::from_millis(5)).await;
        drop(signals.recv());
        assert_eq!(signals.recv().await, Some(()));
    });
}

#[test]
fn who_listens_no_more_leaves_the_others_to_hear() {
    process(|| async {
        let (first, mut second) = (signal(SignalKind::io()).unwrap(), signal(SignalKind::io()).unwrap());
        drop(first);
        raise(SignalKind::io());
        assert_eq!(second.recv().await, Some(()));
        drop(second);
        // What it does by default is not brought back: the process lives on.
        raise(SignalKind::io());
        sleep(Duration::from_millis(5)).await;
    });
}

#[test]
fn kinds_are_the_numbers_of_the_system() {
    let kinds = [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit(), SignalKind::terminate()];
    assert_eq!(kinds.map(|kind| kind.as_raw_value()), [1, 2, 3, 15]);
    assert_eq!(SignalKind::from_raw(15), SignalKind::terminate());
    assert_eq!(SignalKind::from(i32::from(SignalKind::pipe())), SignalKind::pipe());
}

#[test]
fn nobody_may_listen_for_some() {
    process(|| async {
        for number in [9, 19, 4, 8, 11, -1, 0, 1_000] {
            assert!(signal(SignalKind::from_raw(number)).is_err(), "{number}");
        }
    });
}
