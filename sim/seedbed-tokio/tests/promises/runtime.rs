//! `tokio::runtime::{Runtime, Builder, Handle, EnterGuard}`.

use crate::{
    HOUR, after_hours,
    marks::{Dropped, forever, panic_of, panics},
    quick,
};
use std::{
    cell::Cell,
    future::{Future, ready},
    rc::Rc,
    sync::{Arc, atomic::Ordering::Relaxed},
};
use tokio::{
    net::{TcpListener, UdpSocket},
    runtime::{Builder, Handle, LocalOptions, Runtime},
    spawn,
    sync::oneshot,
    time::{Duration, interval, sleep, timeout},
};

#[test]
fn a_runtime_is_shared_by_reference_and_ends_with_the_last() {
    let runtime = Arc::new(quick());
    let (handle, (count, held)) = (runtime.handle().clone(), Dropped::new());
    let other = runtime.clone();
    other.spawn(forever(held));
    drop(other);
    assert_eq!(runtime.block_on(after_hours(1)), 1);
    assert_eq!(count.load(Relaxed), 0);
    drop(runtime);
    assert_eq!(count.load(Relaxed), 1, "although there is a handle");
    drop(handle);
}

#[test]
fn a_guard_that_is_dropped_before_a_later_one_panics() {
    let (one, two) = (quick(), quick());
    let (outer, inner) = (one.enter(), two.enter());
    assert!(panics(|| drop(outer)));
    drop(inner);
}

#[test]
fn what_is_blocked_on_spawns_without_a_handle() {
    let runtime = quick();
    assert_eq!(runtime.block_on(async { spawn(async { spawn(after_hours(1)).await.unwrap() }).await.unwrap() }), 1);
}

#[test]
fn who_enters_several_is_in_the_last_and_leaves_them_backwards() {
    let (one, two) = (quick(), quick());
    let outer = one.enter();
    assert_eq!(Handle::current().id(), one.handle().id());
    let inner = two.enter();
    assert_eq!(Handle::current().id(), two.handle().id());
    drop(inner);
    assert_eq!(Handle::current().id(), one.handle().id());
    drop(outer);
    assert!(Handle::try_current().is_err());
}

#[test]
fn outside_a_runtime_there_is_no_current_one() {
    assert!(panics(Handle::current));
    let error = Handle::try_current().unwrap_err();
    assert!(error.is_missing_context() && !error.is_thread_local_destroyed());
}

#[test]
fn a_task_of_it_runs_in_it() {
    let runtime = quick();
    let id = runtime.handle().id();
    let task = runtime.spawn(async { Handle::current().id() });
    assert_eq!(runtime.block_on(task).unwrap(), id);
    let work = runtime.spawn_blocking(|| Handle::current().id());
    assert_eq!(runtime.block_on(work).unwrap(), id);
}

#[test]
fn a_time_out_of_what_is_blocked_on_leaves_its_tasks() {
    let runtime = quick();
    let task = runtime.spawn(after_hours(3));
    assert!(runtime.block_on(async { timeout(HOUR, async { sleep(HOUR * 2).await }).await }).is_err());
    assert_eq!(runtime.block_on(task).unwrap(), 3);
}

#[test]
fn a_panic_of_a_task_is_in_its_handle_alone() {
    let runtime = quick();
    let task = runtime.spawn(async { crate::marks::planned() });
    assert!(runtime.block_on(task).map(|(): ()| ()).unwrap_err().is_panic());
    assert_eq!(runtime.block_on(async { 7 }), 7);
}

#[test]
fn a_task_that_waits_is_dropped_when_its_runtime_ends() {
    let runtime = quick();
    let (count, held) = Dropped::new();
    let (sender, receiver) = oneshot::channel::<u8>();
    runtime.spawn(async move {
        let (_held, _sender) = (held, sender);
        sleep(HOUR * 100).await;
    });
    runtime.block_on(async { sleep(HOUR).await });
    drop(runtime);
    assert_eq!(count.load(Relaxed), 1);
    assert!(quick().block_on(receiver).is_err());
}

#[test]
fn blocking_is_refused_in_async_code() {
    let (outer, inner) = (quick(), quick());
    let within = "Cannot start a runtime from within a runtime";
    assert!(panic_of(|| outer.block_on(async { inner.handle().block_on(async {}) })).starts_with(within));
}

#[test]
fn a_runtime_needs_a_worker() {
    assert!(panics(|| Builder::new_multi_thread().worker_threads(0).build()));
    assert!(panics(|| Builder::new_multi_thread().max_blocking_threads(0).build()));
}

#[test]
fn a_local_runtime_s_tasks_stand_still_between_and_are_dropped_with_it() {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build_local(LocalOptions::default());
    let (runtime, done) = (runtime.unwrap(), Rc::new(Cell::new(0)));
    let (count, held) = Dropped::new();
    let counts = done.clone();
    runtime.spawn_local(async move {
        let _held = held;
        loop {
            counts.set(counts.get() + 1);
            sleep(HOUR).await;
        }
    });
    assert_eq!(done.get(), 0);
    runtime.block_on(async { sleep(HOUR * 3 / 2).await });
    assert_eq!((done.get(), count.load(Relaxed)), (2, 0));
    drop(runtime);
    assert_eq!((done.get(), count.load(Relaxed)), (2, 1));
}

/// What it panics with in a runtime that was built so.
fn panic_in<F: Future>(builder: &mut Builder, body: impl FnOnce() -> F) -> String {
    let runtime = builder.build().unwrap();
    panic_of(|| runtime.block_on(async { body().await }))
}

#[test]
fn without_time_nobody_sleeps() {
    const REFUSED: &str = "A Tokio 1.x context was found, but timers are disabled. Call `enable_time`";
    let no_time = || Builder::new_current_thread();
    assert!(panic_in(&mut no_time(), || sleep(HOUR)).contains(REFUSED));
    assert!(panic_in(&mut no_time(), || timeout(HOUR, ready(()))).contains(REFUSED));
    assert!(panic_in(no_time().enable_io(), || async { interval(HOUR).tick().await }).contains(REFUSED));
    let runtime = no_time().build().unwrap();
    let of_task = runtime.block_on(async { spawn(async { panic_of(|| sleep(HOUR)) }).await.unwrap() });
    assert!(of_task.contains(REFUSED));
}

#[test]
fn without_network_nobody_opens_a_socket() {
    const REFUSED: &str = "A Tokio 1.x context was found, but IO is disabled. Call `enable_io`";
    let no_io = || Builder::new_current_thread();
    assert!(panic_in(no_io().enable_time(), || TcpListener::bind("127.0.0.1:0")).contains(REFUSED));
    assert!(panic_in(&mut no_io(), || UdpSocket::bind("127.0.0.1:0")).contains(REFUSED));
}

#[test]
fn it_has_what_it_was_built_with() {
    let with_time = Builder::new_current_thread().enable_time().build().unwrap();
    with_time.block_on(async { sleep(Duration::from_millis(1)).await });
    let with_network = Builder::new_current_thread().enable_io().build().unwrap();
    assert!(with_network.block_on(TcpListener::bind("127.0.0.1:0")).is_ok());
    // What it spawns, and what is spawned on it by another's task, has what it has.
    let (with_all, without) = (Runtime::new().unwrap(), Builder::new_current_thread().build().unwrap());
    let on_other = with_all.handle().clone();
    let mut slept = None;
    without.block_on(async { slept = Some(on_other.spawn(async { sleep(Duration::from_millis(1)).await })) });
    with_all.block_on(async { slept.take().unwrap().await.unwrap() });
    let entered = with_all.enter();
    drop(sleep(HOUR));
    drop(entered);
}
