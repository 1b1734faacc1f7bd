//! `tokio::sync::Barrier`.

use crate::{
    hand::{at_once, poll},
    support::world,
};
use std::{pin::pin, task::Poll};
use tokio::sync::Barrier;

#[test]
fn nobody_passes_before_all_have_come() {
    world(|| async {
        let barrier = Barrier::new(3);
        let (mut one, mut two) = (pin!(barrier.wait()), pin!(barrier.wait()));
        assert!(poll(one.as_mut()).is_pending() && poll(two.as_mut()).is_pending());
        let last = at_once(barrier.wait());
        let (Poll::Ready(one), Poll::Ready(two)) = (poll(one), poll(two)) else { panic!("all have come") };
        assert_eq!([last, one, two].into_iter().filter(|result| result.is_leader()).count(), 1);
    });
}

#[test]
fn it_serves_one_round_after_the_other() {
    world(|| async {
        let barrier = Barrier::new(2);
        for _ in 0..3 {
            let (one, two) = tokio::join!(barrier.wait(), barrier.wait());
            assert!(one.is_leader() ^ two.is_leader());
        }
        assert!(poll(pin!(barrier.wait())).is_pending());
    });
}

#[test]
fn one_for_nobody_is_one_for_one() {
    world(|| async {
        for size in [0, 1] {
            let barrier = Barrier::new(size);
            assert!(at_once(barrier.wait()).is_leader() && at_once(barrier.wait()).is_leader());
        }
    });
}
