//! What code may rely on of tokio's local sets, its blocking calls and its handles, on either side.

extern crate seedbed_tokio as tokio;

#[cfg(madsim)]
mod support;

use std::{
    cell::{Cell, RefCell},
    future::pending,
    rc::Rc,
};
use tokio::{
    runtime::Handle,
    task::{Id, JoinSet, LocalSet, spawn_local, try_id, yield_now},
    time::{Duration, sleep, timeout},
};

#[cfg(not(real_side))]
const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

const HOUR: Duration = Duration::from_secs(3_600);

/// Runs `body` in no local set of the test's own.
#[cfg(madsim)]
fn world<F: Future<Output = ()> + 'static>(body: fn() -> F) {
    support::world(body);
}

#[cfg(not(madsim))]
fn world<F: Future<Output = ()> + 'static>(body: fn() -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(body());
}

#[test]
fn tasks_of_a_set_run_while_it_is_awaited_and_only_then() {
    world(|| async {
        let (set, count) = (LocalSet::new(), Rc::new(Cell::new(0)));
        let counts = count.clone();
        let task = set.spawn_local(async move {
            loop {
                counts.set(counts.get() + 1);
                sleep(HOUR).await;
            }
        });
        sleep(10 * HOUR).await;
        assert_eq!(count.get(), 0, "nobody has awaited the set");
        set.run_until(sleep(HOUR * 5 / 2)).await;
        assert_eq!(count.get(), 3);
        sleep(10 * HOUR).await;
        assert_eq!(count.get(), 3, "nobody awaits it any more");
        set.run_until(sleep(HOUR / 2)).await;
        assert_eq!(count.get(), 4, "its timer was due");
        assert!(!task.is_finished());
    });
}

#[test]
fn a_set_ends_when_all_its_tasks_have_those_that_they_spawned_too() {
    world(|| async {
        let (set, done) = (LocalSet::new(), Rc::new(RefCell::new(Vec::new())));
        let outer = done.clone();
        set.spawn_local(async move {
            let inner = outer.clone();
            spawn_local(async move {
                sleep(HOUR).await;
                inner.borrow_mut().push("inner");
            });
            outer.borrow_mut().push("outer");
        });
        assert!(done.borrow().is_empty());
        set.await;
        assert_eq!(*done.borrow(), ["outer", "inner"]);
    });
}

#[test]
fn an_empty_set_has_ended() {
    world(|| async { LocalSet::new().await });
}

#[test]
fn what_runs_until_may_spawn_and_its_output_is_returned() {
    world(|| async {
        let set = LocalSet::new();
        let shared = Rc::new(7);
        assert_eq!(set.run_until(async move { spawn_local(async move { *shared }).await.unwrap() }).await, 7);
    });
}

#[test]
fn a_dropped_set_drops_its_tasks() {
    world(|| async {
        let (set, held) = (LocalSet::new(), Rc::new(()));
        let holds = held.clone();
        let task = set.spawn_local(async move {
            let _holds = holds;
            pending::<()>().await;
        });
        set.run_until(yield_now()).await;
        assert_eq!(Rc::strong_count(&held), 2);
        drop(set);
        assert_eq!(Rc::strong_count(&held), 1, "at once, not when the task is heard of");
        assert!(task.await.unwrap_err().is_cancelled());
    });
}

/// Tells, when it is dropped, which task that is in.
struct Tells(Rc<Cell<Option<Id>>>);

impl Drop for Tells {
    fn drop(&mut self) {
        self.0.set(try_id());
    }
}

#[test]
fn what_a_set_or_a_handle_drops_is_dropped_as_if_by_its_task() {
    world(|| async {
        let (set, told) = (LocalSet::new(), Rc::new(Cell::new(None)));
        let tells = Tells(told.clone());
        let task = set.spawn_local(async move {
            let _tells = tells;
            pending::<()>().await;
        });
        set.run_until(yield_now()).await;
        drop(set);
        assert_eq!(told.take(), Some(task.id()));

        let (set, tells) = (LocalSet::new(), Tells(told.clone()));
        let done = set.spawn_local(async move { tells });
        let id = done.id();
        set.await;
        assert_eq!(told.take(), None);
        drop(done);
        assert_eq!(told.take(), Some(id));
    });
}

#[test]
fn a_set_may_be_filled_before_there_is_a_runtime() {
    let (set, ran) = (LocalSet::new(), Rc::new(Cell::new(0)));
    let runs = ran.clone();
    let first = set.spawn_local(async move { runs.set(runs.get() + 1) });
    let runs = ran.clone();
    let second = {
        let _entered = set.enter();
        spawn_local(async move { runs.set(runs.get() + 1) })
    };
    assert_eq!(ran.get(), 0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(set.run_until(async {
        first.await.unwrap();
        second.await.unwrap();
    }));
    assert_eq!(ran.get(), 2);
    let (held, holds) = (ran.clone(), set.spawn_local(async move { drop(ran) }));
    drop(set);
    assert_eq!(Rc::strong_count(&held), 1, "what never ran is dropped too");
    assert!(runtime.block_on(holds).unwrap_err().is_cancelled());
}

#[test]
fn a_task_of_a_set_may_be_aborted_and_may_panic() {
    world(|| async {
        let set = LocalSet::new();
        let aborted = set.spawn_local(pending::<()>());
        aborted.abort();
        let error = set.run_until(aborted).await.unwrap_err();
        assert!(error.is_cancelled());
        timeout(HOUR, set).await.expect("no task is left");
    });
}

#[test]
fn who_enters_a_set_spawns_into_it() {
    world(|| async {
        let (set, ran) = (LocalSet::new(), Rc::new(Cell::new(false)));
        let runs = ran.clone();
        {
            let _entered = set.enter();
            spawn_local(async move { runs.set(true) });
        }
        sleep(HOUR).await;
        assert!(!ran.get());
        set.await;
        assert!(ran.get());
    });
}

#[test]
fn a_join_set_takes_tasks_of_a_local_set_and_of_a_handle() {
    world(|| async {
        let (set, mut tasks) = (LocalSet::new(), JoinSet::new());
        let shared = Rc::new(1);
        tasks.spawn_local_on(async move { *shared }, &set);
        tasks.spawn_on(async { 2 }, &Handle::current());
        let mut sum = 0;
        set.run_until(async {
            while let Some(one) = tasks.join_next().await {
                sum += one.unwrap();
            }
        })
        .await;
        assert_eq!(sum, 3);
    });
}

#[test]
fn a_handle_spawns() {
    world(|| async {
        assert_eq!(Handle::current().spawn(async { 7 }).await.unwrap(), 7);
        assert_eq!(Handle::current().spawn_blocking(|| 8).await.unwrap(), 8);
        assert!(Handle::try_current().is_ok());
    });
    assert!(Handle::try_current().is_err());
}
