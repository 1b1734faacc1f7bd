//! `tokio::select!`.

use crate::{
    HOUR, after_hours,
    marks::{Dropped, forever},
    support::world,
};
use std::{
    cell::Cell,
    future::{pending, poll_fn, ready},
    sync::atomic::Ordering::Relaxed,
    task::Poll,
};
use tokio::{
    select,
    sync::{mpsc, oneshot},
    time::sleep,
};

#[test]
fn biased_polls_from_top_to_bottom() {
    world(|| async {
        let polled = Cell::new(String::new());
        let note = |name: &str| {
            let mut all = polled.take();
            all.push_str(name);
            polled.set(all);
        };
        let mut left = 2;
        for _ in 0..3 {
            select! {
                biased;
                () = poll_fn(|_| { note("a"); Poll::Pending }) => unreachable!(),
                () = poll_fn(|_| { note("b"); Poll::Pending }) => unreachable!(),
                () = poll_fn(|cx| {
                    note("c");
                    if left == 0 { return Poll::Ready(()) }
                    left -= 1;
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }) => {}
            }
        }
        assert_eq!(polled.take(), "abcabcabcabcabc");
    });
}

#[test]
fn preconditions_come_before_the_futures_are_made() {
    world(|| async {
        let order = Cell::new(Vec::new());
        let note = |name: &'static str| {
            let mut all = order.take();
            all.push(name);
            order.set(all);
        };
        select! {
            biased;
            () = { note("future 1"); ready(()) }, if { note("condition 1"); true } => note("handler"),
            () = { note("future 2"); ready(()) }, if { note("condition 2"); false } => {}
        }
        let order = order.take();
        assert_eq!(order.len(), 5);
        for number in ["1", "2"] {
            let at = |name: &str| order.iter().position(|noted| *noted == format!("{name} {number}"));
            assert!(at("condition") < at("future"), "{order:?}");
        }
        assert_eq!(order[4], "handler");
    });
}

#[test]
fn a_disabled_branch_is_never_polled_and_enabled_in_the_next_round() {
    world(|| async {
        let polls = Cell::new(0);
        for round in 0..2 {
            select! {
                biased;
                () = poll_fn(|_| { polls.set(polls.get() + 1); Poll::Ready(()) }), if round == 1 => {}
                () = sleep(HOUR) => {}
            }
            assert_eq!(polls.get(), round);
        }
    });
}

#[test]
fn a_branch_that_does_not_match_is_not_polled_again() {
    world(|| async {
        let polls = Cell::new(0);
        let value = select! {
            Some(value) = poll_fn(|_| { polls.set(polls.get() + 1); Poll::Ready(None) }) => value,
            value = after_hours(1) => value,
        };
        assert_eq!((value, polls.get()), (1, 1));
    });
}

#[test]
fn the_losers_are_dropped_before_the_handler_runs() {
    world(|| async {
        let (count, held) = Dropped::new();
        let dropped = select! {
            () = forever(held) => unreachable!(),
            () = sleep(HOUR) => count.load(Relaxed),
        };
        assert_eq!(dropped, 1);
    });
}

#[test]
fn what_is_given_by_reference_goes_on() {
    world(|| async {
        let mut slow = Box::pin(after_hours(3));
        let mut rounds = 0;
        let value = loop {
            select! {
                value = &mut slow => break value,
                () = sleep(HOUR * 2 / 3) => rounds += 1,
            }
        };
        assert_eq!(value, 3);
        assert!(rounds >= 3);
    });
}

#[test]
fn in_a_loop_nothing_is_lost_of_what_may_be_cut_short() {
    world(|| async {
        let ((one, mut of_one), (two, mut of_two)) = (mpsc::channel(1), mpsc::unbounded_channel());
        let (stop, mut stopped) = oneshot::channel();
        tokio::spawn(async move {
            for number in 0..50 {
                one.send(number).await.unwrap();
                two.send(number).unwrap();
                tokio::task::yield_now().await;
            }
            stop.send(()).unwrap();
            pending::<()>().await;
        });
        let (mut from_one, mut from_two, mut is_stopped) = (Vec::new(), Vec::new(), false);
        while from_one.len() + from_two.len() < 100 || !is_stopped {
            select! {
                Some(number) = of_one.recv() => from_one.push(number),
                Some(number) = of_two.recv() => from_two.push(number),
                result = &mut stopped, if !is_stopped => is_stopped = result.is_ok(),
            }
        }
        let all: Vec<i32> = (0..50).collect();
        assert_eq!((from_one, from_two), (all.clone(), all));
    });
}
