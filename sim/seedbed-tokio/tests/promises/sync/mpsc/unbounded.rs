//! `tokio::sync::mpsc::{unbounded_channel, UnboundedSender, UnboundedReceiver, WeakUnboundedSender}`.

use crate::{hand::at_once, marks::Dropped, support::world};
use std::sync::atomic::Ordering::Relaxed;
use tokio::{
    sync::mpsc::{
        error::{SendError, TryRecvError},
        unbounded_channel,
    },
    task::spawn_blocking,
};

#[test]
fn to_send_never_waits_and_keeps_order() {
    world(|| async {
        let (sender, mut receiver) = unbounded_channel();
        (0..1_000).for_each(|number| sender.send(number).unwrap());
        assert_eq!((receiver.len(), receiver.is_empty()), (1_000, false));
        for number in 0..1_000 {
            assert_eq!(receiver.recv().await, Some(number));
        }
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn a_closed_channel_takes_nothing_and_shows_what_it_has() {
    world(|| async {
        let (sender, mut receiver) = unbounded_channel();
        sender.send(1).unwrap();
        receiver.close();
        assert!(sender.is_closed() && receiver.is_closed());
        at_once(sender.closed());
        assert_eq!(sender.send(2), Err(SendError(2)));
        assert_eq!((receiver.recv().await, receiver.recv().await), (Some(1), None));
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    });
}

#[test]
fn it_is_closed_by_its_last_sender_and_not_by_weak_ones() {
    world(|| async {
        let (sender, mut receiver) = unbounded_channel::<u8>();
        let (other, weak) = (sender.clone(), sender.downgrade());
        assert_eq!((sender.strong_count(), sender.weak_count()), (2, 1));
        assert!(sender.same_channel(&other) && !sender.same_channel(&unbounded_channel().0));
        drop(sender);
        weak.upgrade().unwrap().send(1).unwrap();
        assert_eq!((receiver.sender_strong_count(), receiver.sender_weak_count()), (1, 1));
        drop(other);
        assert!(weak.upgrade().is_none());
        assert_eq!((receiver.recv().await, receiver.recv().await), (Some(1), None));
    });
}

#[test]
fn many_are_received_up_to_a_limit() {
    world(|| async {
        let (sender, mut receiver) = unbounded_channel();
        (1..=4).for_each(|number| sender.send(number).unwrap());
        let mut buffer = Vec::new();
        assert_eq!(at_once(receiver.recv_many(&mut buffer, 0)), 0);
        assert_eq!((receiver.recv_many(&mut buffer, 3).await, receiver.recv_many(&mut buffer, 3).await), (3, 1));
        drop(sender);
        assert_eq!(receiver.recv_many(&mut buffer, 3).await, 0);
        assert_eq!(buffer, [1, 2, 3, 4]);
    });
}

#[test]
fn what_nobody_received_is_dropped_with_the_receiver() {
    world(|| async {
        let (sender, receiver) = unbounded_channel();
        let (count, held) = Dropped::new();
        sender.send(held).unwrap();
        drop(receiver);
        assert_eq!(count.load(Relaxed), 1);
    });
}

#[test]
fn blocking_work_may_receive() {
    world(|| async {
        let (sender, mut receiver) = unbounded_channel();
        (1..=3).for_each(|number| sender.send(number).unwrap());
        drop(sender);
        let received = spawn_blocking(move || {
            let mut buffer = vec![receiver.blocking_recv().unwrap()];
            while receiver.blocking_recv_many(&mut buffer, 1) > 0 {}
            buffer
        });
        assert_eq!(received.await.unwrap(), [1, 2, 3]);
    });
}
