//! `tokio::sync::mpsc::{channel, Sender, Receiver, WeakSender}` and the permits.

use crate::{
    hand::{Wakes, ask, at_once, poll, poll_with},
    marks::{Dropped, panics},
    support::world,
};
use std::{pin::pin, sync::atomic::Ordering::Relaxed, task::Poll};
use tokio::{
    sync::{
        Semaphore,
        mpsc::{
            channel,
            error::{SendError, TryRecvError, TrySendError},
        },
    },
    task::spawn_blocking,
};

#[test]
fn one_without_room_is_refused() {
    assert!(panics(|| channel::<u8>(0)));
    assert!(panics(|| channel::<u8>(Semaphore::MAX_PERMITS + 1)));
}

#[test]
fn its_room_shrinks_with_what_is_sent_or_reserved_and_grows_with_what_is_received() {
    world(|| async {
        let (sender, mut receiver) = channel(4);
        assert_eq!((sender.capacity(), sender.max_capacity()), (4, 4));
        sender.send(1).await.unwrap();
        let permit = sender.reserve().await.unwrap();
        assert_eq!((sender.capacity(), receiver.capacity(), receiver.max_capacity()), (2, 2, 4));
        permit.send(2);
        assert_eq!(receiver.recv().await, Some(1));
        assert_eq!(sender.capacity(), 3);
        drop(sender.reserve_many(3).await.unwrap());
        assert_eq!(sender.capacity(), 3, "what was not used is given back");
    });
}

#[test]
fn places_are_given_in_the_order_of_asking() {
    world(|| async {
        let (sender, mut receiver) = channel(1);
        sender.try_send(0).unwrap();
        let (mut one, mut two) = (pin!(sender.send(1)), pin!(sender.reserve()));
        assert!(poll(one.as_mut()).is_pending() && poll(two.as_mut()).is_pending());
        assert_eq!(receiver.recv().await, Some(0));
        assert!(poll(two.as_mut()).is_pending());
        assert_eq!(at_once(one), Ok(()));
        assert_eq!(receiver.recv().await, Some(1));
        at_once(two).unwrap().send(2);
        assert_eq!(receiver.recv().await, Some(2));
    });
}

#[test]
fn who_asks_for_many_places_is_not_overtaken() {
    world(|| async {
        let (sender, mut receiver) = channel(2);
        sender.try_send(0).unwrap();
        let (mut many, mut one) = (pin!(sender.reserve_many(2)), pin!(sender.send(3)));
        assert!(poll(many.as_mut()).is_pending() && poll(one.as_mut()).is_pending());
        assert!(matches!(sender.try_send(9), Err(TrySendError::Full(9))));
        assert_eq!(receiver.recv().await, Some(0));
        for (permit, number) in at_once(many).unwrap().zip(1..) {
            permit.send(number);
        }
        assert!(poll(one.as_mut()).is_pending());
        assert_eq!(receiver.recv().await, Some(1));
        assert_eq!(at_once(one), Ok(()));
        assert_eq!((receiver.recv().await, receiver.recv().await), (Some(2), Some(3)));
    });
}

#[test]
fn who_stops_asking_loses_its_place_and_has_not_sent() {
    world(|| async {
        let (sender, mut receiver) = channel(1);
        sender.try_send(0).unwrap();
        let (mut one, mut two) = (Box::pin(sender.send(1)), pin!(sender.send(2)));
        assert!(poll(one.as_mut()).is_pending() && poll(two.as_mut()).is_pending());
        drop(one);
        assert_eq!(receiver.recv().await, Some(0));
        assert_eq!(at_once(two), Ok(()));
        assert_eq!(receiver.recv().await, Some(2));
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn a_permit_sends_into_a_closed_channel_too() {
    world(|| async {
        let (sender, mut receiver) = channel(3);
        let (permit, other) = (sender.try_reserve().unwrap(), sender.clone().try_reserve_owned().unwrap());
        receiver.close();
        assert!(poll(pin!(receiver.recv())).is_pending(), "there may be more");
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
        permit.send(1);
        assert_eq!(receiver.recv().await, Some(1));
        assert!(poll(pin!(receiver.recv())).is_pending());
        drop(other);
        assert_eq!(receiver.recv().await, None);
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    });
}

#[test]
fn a_closed_channel_takes_nothing_and_shows_what_it_has() {
    world(|| async {
        let (sender, mut receiver) = channel(2);
        sender.try_send(1).unwrap();
        assert!(!sender.is_closed() && !receiver.is_closed());
        receiver.close();
        assert!(sender.is_closed() && receiver.is_closed());
        assert_eq!(sender.send(2).await, Err(SendError(2)));
        assert_eq!(sender.try_send(3), Err(TrySendError::Closed(3)));
        assert_eq!(sender.reserve().await.unwrap_err(), SendError(()));
        assert_eq!(sender.reserve_many(1).await.unwrap_err(), SendError(()));
        assert_eq!(sender.clone().reserve_owned().await.unwrap_err(), SendError(()));
        assert_eq!(sender.try_reserve().unwrap_err(), TrySendError::Closed(()));
        assert_eq!(sender.try_reserve_many(1).unwrap_err(), TrySendError::Closed(()));
        assert_eq!((receiver.recv().await, receiver.recv().await), (Some(1), None));
    });
}

#[test]
fn senders_that_wait_are_turned_away_when_it_is_closed() {
    world(|| async {
        let (sender, mut receiver) = channel(1);
        sender.try_send(0).unwrap();
        let (mut sends, mut reserves) = (pin!(sender.send(1)), pin!(sender.reserve()));
        assert!(poll(sends.as_mut()).is_pending() && poll(reserves.as_mut()).is_pending());
        receiver.close();
        assert_eq!(at_once(sends), Err(SendError(1)));
        assert!(at_once(reserves).is_err());
    });
}

#[test]
fn what_nobody_received_is_dropped_with_the_receiver() {
    world(|| async {
        let (sender, receiver) = channel(2);
        let (count, held) = Dropped::new();
        sender.try_send(held).unwrap();
        drop(receiver);
        assert_eq!(count.load(Relaxed), 1);
        let (count, held) = Dropped::new();
        let SendError(held) = sender.send(held).await.unwrap_err();
        assert_eq!(count.load(Relaxed), 0, "what could not be sent is given back");
        drop(held);
    });
}

#[test]
fn it_is_closed_by_its_last_sender_and_not_by_weak_ones() {
    world(|| async {
        let (sender, mut receiver) = channel::<u8>(1);
        let (other, weak) = (sender.clone(), sender.downgrade());
        assert_eq!((sender.strong_count(), sender.weak_count()), (2, 1));
        drop(sender);
        assert_eq!((receiver.sender_strong_count(), receiver.sender_weak_count()), (1, 1));
        weak.upgrade().unwrap().try_send(1).unwrap();
        assert_eq!((weak.strong_count(), weak.weak_count(), receiver.is_closed()), (1, 1, false));
        drop(other);
        assert!(receiver.is_closed() && weak.upgrade().is_none());
        assert_eq!((receiver.recv().await, receiver.recv().await), (Some(1), None));
    });
}

#[test]
fn senders_and_permits_of_one_channel_are_known() {
    world(|| async {
        let ((one, _one_s), (two, _two_s)) = (channel::<u8>(2), channel::<u8>(2));
        assert!(one.same_channel(&one.clone()) && !one.same_channel(&two));
        let permit = one.clone().try_reserve_owned().unwrap();
        let (same, other) = (one.clone().try_reserve_owned().unwrap(), two.clone().try_reserve_owned().unwrap());
        assert!(permit.same_channel(&same) && !permit.same_channel(&other));
        assert!(permit.same_channel_as_sender(&one) && !permit.same_channel_as_sender(&two));
    });
}

#[test]
fn an_owned_permit_gives_its_sender_back() {
    world(|| async {
        let (sender, mut receiver) = channel(1);
        let sender = sender.reserve_owned().await.unwrap().send(1);
        let Err(TrySendError::Full(sender)) = sender.try_reserve_owned() else { panic!("it is full") };
        assert_eq!(receiver.recv().await, Some(1));
        let sender = sender.reserve_owned().await.unwrap().release();
        assert_eq!(sender.capacity(), 1);
    });
}

#[test]
fn no_more_places_can_be_asked_for_than_there_are() {
    world(|| async {
        let (sender, _receiver) = channel::<u8>(2);
        assert_eq!(sender.try_reserve_many(3).unwrap_err(), TrySendError::Full(()));
        assert!(sender.reserve_many(3).await.is_err());
        let mut permits = sender.try_reserve_many(2).unwrap();
        assert_eq!((permits.len(), sender.capacity()), (2, 0));
        drop(permits.next());
        assert_eq!((permits.len(), sender.capacity()), (1, 1));
    });
}

#[test]
fn many_are_received_up_to_a_limit_behind_what_the_buffer_has() {
    world(|| async {
        let (sender, mut receiver) = channel(4);
        (1..=4).for_each(|number| sender.try_send(number).unwrap());
        let mut buffer = vec![0];
        assert_eq!(at_once(receiver.recv_many(&mut buffer, 0)), 0);
        assert_eq!(receiver.recv_many(&mut buffer, 3).await, 3);
        assert_eq!(receiver.recv_many(&mut buffer, 3).await, 1, "it does not wait for more");
        assert_eq!(buffer, [0, 1, 2, 3, 4]);
        assert!(poll(pin!(receiver.recv_many(&mut buffer, 3))).is_pending());
        drop(sender);
        assert_eq!(receiver.recv_many(&mut buffer, 3).await, 0);
    });
}

#[test]
fn a_dropped_call_receives_nothing() {
    world(|| async {
        let (sender, mut receiver) = channel(2);
        let mut buffer = Vec::new();
        assert!(poll(pin!(receiver.recv())).is_pending());
        assert!(poll(pin!(receiver.recv_many(&mut buffer, 2))).is_pending());
        sender.try_send(1).unwrap();
        drop(receiver.recv());
        drop(receiver.recv_many(&mut buffer, 2));
        assert_eq!((receiver.len(), receiver.is_empty()), (1, false));
        assert_eq!(receiver.recv().await, Some(1));
        assert!(receiver.is_empty());
    });
}

#[test]
fn who_polled_last_is_woken_by_a_message_and_by_the_end() {
    world(|| async {
        let (sender, mut receiver) = channel(1);
        let ((first, early), (last, late)) = (Wakes::new(), Wakes::new());
        assert!(ask(&early, |cx| receiver.poll_recv(cx)).is_pending());
        assert!(ask(&late, |cx| receiver.poll_recv(cx)).is_pending());
        sender.try_send(1).unwrap();
        assert_eq!((first.count(), last.count()), (0, 1));
        assert_eq!(ask(&late, |cx| receiver.poll_recv(cx)), Poll::Ready(Some(1)));
        assert_eq!(ask(&late, |cx| receiver.poll_recv_many(cx, &mut Vec::new(), 0)), Poll::Ready(0));
        assert!(ask(&late, |cx| receiver.poll_recv(cx)).is_pending());
        drop(sender);
        assert_eq!(last.count(), 2);
        assert_eq!(ask(&late, |cx| receiver.poll_recv(cx)), Poll::Ready(None));
    });
}

#[test]
fn all_who_wait_for_its_end_are_told_and_those_who_come_later_at_once() {
    world(|| async {
        let (sender, receiver) = channel::<u8>(1);
        let (wakes, waker) = Wakes::new();
        let (mut one, mut two) = (pin!(sender.closed()), pin!(sender.closed()));
        assert!(poll_with(one.as_mut(), &waker).is_pending() && poll_with(two.as_mut(), &waker).is_pending());
        drop(receiver);
        assert_eq!(wakes.count(), 2);
        at_once(sender.closed());
        tokio::join!(one, two);
    });
}

#[test]
fn blocking_work_may_send_and_receive() {
    world(|| async {
        let (sender, mut receiver) = channel(3);
        let sends = sender.clone();
        spawn_blocking(move || (1..=3).for_each(|number| sends.blocking_send(number).unwrap())).await.unwrap();
        let received = spawn_blocking(move || {
            let mut buffer = vec![receiver.blocking_recv().unwrap()];
            receiver.blocking_recv_many(&mut buffer, 9);
            buffer
        });
        assert_eq!(received.await.unwrap(), [1, 2, 3]);
        assert_eq!(spawn_blocking(move || sender.blocking_send(4)).await.unwrap(), Err(SendError(4)));
    });
}
