//! `tokio::sync::oneshot`.

use crate::{
    hand::{Wakes, ask, at_once, poll, poll_with},
    marks::Dropped,
    support::world,
};
use std::{
    pin::{Pin, pin},
    sync::atomic::Ordering::Relaxed,
    task::Poll,
};
use tokio::{
    sync::oneshot::{channel, error::TryRecvError},
    task::spawn_blocking,
};

#[test]
fn what_is_sent_before_it_is_closed_can_be_received() {
    let (sender, mut receiver) = channel();
    sender.send(7).unwrap();
    receiver.close();
    assert_eq!(receiver.try_recv(), Ok(7));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn nothing_is_sent_after_it_is_closed() {
    let (sender, mut receiver) = channel();
    assert!(!sender.is_closed());
    receiver.close();
    receiver.close();
    assert!(sender.is_closed());
    assert_eq!(sender.send(7), Err(7));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn to_try_tells_not_yet_from_never() {
    let (sender, mut receiver) = channel();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    sender.send(7).unwrap();
    assert_eq!(receiver.try_recv(), Ok(7));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    let (sender, mut receiver) = channel::<u8>();
    drop(sender);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_sender_is_told_of_a_close_and_of_a_drop() {
    world(|| async {
        let ends: [fn(&mut Option<tokio::sync::oneshot::Receiver<u8>>); 2] =
            [|receiver| receiver.as_mut().unwrap().close(), |receiver| drop(receiver.take())];
        for end in ends {
            let (mut sender, receiver) = channel::<u8>();
            let mut receiver = Some(receiver);
            let ((first, early), (last, late)) = (Wakes::new(), Wakes::new());
            assert!(ask(&early, |cx| sender.poll_closed(cx)).is_pending());
            assert!(ask(&late, |cx| sender.poll_closed(cx)).is_pending());
            end(&mut receiver);
            assert_eq!((first.count(), last.count()), (0, 1), "who polled last is told");
            assert!(ask(&late, |cx| sender.poll_closed(cx)).is_ready());
            at_once(sender.closed());
        }
    });
}

#[test]
fn a_receiver_is_told_of_a_value_and_of_a_drop() {
    world(|| async {
        for sends in [true, false] {
            let (sender, mut receiver) = channel();
            let (wakes, waker) = Wakes::new();
            assert!(poll_with(Pin::new(&mut receiver), &waker).is_pending());
            if sends {
                sender.send(7).unwrap();
            } else {
                drop(sender);
            }
            assert_eq!(wakes.count(), 1);
            assert_eq!(receiver.await.ok(), sends.then_some(7));
        }
    });
}

#[test]
fn a_reference_to_it_may_be_cut_short() {
    world(|| async {
        let (sender, mut receiver) = channel();
        assert!(poll(pin!(&mut receiver)).is_pending());
        sender.send(7).unwrap();
        assert_eq!((&mut receiver).await, Ok(7));
    });
}

#[test]
fn it_says_whether_it_has_something_and_whether_it_is_over() {
    world(|| async {
        let (sender, mut receiver) = channel();
        assert!(receiver.is_empty() && !receiver.is_terminated());
        sender.send(7).unwrap();
        assert!(!receiver.is_empty() && !receiver.is_terminated());
        assert_eq!(poll(Pin::new(&mut receiver)), Poll::Ready(Ok(7)));
        assert!(receiver.is_empty() && receiver.is_terminated());
        let (sender, mut receiver) = channel::<u8>();
        drop(sender);
        assert!(receiver.is_empty() && !receiver.is_terminated());
        assert!((&mut receiver).await.is_err());
        assert!(receiver.is_terminated());
    });
}

#[test]
fn what_nobody_received_is_dropped_with_the_receiver() {
    let (sender, mut receiver) = channel();
    let (count, held) = Dropped::new();
    sender.send(held).unwrap_or_else(|_| panic!("the receiver is there"));
    receiver.close();
    assert_eq!(count.load(Relaxed), 0);
    drop(receiver);
    assert_eq!(count.load(Relaxed), 1);
}

#[test]
fn blocking_work_may_receive() {
    world(|| async {
        let (sender, receiver) = channel();
        sender.send(7).unwrap();
        assert_eq!(spawn_blocking(|| receiver.blocking_recv()).await.unwrap(), Ok(7));
        let (sender, receiver) = channel::<u8>();
        drop(sender);
        assert!(spawn_blocking(|| receiver.blocking_recv()).await.unwrap().is_err());
    });
}
