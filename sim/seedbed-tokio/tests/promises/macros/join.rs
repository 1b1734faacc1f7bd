//! `tokio::{join!, try_join!}`.

use crate::{
    HOUR, after_hours,
    marks::{Dropped, forever},
    support::world,
};
use std::{cell::Cell, future::poll_fn, sync::atomic::Ordering::Relaxed, task::Poll};
use tokio::{join, time::Instant, time::sleep, try_join};

#[test]
fn all_wait_at_the_same_time() {
    world(|| async {
        let started = Instant::now();
        assert_eq!(join!(after_hours(3), after_hours(1), after_hours(2)), (3, 1, 2));
        assert!(started.elapsed() < HOUR * 4, "{:?}", started.elapsed());
    });
}

#[test]
fn an_error_is_a_value_of_join_and_the_end_of_try_join() {
    world(|| async {
        let started = Instant::now();
        let fails = || async {
            sleep(HOUR).await;
            Err::<u32, _>("no")
        };
        let slow = || async { Ok::<_, &str>(after_hours(3).await) };
        assert_eq!(try_join!(slow(), fails()), Err("no"));
        assert!(started.elapsed() < HOUR * 3);
        assert_eq!(join!(slow(), fails()), (Ok(3), Err("no")));
        assert_eq!(try_join!(slow(), slow()), Ok((3, 3)));
    });
}

#[test]
fn the_first_error_drops_the_others() {
    world(|| async {
        let (count, held) = Dropped::new();
        let waits = async {
            forever(held).await;
            Ok(())
        };
        assert_eq!(try_join!(waits, async { Err::<(), _>(7) }), Err(7));
        assert_eq!(count.load(Relaxed), 1);
    });
}

#[test]
fn what_is_ready_is_not_polled_again() {
    world(|| async {
        let polls = Cell::new(0);
        let once = poll_fn(|_| {
            polls.set(polls.get() + 1);
            Poll::Ready(1)
        });
        assert_eq!(join!(once, after_hours(1)), (1, 1));
        assert_eq!(polls.get(), 1);
    });
}

#[test]
fn biased_polls_in_the_order_of_writing() {
    world(|| async {
        let order = Cell::new(String::new());
        let note = |name: &str| {
            let mut all = order.take();
            all.push_str(name);
            order.set(all);
        };
        join!(biased; async { note("a") }, async { note("b") }, async { note("c") });
        assert_eq!(order.take(), "abc");
        let results = try_join!(biased; async { note("d"); Ok::<_, u8>(1) }, async { note("e"); Ok(2) });
        assert_eq!((order.take().as_str(), results), ("de", Ok((1, 2))));
    });
}

#[test]
fn all_are_polled_in_the_first_turn() {
    world(|| async {
        let started = Cell::new(0);
        let start = || async {
            started.set(started.get() + 1);
            sleep(HOUR).await;
        };
        let mut all = std::pin::pin!(async { join!(start(), start(), start()) });
        assert!(crate::hand::poll(all.as_mut()).is_pending());
        assert_eq!(started.get(), 3);
        all.await;
    });
}
