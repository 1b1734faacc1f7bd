//! `tokio::sync::Mutex` and its guards.

use crate::{
    HOUR,
    hand::{at_once, poll},
    marks::planned,
    support::world,
};
use std::{pin::pin, sync::Arc};
use tokio::{
    spawn,
    sync::{Mutex, MutexGuard, OwnedMutexGuard},
    task::spawn_blocking,
    time::sleep,
};

#[test]
fn it_is_locked_in_the_order_of_asking() {
    world(|| async {
        let (lock, order) = (Arc::new(Mutex::new(())), Arc::new(std::sync::Mutex::new(Vec::new())));
        let held = lock.lock().await;
        let mut tasks = Vec::new();
        for number in 0..5 {
            let (lock, order) = (lock.clone(), order.clone());
            tasks.push(spawn(async move {
                let _held = lock.lock().await;
                order.lock().unwrap().push(number);
            }));
            // Each has asked before the next one does.
            sleep(HOUR).await;
        }
        drop(held);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
    });
}

#[test]
fn whoever_is_next_has_it_before_who_comes_later() {
    world(|| async {
        let lock = Mutex::new(());
        let held = lock.lock().await;
        let mut next = pin!(lock.lock());
        assert!(poll(next.as_mut()).is_pending());
        drop(held);
        assert!(lock.try_lock().is_err(), "it is handed over");
        assert!(poll(next).is_ready());
    });
}

#[test]
fn who_stops_asking_loses_its_place() {
    world(|| async {
        let lock = Mutex::new(());
        let held = lock.lock().await;
        let (mut first, mut second) = (Box::pin(lock.lock()), Box::pin(lock.lock()));
        assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
        drop(first);
        let mut first = Box::pin(lock.lock());
        assert!(poll(first.as_mut()).is_pending());
        drop(held);
        assert!(poll(first.as_mut()).is_pending());
        drop(at_once(second));
        assert!(poll(first.as_mut()).is_ready());
    });
}

#[test]
fn who_stops_asking_when_it_has_been_given_passes_it_on() {
    world(|| async {
        let lock = Mutex::new(());
        let held = lock.lock().await;
        let mut asks = Box::pin(lock.lock());
        assert!(poll(asks.as_mut()).is_pending());
        drop(held);
        drop(asks);
        assert!(lock.try_lock().is_ok());
    });
}

#[test]
fn a_panic_unlocks_it_and_does_no_other_harm() {
    world(|| async {
        let lock = Arc::new(Mutex::new(1));
        let locks = lock.clone();
        let task = spawn(async move {
            *locks.lock().await += 1;
            let _held = locks.lock().await;
            planned()
        });
        assert!(task.await.map(|(): ()| ()).unwrap_err().is_panic());
        assert_eq!(*lock.try_lock().unwrap(), 2);
    });
}

#[test]
fn an_owned_guard_keeps_it_alive() {
    world(|| async {
        let lock = Arc::new(Mutex::new(7));
        let held = lock.clone().lock_owned().await;
        assert!(lock.clone().try_lock_owned().is_err());
        assert!(Arc::ptr_eq(OwnedMutexGuard::mutex(&held), &lock));
        let weak = Arc::downgrade(&lock);
        drop(lock);
        assert_eq!((*held, weak.strong_count()), (7, 1));
        drop(held);
        assert_eq!(weak.strong_count(), 0);
    });
}

#[test]
fn a_part_of_it_may_be_held_and_the_whole_is_locked() {
    world(|| async {
        let lock = Arc::new(Mutex::new((1, 2)));
        let mut part = MutexGuard::map(lock.lock().await, |both| &mut both.0);
        *part = 5;
        assert!(lock.try_lock().is_err());
        drop(part);
        let whole = MutexGuard::try_map(lock.lock().await, |_| None::<&mut u32>).err().unwrap();
        assert_eq!(*whole, (5, 2), "what cannot be mapped is given back");
        drop(whole);
        let mut part = OwnedMutexGuard::map(lock.clone().lock_owned().await, |both| &mut both.1);
        *part = 6;
        drop(part);
        assert_eq!(*lock.lock().await, (5, 6));
    });
}

#[test]
fn who_owns_it_alone_need_not_lock_it() {
    let mut lock = Mutex::from(1);
    *lock.get_mut() = 2;
    assert_eq!(*lock.try_lock().unwrap(), 2);
    assert_eq!(lock.into_inner(), 2);
    static STANDS: Mutex<u32> = Mutex::const_new(3);
    assert_eq!(*STANDS.try_lock().unwrap(), 3);
}

#[test]
fn blocking_work_may_lock_it() {
    world(|| async {
        let lock = Arc::new(Mutex::new(1));
        let locks = lock.clone();
        spawn_blocking(move || {
            *locks.blocking_lock() += 1;
            *locks.blocking_lock_owned() += 1;
        })
        .await
        .unwrap();
        assert_eq!(*lock.lock().await, 3);
    });
}
