//! `tokio::sync::Semaphore` and its permits.

use crate::{
    hand::{Wakes, at_once, poll, poll_with},
    marks::panics,
    support::world,
};
use std::{pin::pin, sync::Arc, task::Poll};
use tokio::{
    sync::{Semaphore, TryAcquireError},
    task::spawn_blocking,
};

#[test]
fn who_asks_for_many_is_not_overtaken_by_who_asks_for_few() {
    world(|| async {
        let slots = Semaphore::new(2);
        let held = slots.acquire().await.unwrap();
        let mut many = Box::pin(slots.acquire_many(2));
        let mut one = Box::pin(slots.acquire());
        assert!(poll(many.as_mut()).is_pending());
        assert!(poll(one.as_mut()).is_pending(), "although one is free");
        drop(held);
        assert!(poll(one.as_mut()).is_pending());
        drop(at_once(many));
        assert!(poll(one.as_mut()).is_ready());
    });
}

#[test]
fn who_stops_asking_loses_its_place_and_keeps_nothing() {
    world(|| async {
        let slots = Semaphore::new(1);
        let held = slots.acquire().await.unwrap();
        let (mut many, mut one) = (Box::pin(slots.acquire_many(2)), Box::pin(slots.acquire()));
        assert!(poll(many.as_mut()).is_pending() && poll(one.as_mut()).is_pending());
        drop(held);
        assert!(poll(one.as_mut()).is_pending(), "the first has it, and waits for another");
        drop(many);
        assert!(poll(one.as_mut()).is_ready());
    });
}

#[test]
fn a_permit_that_was_given_and_not_taken_goes_to_the_next() {
    world(|| async {
        let slots = Semaphore::new(0);
        let (mut first, mut second) = (Box::pin(slots.acquire()), Box::pin(slots.acquire()));
        let (wakes, waker) = Wakes::new();
        assert!(poll(first.as_mut()).is_pending() && poll_with(second.as_mut(), &waker).is_pending());
        slots.add_permits(1);
        assert!(slots.try_acquire().is_err() && wakes.count() == 0);
        drop(first);
        assert_eq!(wakes.count(), 1);
        assert!(poll(second.as_mut()).is_ready());
    });
}

#[test]
fn a_closed_one_gives_no_more_and_turns_all_away_who_wait() {
    world(|| async {
        let slots = Arc::new(Semaphore::new(1));
        let held = slots.acquire().await.unwrap();
        let mut waits = pin!(slots.acquire());
        assert!(poll(waits.as_mut()).is_pending() && !slots.is_closed());
        slots.close();
        assert!(slots.is_closed());
        assert!(matches!(poll(waits), Poll::Ready(Err(_))));
        drop(held);
        assert!(slots.acquire().await.is_err() && slots.acquire_many(1).await.is_err());
        assert!(slots.clone().acquire_owned().await.is_err() && slots.clone().acquire_many_owned(1).await.is_err());
        assert_eq!(slots.try_acquire().unwrap_err(), TryAcquireError::Closed);
        assert_eq!(slots.try_acquire_many(1).unwrap_err(), TryAcquireError::Closed);
        assert_eq!(slots.available_permits(), 1, "what was held comes back all the same");
    });
}

#[test]
fn as_many_are_forgotten_as_there_are() {
    world(|| async {
        let slots = Semaphore::new(3);
        assert_eq!((slots.forget_permits(1), slots.available_permits()), (1, 2));
        assert_eq!((slots.forget_permits(9), slots.available_permits()), (2, 0));
        assert_eq!(slots.forget_permits(1), 0);
    });
}

#[test]
fn a_forgotten_permit_does_not_come_back() {
    world(|| async {
        let slots = Arc::new(Semaphore::new(3));
        slots.acquire().await.unwrap().forget();
        slots.clone().acquire_owned().await.unwrap().forget();
        assert_eq!(slots.available_permits(), 1);
    });
}

#[test]
fn permits_are_merged_and_split() {
    world(|| async {
        let slots = Arc::new(Semaphore::new(5));
        let mut some = slots.acquire_many(2).await.unwrap();
        some.merge(slots.acquire_many(2).await.unwrap());
        let one = some.split(1).unwrap();
        assert_eq!((some.num_permits(), one.num_permits(), slots.available_permits()), (3, 1, 1));
        assert!(some.split(4).is_none(), "not more than it has");
        drop(one);
        assert_eq!(slots.available_permits(), 2);
        let mut owned = slots.clone().acquire_many_owned(2).await.unwrap();
        assert_eq!(owned.split(1).unwrap().num_permits(), 1);
        assert!(Arc::ptr_eq(owned.semaphore(), &slots));
        drop((some, owned));
        assert_eq!(slots.available_permits(), 5);
    });
}

#[test]
fn permits_of_two_are_not_merged() {
    world(|| async {
        let (one, two) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(1)));
        let mut held = one.try_acquire().unwrap();
        assert!(panics(|| held.merge(two.try_acquire().unwrap())));
        drop(held);
        let mut owned = one.clone().try_acquire_owned().unwrap();
        assert!(panics(|| owned.merge(two.clone().try_acquire_owned().unwrap())));
    });
}

#[test]
fn none_may_be_asked_for() {
    world(|| async {
        let slots = Semaphore::new(0);
        assert_eq!(slots.try_acquire_many(0).unwrap().num_permits(), 0);
        assert_eq!(at_once(slots.acquire_many(0)).unwrap().num_permits(), 0);
    });
}

#[test]
fn there_is_a_limit() {
    let most = Semaphore::MAX_PERMITS;
    assert_eq!(Semaphore::new(most).available_permits(), most);
    assert!(panics(|| Semaphore::new(most + 1)));
    let slots = Semaphore::new(most);
    assert!(panics(|| slots.add_permits(1)));
}

#[test]
fn blocking_work_may_take_permits() {
    world(|| async {
        let slots = Arc::new(Semaphore::new(3));
        let takes = slots.clone();
        let taken = spawn_blocking(move || {
            let _one = takes.blocking_acquire().unwrap();
            takes.blocking_acquire_many(2).unwrap().num_permits()
        });
        assert_eq!(taken.await.unwrap(), 2);
        assert_eq!(slots.available_permits(), 3);
    });
}
