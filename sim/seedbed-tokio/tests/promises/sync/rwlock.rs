//! `tokio::sync::RwLock` and its guards.

use crate::{
    hand::{at_once, poll},
    marks::{panics, planned},
    support::world,
};
use std::{pin::pin, sync::Arc};
use tokio::{
    spawn,
    sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockWriteGuard},
    task::spawn_blocking,
};

#[test]
fn who_reads_after_a_writer_has_asked_waits_for_it() {
    world(|| async {
        let lock = RwLock::new(0);
        let reads = lock.read().await;
        let mut writer = Box::pin(lock.write());
        let mut reader = Box::pin(lock.read());
        assert!(poll(writer.as_mut()).is_pending() && poll(reader.as_mut()).is_pending());
        drop(reads);
        assert!(poll(reader.as_mut()).is_pending());
        *at_once(writer) = 1;
        assert_eq!(*at_once(reader), 1);
    });
}

#[test]
fn readers_that_wait_one_after_the_other_read_together() {
    world(|| async {
        let lock = RwLock::new(());
        let writes = lock.write().await;
        let (mut one, mut two) = (pin!(lock.read()), pin!(lock.read()));
        assert!(poll(one.as_mut()).is_pending() && poll(two.as_mut()).is_pending());
        drop(writes);
        let (one, two) = (poll(one), poll(two));
        assert!(one.is_ready() && two.is_ready());
    });
}

#[test]
fn a_writer_that_stops_asking_lets_readers_in() {
    world(|| async {
        let lock = RwLock::new(());
        let _reads = lock.read().await;
        let mut writer = Box::pin(lock.write());
        let mut reader = pin!(lock.read());
        assert!(poll(writer.as_mut()).is_pending() && poll(reader.as_mut()).is_pending());
        drop(writer);
        assert!(poll(reader).is_ready());
    });
}

#[test]
fn what_is_tried_is_refused_while_others_have_it() {
    world(|| async {
        let lock = Arc::new(RwLock::new(()));
        let reads = lock.try_read().unwrap();
        assert!(lock.try_read().is_ok() && lock.clone().try_read_owned().is_ok());
        assert!(lock.try_write().is_err() && lock.clone().try_write_owned().is_err());
        drop(reads);
        let _writes = lock.try_write().unwrap();
        assert!(lock.try_read().is_err() && lock.clone().try_read_owned().is_err());
        assert!(lock.try_write().is_err() && lock.clone().try_write_owned().is_err());
    });
}

#[test]
fn nobody_writes_between_a_downgrade_and_what_it_reads() {
    world(|| async {
        let lock = RwLock::new(1);
        let writes = lock.write().await;
        let (mut writer, mut reader) = (Box::pin(lock.write()), Box::pin(lock.read()));
        assert!(poll(writer.as_mut()).is_pending() && poll(reader.as_mut()).is_pending());
        let reads = writes.downgrade();
        assert!(poll(writer.as_mut()).is_pending());
        assert_eq!(*reads, 1);
        drop(reads);
        *at_once(writer) = 2;
        assert_eq!(*at_once(reader), 2);
    });
}

#[test]
fn a_downgrade_lets_readers_in() {
    world(|| async {
        let lock = Arc::new(RwLock::new((1, 2)));
        let reads = lock.write().await.downgrade();
        assert!(lock.try_read().is_ok() && lock.try_write().is_err());
        drop(reads);
        let reads = OwnedRwLockWriteGuard::downgrade(lock.clone().write_owned().await);
        assert!(lock.try_read().is_ok() && lock.try_write().is_err());
        drop(reads);
        let part = RwLockWriteGuard::downgrade_map(lock.write().await, |both| &both.1);
        assert_eq!((*part, lock.try_read().is_ok(), lock.try_write().is_ok()), (2, true, false));
    });
}

#[test]
fn a_part_of_it_may_be_held_and_the_whole_is_locked() {
    world(|| async {
        let lock = Arc::new(RwLock::new((1, 2)));
        *RwLockWriteGuard::map(lock.write().await, |both| &mut both.0) = 5;
        *OwnedRwLockWriteGuard::map(lock.clone().write_owned().await, |both| &mut both.1) = 6;
        let part = RwLockReadGuard::map(lock.read().await, |both| &both.0);
        let other = OwnedRwLockReadGuard::map(lock.clone().read_owned().await, |both| &both.1);
        assert_eq!((*part, *other, lock.try_write().is_err()), (5, 6, true));
        drop((part, other));
        let whole = RwLockWriteGuard::try_map(lock.write().await, |_| None::<&mut u32>).err().unwrap();
        assert_eq!(*whole, (5, 6), "what cannot be mapped is given back");
        assert!(lock.try_read().is_err());
    });
}

#[test]
fn no_more_read_it_than_it_was_made_for() {
    world(|| async {
        let lock = RwLock::with_max_readers((), 2);
        let (one, _two) = (lock.read().await, lock.read().await);
        assert!(lock.try_read().is_err());
        let mut third = pin!(lock.read());
        assert!(poll(third.as_mut()).is_pending());
        drop(one);
        assert!(poll(third).is_ready());
    });
    assert!(panics(|| RwLock::with_max_readers((), u32::MAX)));
}

#[test]
fn a_panic_unlocks_it_and_does_no_other_harm() {
    world(|| async {
        let lock = Arc::new(RwLock::new(1));
        let locks = lock.clone();
        let task = spawn(async move {
            let mut writes = locks.write().await;
            *writes = 2;
            planned()
        });
        assert!(task.await.map(|(): ()| ()).unwrap_err().is_panic());
        assert_eq!(*lock.try_write().unwrap(), 2);
    });
}

#[test]
fn who_owns_it_alone_need_not_lock_it() {
    let mut lock = RwLock::from(1);
    *lock.get_mut() = 2;
    assert_eq!(lock.into_inner(), 2);
}

#[test]
fn blocking_work_may_lock_it() {
    world(|| async {
        let lock = Arc::new(RwLock::new(1));
        let locks = lock.clone();
        let read = spawn_blocking(move || {
            *locks.blocking_write() += 1;
            *locks.blocking_read()
        });
        assert_eq!(read.await.unwrap(), 2);
    });
}
