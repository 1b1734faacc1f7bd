//! `block_on` where a thread may block: in `spawn_blocking` and `block_in_place`. The turn that blocks stands still, and all
//! others go on.

use crate::{
    marks::panic_of,
    threads::{MOMENT, on_threads},
};
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    spawn,
    sync::{Barrier, Notify, mpsc, oneshot},
    task::{self, JoinSet, block_in_place, spawn_blocking, yield_now},
    time::{sleep, timeout},
};

fn here<F: Future>(future: F) -> F::Output {
    Handle::current().block_on(future)
}

#[test]
fn blocking_work_waits_for_a_future() {
    on_threads(|| async {
        let work = spawn_blocking(|| {
            here(sleep(MOMENT));
            here(async { 7 })
        });
        assert_eq!(work.await.unwrap(), 7);
    });
}

#[test]
fn a_task_waits_in_place() {
    on_threads(|| async {
        let (sender, receiver) = oneshot::channel();
        spawn(async move {
            sleep(MOMENT).await;
            sender.send(7).unwrap();
        });
        assert_eq!(block_in_place(|| here(receiver)).unwrap(), 7);
        let lent = [1, 2];
        assert_eq!(
            block_in_place(|| here(async {
                yield_now().await;
                lent.len()
            })),
            2
        );
    });
}

#[test]
fn two_that_block_wait_for_each_other_in_turns() {
    on_threads(|| async {
        let ((to_one, mut one), (to_two, mut two)) = (mpsc::channel::<u32>(1), mpsc::channel::<u32>(1));
        let first = spawn_blocking(move || {
            for round in 0..5 {
                assert_eq!(here(one.recv()), Some(round));
                here(to_two.send(round)).unwrap();
            }
        });
        let second = spawn(async move {
            block_in_place(|| {
                for round in 0..5 {
                    here(to_one.send(round)).unwrap();
                    assert_eq!(here(two.recv()), Some(round));
                }
            });
        });
        first.await.unwrap();
        second.await.unwrap();
    });
}

#[test]
fn who_blocks_later_may_go_on_later() {
    on_threads(|| async {
        let (blocks, order) = (Arc::new(Barrier::new(2)), Arc::new(Mutex::new(Vec::new())));
        let mut set = JoinSet::new();
        for (name, naps) in [("short", 1), ("long", 40)] {
            let (blocks, order) = (blocks.clone(), order.clone());
            set.spawn_blocking(move || {
                here(blocks.wait());
                here(sleep(naps * MOMENT));
                order.lock().unwrap().push(name);
            });
        }
        set.join_all().await;
        assert_eq!(*order.lock().unwrap(), ["short", "long"]);
    });
}

#[test]
fn many_block_at_once() {
    on_threads(|| async {
        let (all, mut set) = (Arc::new(Barrier::new(20)), JoinSet::new());
        for _ in 0..20 {
            let all = all.clone();
            set.spawn_blocking(move || here(async move { all.wait().await.is_leader() }));
        }
        let leaders = set.join_all().await.into_iter().filter(|is_leader| *is_leader).count();
        assert_eq!(leaders, 1);
    });
}

#[test]
fn blocking_work_makes_a_runtime_of_its_own() {
    on_threads(|| async {
        let work = spawn_blocking(|| {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                sleep(MOMENT).await;
                spawn(async { 7 }).await.unwrap()
            })
        });
        assert_eq!(work.await.unwrap(), 7);
        let several = block_in_place(|| Runtime::new().unwrap().block_on(async { spawn(async { 7 }).await }));
        assert_eq!(several.unwrap(), 7);
    });
}

#[test]
fn what_is_blocked_on_is_async_code() {
    on_threads(|| async {
        let mutex = Arc::new(tokio::sync::Mutex::new(1));
        let work = spawn_blocking(move || {
            here(async {
                let refused = panic_of(|| drop(mutex.blocking_lock()));
                assert!(refused.contains("Cannot block the current thread from within a runtime"), "{refused}");
                let refused = panic_of(|| here(async {}));
                assert!(refused.contains("Cannot start a runtime from within a runtime"), "{refused}");
            });
            *mutex.blocking_lock() += 1;
            here(sleep(MOMENT));
            *mutex.blocking_lock()
        });
        assert_eq!(work.await.unwrap(), 2);
    });
}

#[test]
fn async_code_blocks_again_within_what_it_blocks_on() {
    on_threads(|| async {
        let deep = block_in_place(|| {
            here(async {
                sleep(MOMENT).await;
                block_in_place(|| {
                    here(async {
                        sleep(MOMENT).await;
                        7
                    })
                })
            })
        });
        assert_eq!(deep, 7);
    });
}

#[test]
fn a_panic_goes_on_in_who_blocks() {
    on_threads(|| async {
        let work = spawn_blocking(|| {
            let caught = catch_unwind(AssertUnwindSafe(|| {
                here(async {
                    sleep(MOMENT).await;
                    panic!("planned")
                })
            }));
            *caught.unwrap_err().downcast::<&str>().unwrap()
        });
        assert_eq!(work.await.unwrap(), "planned");
    });
}

#[test]
fn the_task_that_blocks_is_the_one_that_runs() {
    on_threads(|| async {
        let task = spawn(async {
            let own = task::id();
            block_in_place(|| {
                assert_eq!(
                    here(async {
                        yield_now().await;
                        task::id()
                    }),
                    own
                )
            });
            assert_eq!(task::id(), own);
        });
        task.await.unwrap();
    });
}

#[test]
fn an_abort_waits_until_the_turn_is_over() {
    on_threads(|| async {
        let (begun, ended, go) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let task = spawn({
            let (begun, ended, go) = (begun.clone(), ended.clone(), go.clone());
            async move {
                block_in_place(|| {
                    begun.notify_one();
                    here(go.notified());
                    ended.store(true, SeqCst);
                });
                std::future::pending::<()>().await;
            }
        });
        begun.notified().await;
        task.abort();
        for _ in 0..10 {
            yield_now().await;
        }
        assert!(!task.is_finished());
        go.notify_one();
        assert!(task.await.unwrap_err().is_cancelled() && ended.load(SeqCst));
    });
}

#[test]
fn a_destructor_cleans_up_with_async_code() {
    static CLEAN: AtomicU32 = AtomicU32::new(0);
    struct Cleans;
    impl Drop for Cleans {
        fn drop(&mut self) {
            block_in_place(|| here(sleep(MOMENT)));
            CLEAN.fetch_add(1, SeqCst);
        }
    }
    on_threads(|| async {
        let before = CLEAN.load(SeqCst);
        drop(Cleans);
        spawn(async { drop(Cleans) }).await.unwrap();
        let given_up = timeout(MOMENT, async {
            let _cleans = Cleans;
            std::future::pending::<()>().await;
        });
        assert!(given_up.await.is_err());
        assert_eq!(CLEAN.load(SeqCst) - before, 3);
        let aborted = spawn(async {
            let _cleans = Cleans;
            std::future::pending::<()>().await;
        });
        yield_now().await;
        aborted.abort();
        assert!(aborted.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn who_has_entered_a_runtime_is_in_it_after_blocking() {
    on_threads(|| async {
        let work = spawn_blocking(|| {
            let other = Builder::new_multi_thread().worker_threads(1).build().unwrap();
            let outer = Handle::current().id();
            let entered = other.enter();
            let inner = Handle::current().id();
            assert_ne!(inner, outer);
            assert_eq!(
                here(async {
                    yield_now().await;
                    Handle::current().id()
                }),
                inner
            );
            assert_eq!(Handle::current().id(), inner);
            drop(entered);
            assert_eq!(Handle::current().id(), outer);
        });
        let others = spawn(async {
            let id = Handle::current().id();
            for _ in 0..10 {
                yield_now().await;
                assert_eq!(Handle::current().id(), id);
            }
        });
        work.await.unwrap();
        others.await.unwrap();
    });
}

#[test]
fn what_a_program_blocks_on_blocks_in_place() {
    let outer = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let inner = Builder::new_current_thread().build().unwrap();
    let (sender, receiver) = oneshot::channel();
    let handle = outer.spawn(async move {
        sleep(MOMENT).await;
        sender.send(7).unwrap();
    });
    let got = outer.block_on(async {
        let got = block_in_place(|| inner.block_on(receiver));
        handle.await.unwrap();
        got
    });
    assert_eq!(got.unwrap(), 7);
    assert_eq!(outer.block_on(async { spawn_blocking(|| here(async { 8 })).await.unwrap() }), 8);
}

tokio::task_local! {
    static NUMBER: u32;
    static NAME: String;
}

#[test]
fn its_task_locals_stay_its_own() {
    on_threads(|| async {
        let blocks = |number: u32, nap: Duration| {
            let named = NAME.scope(format!("task {number}"), async move {
                block_in_place(|| {
                    here(async move {
                        assert_eq!(NUMBER.get(), number);
                        sleep(nap).await;
                        assert_eq!(NUMBER.get(), number);
                    });
                });
                assert_eq!((NUMBER.get(), NAME.get()), (number, format!("task {number}")));
                sleep(nap).await;
                assert_eq!((NUMBER.get(), NAME.get()), (number, format!("task {number}")));
            });
            spawn(NUMBER.scope(number, named))
        };
        let both = [blocks(1, MOMENT), blocks(2, 2 * MOMENT)];
        let other = spawn(async {
            for _ in 0..20 {
                assert!(NUMBER.try_get().is_err() && NAME.try_with(|_| ()).is_err());
                sleep(MOMENT / 4).await;
            }
        });
        for task in both.into_iter().chain([other]) {
            task.await.unwrap();
        }
    });
}
