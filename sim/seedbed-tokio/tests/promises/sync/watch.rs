//! `tokio::sync::watch`.

use crate::{
    hand::{Wakes, at_once, poll, poll_with},
    marks::{Dropped, panics, planned},
    support::world,
};
use std::{pin::pin, sync::atomic::Ordering::Relaxed};
use tokio::sync::watch::{Sender, channel};

#[test]
fn what_it_starts_with_is_seen_and_only_the_last_of_what_is_sent_is_not() {
    world(|| async {
        let (sender, mut receiver) = channel(0);
        assert_eq!(receiver.has_changed().ok(), Some(false));
        assert!(poll(pin!(receiver.changed())).is_pending());
        (1..=3).for_each(|value| sender.send(value).unwrap());
        at_once(receiver.changed()).unwrap();
        assert_eq!(*receiver.borrow(), 3);
        assert!(poll(pin!(receiver.changed())).is_pending(), "it is seen now");
    });
}

#[test]
fn to_borrow_is_not_to_see() {
    world(|| async {
        let (sender, mut receiver) = channel(0);
        sender.send(1).unwrap();
        assert!(receiver.borrow().has_changed());
        assert_eq!((*receiver.borrow(), receiver.has_changed().ok()), (1, Some(true)));
        assert!(receiver.borrow_and_update().has_changed(), "as it was before");
        assert!(!receiver.borrow().has_changed());
        assert_eq!(receiver.has_changed().ok(), Some(false));
        assert!(!sender.borrow().has_changed(), "never for its sender");
    });
}

#[test]
fn an_equal_value_is_a_change_too() {
    world(|| async {
        let (sender, receiver) = channel(1);
        sender.send(1).unwrap();
        assert_eq!(receiver.has_changed().ok(), Some(true));
    });
}

#[test]
fn once_it_is_closed_what_was_not_seen_is_a_change_still() {
    world(|| async {
        let (sender, mut receiver) = channel(0);
        sender.send(1).unwrap();
        drop(sender);
        assert!(receiver.is_closed());
        assert!(receiver.has_changed().is_err(), "it is closed");
        assert!(receiver.borrow().has_changed());
        assert!(receiver.changed().await.is_ok());
        assert!(receiver.changed().await.is_err(), "closed, and seen");
        assert_eq!(*receiver.borrow(), 1);
    });
}

#[test]
fn each_receiver_sees_for_itself() {
    world(|| async {
        let (sender, mut one) = channel(0);
        sender.send(1).unwrap();
        let (clone, fresh) = (one.clone(), sender.subscribe());
        one.mark_unchanged();
        assert_eq!(one.has_changed().ok(), Some(false));
        assert_eq!(clone.has_changed().ok(), Some(true), "a clone has seen what its origin had");
        assert_eq!(fresh.has_changed().ok(), Some(false), "a new one has seen what is there");
    });
}

#[test]
fn it_may_be_marked_as_changed() {
    world(|| async {
        let (sender, mut receiver) = channel(0);
        receiver.mark_changed();
        assert_eq!(receiver.has_changed().ok(), Some(true));
        at_once(receiver.changed()).unwrap();
        assert!(poll(pin!(receiver.changed())).is_pending());
        drop(sender);
    });
}

#[test]
fn a_dropped_wait_has_seen_nothing() {
    world(|| async {
        let (sender, mut receiver) = channel(0);
        assert!(poll(pin!(receiver.changed())).is_pending());
        sender.send(1).unwrap();
        drop(receiver.changed());
        assert_eq!(receiver.has_changed().ok(), Some(true));
    });
}

#[test]
fn a_wait_for_what_is_there_ends_at_once_and_sees_it() {
    world(|| async {
        let (sender, mut receiver) = channel(0);
        assert_eq!(*at_once(receiver.wait_for(|value| *value == 0)).unwrap(), 0);
        sender.send(1).unwrap();
        let calls = std::cell::Cell::new(0);
        let is_two = |value: &i32| {
            calls.set(calls.get() + 1);
            *value == 2
        };
        {
            let mut waits = pin!(receiver.wait_for(is_two));
            assert!(poll(waits.as_mut()).is_pending());
            sender.send(3).unwrap();
            assert!(poll(waits.as_mut()).is_pending());
            sender.send(2).unwrap();
            assert_eq!(*at_once(waits).unwrap(), 2);
        }
        assert_eq!((calls.get(), receiver.has_changed().ok()), (3, Some(false)));
    });
}

#[test]
fn a_wait_for_what_never_came_ends_with_the_channel() {
    world(|| async {
        let (sender, mut receiver) = channel(0);
        sender.send(1).unwrap();
        drop(sender);
        assert_eq!(*receiver.wait_for(|value| *value == 1).await.unwrap(), 1, "the last value counts");
        assert!(receiver.wait_for(|value| *value == 2).await.is_err());
    });
}

#[test]
fn without_receivers_a_value_is_given_back_and_not_kept() {
    world(|| async {
        let (sender, receiver) = channel(0);
        assert_eq!((sender.receiver_count(), sender.is_closed()), (1, false));
        drop(receiver);
        assert!(sender.is_closed());
        at_once(sender.closed());
        assert_eq!(sender.send(1).unwrap_err().0, 1);
        assert_eq!(*sender.borrow(), 0);
        assert_eq!(sender.send_replace(2), 0, "but this keeps it");
        sender.send_modify(|value| *value += 1);
        let receiver = sender.subscribe();
        assert_eq!(*receiver.borrow(), 3);
        assert!(!sender.is_closed());
    });
}

#[test]
fn to_modify_tells_all_and_to_modify_if_only_when_it_was() {
    world(|| async {
        let (sender, mut receiver) = channel(0);
        sender.send_modify(|_| {});
        assert!(at_once(receiver.changed()).is_ok(), "modified or not");
        let modifies = |yes: bool| {
            sender.send_if_modified(move |value| {
                *value += 1;
                yes
            })
        };
        assert!(!modifies(false));
        assert_eq!((receiver.has_changed().ok(), *receiver.borrow()), (Some(false), 1));
        assert!(modifies(true));
        assert_eq!((receiver.has_changed().ok(), *receiver.borrow()), (Some(true), 2));
    });
}

#[test]
fn a_panic_while_it_is_modified_tells_nobody_and_does_no_other_harm() {
    world(|| async {
        let (sender, receiver) = channel(0);
        assert!(panics(|| sender.send_modify(|value| {
            *value = 1;
            planned()
        })));
        assert!(panics(|| sender.send_if_modified(|_| planned())));
        assert_eq!((receiver.has_changed().ok(), *receiver.borrow()), (Some(false), 1));
        sender.send(2).unwrap();
        assert_eq!(*receiver.borrow(), 2);
    });
}

#[test]
fn all_who_wait_are_woken_by_a_change_and_by_the_end() {
    world(|| async {
        let (sender, mut one) = channel(0);
        let mut two = one.clone();
        let (wakes, waker) = Wakes::new();
        let (mut first, mut second) = (pin!(one.changed()), pin!(two.changed()));
        assert!(poll_with(first.as_mut(), &waker).is_pending() && poll_with(second.as_mut(), &waker).is_pending());
        sender.send(1).unwrap();
        assert_eq!(wakes.count(), 2);
        assert!(at_once(first).is_ok());
        drop(sender);
        assert!(at_once(second).is_ok(), "it was changed before the end");
    });
}

#[test]
fn it_is_closed_by_its_last_sender() {
    world(|| async {
        let (sender, mut receiver) = channel(0);
        let other = sender.clone();
        assert_eq!(sender.sender_count(), 2);
        drop(sender);
        assert!(!receiver.is_closed() && poll(pin!(receiver.changed())).is_pending());
        drop(other);
        assert!(receiver.is_closed() && at_once(receiver.changed()).is_err());
    });
}

#[test]
fn a_sender_is_told_when_its_last_receiver_goes() {
    world(|| async {
        let sender = Sender::new(0);
        at_once(sender.closed());
        let (one, two) = (sender.subscribe(), sender.subscribe());
        let mut closed = pin!(sender.closed());
        let (wakes, waker) = Wakes::new();
        assert!(poll_with(closed.as_mut(), &waker).is_pending());
        drop(one);
        assert!(poll(closed.as_mut()).is_pending());
        assert!(poll_with(closed.as_mut(), &waker).is_pending());
        drop(two);
        assert!(wakes.count() > 0);
        at_once(closed);
    });
}

#[test]
fn its_value_lives_as_long_as_any_of_them() {
    let (count, held) = Dropped::new();
    let (sender, receiver) = channel(held);
    drop(sender);
    assert_eq!(count.load(Relaxed), 0);
    drop(receiver);
    assert_eq!(count.load(Relaxed), 1);
}

#[test]
fn those_of_one_channel_are_known() {
    let ((one, of_one), (two, of_two)) = (channel(0), channel(0));
    assert!(one.same_channel(&one.clone()) && !one.same_channel(&two));
    assert!(of_one.same_channel(&one.subscribe()) && !of_one.same_channel(&of_two));
}
