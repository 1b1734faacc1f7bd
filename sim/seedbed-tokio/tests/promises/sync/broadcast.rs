//! `tokio::sync::broadcast`.

use crate::{
    hand::{Wakes, at_once, poll, poll_with},
    marks::{Dropped, panics},
    support::world,
};
use std::{pin::pin, sync::atomic::Ordering::Relaxed};
use tokio::{
    sync::broadcast::{
        Sender, channel,
        error::{RecvError, TryRecvError},
    },
    task::spawn_blocking,
};

#[test]
fn its_room_is_rounded_up_to_a_power_of_two() {
    world(|| async {
        let (sender, mut receiver) = channel(3);
        (0..4).for_each(|number| drop(sender.send(number)));
        assert_eq!(receiver.recv().await, Ok(0), "four are kept");
        (4..6).for_each(|number| drop(sender.send(number)));
        assert_eq!(receiver.recv().await, Err(RecvError::Lagged(1)));
        assert_eq!(receiver.recv().await, Ok(2));
    });
}

#[test]
fn one_without_room_or_with_too_much_is_refused() {
    assert!(panics(|| channel::<u8>(0)));
    assert!(panics(|| channel::<u8>(usize::MAX)));
}

#[test]
fn who_lags_goes_on_with_the_oldest_that_is_kept() {
    world(|| async {
        let (sender, mut receiver) = channel(2);
        (0..5).for_each(|number| drop(sender.send(number)));
        assert_eq!(receiver.len(), 5, "what is lost is counted too");
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Lagged(3)));
        assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(3), Ok(4)));
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
        drop(sender);
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn who_subscribes_later_hears_only_what_is_sent_later() {
    world(|| async {
        let (sender, mut early) = channel(4);
        sender.send(1).unwrap();
        let mut late = sender.subscribe();
        sender.send(2).unwrap();
        assert_eq!((late.recv().await, late.try_recv()), (Ok(2), Err(TryRecvError::Empty)));
        let mut anew = early.resubscribe();
        assert_eq!(anew.try_recv(), Err(TryRecvError::Empty), "not what the old one has not heard yet");
        sender.send(3).unwrap();
        assert_eq!(anew.recv().await, Ok(3));
        assert_eq!((early.recv().await, early.recv().await, early.recv().await), (Ok(1), Ok(2), Ok(3)));
    });
}

#[test]
fn without_receivers_a_value_is_given_back_until_there_is_one() {
    world(|| async {
        let (sender, receiver) = channel(2);
        assert_eq!((sender.receiver_count(), sender.send(1).ok()), (1, Some(1)));
        drop(receiver);
        assert_eq!((sender.receiver_count(), sender.send(2).unwrap_err().0), (0, 2));
        let mut receiver = sender.subscribe();
        assert_eq!(sender.send(3).unwrap(), 1);
        assert_eq!(receiver.recv().await, Ok(3));
    });
}

#[test]
fn what_is_kept_is_received_before_the_end() {
    world(|| async {
        let (sender, mut receiver) = channel(2);
        sender.send(1).unwrap();
        drop(sender);
        assert!(receiver.is_closed());
        assert_eq!((receiver.recv().await, receiver.recv().await), (Ok(1), Err(RecvError::Closed)));
        assert_eq!(receiver.resubscribe().try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn a_value_is_dropped_when_all_have_received_it_or_gone() {
    world(|| async {
        let (sender, mut one) = channel(4);
        let two = sender.subscribe();
        let (count, held) = Dropped::new();
        sender.send(held).unwrap_or_else(|_| panic!("there are receivers"));
        drop(one.recv().await);
        assert_eq!(count.load(Relaxed), 1, "a clone");
        drop(two);
        assert_eq!(count.load(Relaxed), 2, "and the value itself");
    });
}

#[test]
fn what_is_queued_is_counted_until_all_have_it_or_it_is_overwritten() {
    world(|| async {
        let (sender, mut one) = channel(2);
        let mut two = sender.subscribe();
        assert!(sender.is_empty() && one.is_empty());
        (0..3).for_each(|number| drop(sender.send(number)));
        assert_eq!((sender.len(), one.len()), (2, 3));
        assert_eq!(one.recv().await, Err(RecvError::Lagged(1)));
        assert_eq!((one.recv().await, one.len()), (Ok(1), 1));
        assert_eq!(sender.len(), 2, "another one has not had it");
        assert_eq!(two.recv().await, Err(RecvError::Lagged(1)));
        assert_eq!((two.recv().await, sender.len()), (Ok(1), 1));
    });
}

#[test]
fn a_dropped_call_receives_nothing() {
    world(|| async {
        let (sender, mut receiver) = channel(2);
        assert!(poll(pin!(receiver.recv())).is_pending());
        sender.send(1).unwrap();
        drop(receiver.recv());
        assert_eq!(receiver.recv().await, Ok(1));
    });
}

#[test]
fn all_who_wait_are_woken_by_a_value_and_by_the_end() {
    world(|| async {
        let (sender, mut one) = channel(2);
        let mut two = sender.subscribe();
        let (wakes, waker) = Wakes::new();
        {
            let (mut first, mut second) = (pin!(one.recv()), pin!(two.recv()));
            assert!(poll_with(first.as_mut(), &waker).is_pending() && poll_with(second.as_mut(), &waker).is_pending());
            sender.send(1).unwrap();
            assert_eq!(wakes.count(), 2);
            assert_eq!((at_once(first), at_once(second)), (Ok(1), Ok(1)));
        }
        let mut first = pin!(one.recv());
        assert!(poll_with(first.as_mut(), &waker).is_pending());
        drop(sender);
        assert_eq!((wakes.count(), at_once(first)), (3, Err(RecvError::Closed)));
    });
}

#[test]
fn it_is_closed_by_its_last_sender_and_not_by_weak_ones() {
    world(|| async {
        let (sender, mut receiver) = channel(2);
        let (other, weak) = (sender.clone(), sender.downgrade());
        assert_eq!((sender.strong_count(), sender.weak_count()), (2, 1));
        drop(sender);
        weak.upgrade().unwrap().send(1).unwrap();
        assert_eq!((receiver.sender_strong_count(), receiver.sender_weak_count()), (1, 1));
        assert!(!receiver.is_closed());
        drop(other);
        assert!(weak.upgrade().is_none() && receiver.is_closed());
        assert_eq!((receiver.recv().await, receiver.recv().await), (Ok(1), Err(RecvError::Closed)));
    });
}

#[test]
fn a_sender_is_told_when_its_last_receiver_goes() {
    world(|| async {
        let sender = Sender::<u8>::new(1);
        at_once(sender.closed());
        let (one, two) = (sender.subscribe(), sender.subscribe());
        let (wakes, waker) = Wakes::new();
        let mut closed = pin!(sender.closed());
        assert!(poll_with(closed.as_mut(), &waker).is_pending());
        drop(one);
        assert!(poll_with(closed.as_mut(), &waker).is_pending());
        drop(two);
        assert!(wakes.count() > 0);
        at_once(closed);
    });
}

#[test]
fn those_of_one_channel_are_known() {
    let ((one, of_one), (two, of_two)) = (channel::<u8>(1), channel::<u8>(1));
    assert!(one.same_channel(&one.clone()) && !one.same_channel(&two));
    assert!(of_one.same_channel(&one.subscribe()) && !of_one.same_channel(&of_two));
}

#[test]
fn blocking_work_may_receive() {
    world(|| async {
        let (sender, mut receiver) = channel(1);
        sender.send(7).unwrap();
        assert_eq!(spawn_blocking(move || receiver.blocking_recv()).await.unwrap(), Ok(7));
    });
}
