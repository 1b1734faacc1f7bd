//! `tokio::sync::Notify` and the futures `Notified` and `OwnedNotified`.

use crate::{
    hand::{Wakes, poll, poll_with},
    support::world,
};
use std::{pin::pin, sync::Arc};
use tokio::sync::Notify;

#[test]
fn one_permit_is_stored_and_no_more() {
    world(|| async {
        let notify = Notify::new();
        for _ in 0..3 {
            notify.notify_one();
        }
        assert!(poll(pin!(notify.notified())).is_ready());
        assert!(poll(pin!(notify.notified())).is_pending());
        notify.notify_last();
        assert!(poll(pin!(notify.notified())).is_ready(), "the last of none is the next");
    });
}

#[test]
fn the_first_that_waits_is_notified_first() {
    world(|| async {
        let notify = Notify::new();
        let (mut one, mut two) = (pin!(notify.notified()), pin!(notify.notified()));
        assert!(poll(one.as_mut()).is_pending() && poll(two.as_mut()).is_pending());
        notify.notify_one();
        assert!(poll(two.as_mut()).is_pending());
        assert!(poll(one.as_mut()).is_ready());
        notify.notify_one();
        assert!(poll(two.as_mut()).is_ready());
    });
}

#[test]
fn the_last_that_waits_may_be_notified_first() {
    world(|| async {
        let notify = Notify::new();
        let (mut one, mut two) = (pin!(notify.notified()), pin!(notify.notified()));
        assert!(poll(one.as_mut()).is_pending() && poll(two.as_mut()).is_pending());
        notify.notify_last();
        assert!(poll(one.as_mut()).is_pending());
        assert!(poll(two.as_mut()).is_ready());
    });
}

#[test]
fn who_stops_waiting_loses_its_place() {
    world(|| async {
        let notify = Notify::new();
        let (mut one, mut two) = (Box::pin(notify.notified()), pin!(notify.notified()));
        assert!(poll(one.as_mut()).is_pending() && poll(two.as_mut()).is_pending());
        drop(one);
        let mut one = pin!(notify.notified());
        assert!(poll(one.as_mut()).is_pending());
        notify.notify_one();
        assert!(poll(one).is_pending() && poll(two).is_ready());
    });
}

#[test]
fn a_notification_that_nobody_took_goes_to_the_next() {
    world(|| async {
        let notify = Notify::new();
        let (mut one, mut two) = (Box::pin(notify.notified()), pin!(notify.notified()));
        let (wakes, waker) = Wakes::new();
        assert!(poll(one.as_mut()).is_pending() && poll_with(two.as_mut(), &waker).is_pending());
        notify.notify_one();
        drop(one);
        assert_eq!(wakes.count(), 1);
        assert!(poll(two).is_ready());
    });
}

#[test]
fn all_are_notified_that_were_made_before_polled_or_not() {
    world(|| async {
        let notify = Arc::new(Notify::new());
        let (mut polled, fresh) = (pin!(notify.notified()), pin!(notify.notified()));
        let owned = pin!(notify.clone().notified_owned());
        assert!(poll(polled.as_mut()).is_pending());
        notify.notify_waiters();
        let late = pin!(notify.notified());
        assert!(poll(polled).is_ready() && poll(fresh).is_ready() && poll(owned).is_ready());
        assert!(poll(late).is_pending());
    });
}

#[test]
fn to_notify_all_stores_no_permit_and_takes_none() {
    world(|| async {
        let notify = Notify::new();
        notify.notify_waiters();
        assert!(poll(pin!(notify.notified())).is_pending());
        notify.notify_one();
        notify.notify_waiters();
        assert!(poll(pin!(notify.notified())).is_ready());
        assert!(poll(pin!(notify.notified())).is_pending());
    });
}

#[test]
fn one_that_was_not_polled_is_no_waiter_of_one_notification() {
    world(|| async {
        let notify = Notify::new();
        let early = pin!(notify.notified());
        notify.notify_one();
        assert!(poll(pin!(notify.notified())).is_ready(), "whoever asks first has the permit");
        assert!(poll(early).is_pending());
    });
}

#[test]
fn an_enabled_one_waits_without_a_poll() {
    world(|| async {
        let notify = Arc::new(Notify::new());
        let (mut one, mut two) = (pin!(notify.notified()), pin!(notify.clone().notified_owned()));
        assert!(!one.as_mut().enable() && !two.as_mut().enable());
        notify.notify_one();
        notify.notify_one();
        assert!(poll(pin!(notify.notified())).is_pending(), "no permit was stored");
        assert!(one.as_mut().enable() && two.as_mut().enable(), "they are ready");
        assert!(poll(one).is_ready() && poll(two).is_ready());
    });
}

#[test]
fn to_enable_takes_a_permit_that_is_there() {
    world(|| async {
        let notify = Notify::new();
        notify.notify_one();
        let mut one = pin!(notify.notified());
        assert!(one.as_mut().enable());
        assert!(poll(pin!(notify.notified())).is_pending());
        assert!(poll(one).is_ready());
    });
}

#[test]
fn one_made_before_all_were_notified_is_ready_when_it_is_enabled() {
    world(|| async {
        let notify = Notify::new();
        let mut one = pin!(notify.notified());
        notify.notify_waiters();
        assert!(one.as_mut().enable());
    });
}

#[test]
fn one_that_has_ended_stays_ready() {
    world(|| async {
        let notify = Arc::new(Notify::new());
        notify.notify_one();
        let mut one = pin!(notify.notified());
        assert!(poll(one.as_mut()).is_ready() && poll(one.as_mut()).is_ready() && poll(one).is_ready());
        notify.notify_one();
        let mut owned = pin!(notify.clone().notified_owned());
        assert!(poll(owned.as_mut()).is_ready() && poll(owned).is_ready());
    });
}

#[test]
fn one_in_a_static_needs_no_set_up() {
    static NOTIFY: Notify = Notify::const_new();
    assert!(poll(pin!(NOTIFY.notified())).is_pending());
}
