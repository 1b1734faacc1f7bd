//! `tokio::task::{coop, yield_now}`.

use crate::{HOUR, hand::Wakes, support::world};
use std::{
    future::{Future, poll_fn, ready},
    pin::pin,
    task::{Context, Poll, Waker},
};
use tokio::{
    sync::mpsc,
    task::{
        coop::{consume_budget, cooperative, has_budget_remaining, poll_proceed, unconstrained},
        yield_now,
    },
    time::sleep,
};

/// More units than a turn has.
const MANY: usize = 10_000;

/// Goes on in a turn that has some. In a world a turn may have none.
async fn budget() {
    while !has_budget_remaining() {
        yield_now().await;
    }
}

/// One poll within the turn's budget.
fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Spends what the turn has left.
fn spend() {
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..MANY {
        match poll_proceed(&mut cx) {
            Poll::Ready(unit) => unit.made_progress(),
            Poll::Pending => return,
        }
    }
    panic!("a turn has no end");
}

#[test]
fn a_turn_s_budget_ends_and_each_turn_has_its_own() {
    world(|| async {
        for _ in 0..3 {
            budget().await;
            spend();
            assert!(!has_budget_remaining());
            yield_now().await;
        }
    });
}

#[test]
fn what_makes_no_progress_costs_nothing() {
    world(|| async {
        budget().await;
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..MANY {
            let Poll::Ready(unit) = poll_proceed(&mut cx) else { panic!("nothing was spent") };
            drop(unit);
        }
        assert!(has_budget_remaining());
    });
}

#[test]
fn who_has_spent_it_is_woken_at_once() {
    world(|| async {
        let (wakes, waker) = Wakes::new();
        spend();
        assert!(poll_proceed(&mut Context::from_waker(&waker)).is_pending());
        yield_now().await;
        sleep(HOUR).await;
        assert_eq!(wakes.count(), 1);
    });
}

#[test]
fn to_consume_it_gives_way_only_when_it_is_spent() {
    world(|| async {
        budget().await;
        assert!(poll(consume_budget()).is_ready());
        spend();
        assert!(poll(consume_budget()).is_pending());
        consume_budget().await;
    });
}

#[test]
fn a_cooperative_future_gives_way_when_it_is_spent() {
    world(|| async {
        let mut polls = 0;
        let mut all = pin!(async {
            for _ in 0..MANY {
                cooperative(ready(())).await;
            }
        });
        poll_fn(|cx| {
            polls += 1;
            all.as_mut().poll(cx)
        })
        .await;
        assert!(polls > 1);
    });
}

#[test]
fn an_unconstrained_future_is_never_made_to_give_way() {
    world(|| async {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        (0..MANY).for_each(|number| sender.send(number).unwrap());
        spend();
        let all = pin!(unconstrained(async {
            for _ in 0..MANY {
                receiver.recv().await.unwrap();
            }
        }));
        assert!(poll(all).is_ready());
        assert!(!has_budget_remaining(), "the others are where they were");
    });
}

#[test]
fn what_is_spent_is_spent_for_all_of_tokio_s_futures() {
    world(|| async {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        sender.send(7).unwrap();
        spend();
        assert!(poll(receiver.recv()).is_pending());
        assert_eq!(receiver.recv().await, Some(7), "and it loses nothing");
    });
}
