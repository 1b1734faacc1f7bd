//! `tokio::task::JoinSet`.

use crate::{
    HOUR, after_hours,
    hand::{Wakes, ask},
    marks::{Bomb, Dropped, forever, panics, planned},
    support::world,
};
use std::{future::pending, sync::atomic::Ordering::Relaxed, task::Poll};
use tokio::{
    spawn,
    sync::oneshot,
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};

#[test]
fn its_tasks_start_although_nobody_awaits_them() {
    world(|| async {
        let (sender, receiver) = oneshot::channel();
        let mut set = JoinSet::new();
        set.spawn(async { sender.send(7) });
        assert_eq!(receiver.await, Ok(7));
    });
}

#[test]
fn those_that_have_ended_stay_until_they_are_joined() {
    world(|| async {
        let mut set: JoinSet<u32> = [1, 2].into_iter().map(after_hours).collect();
        sleep(HOUR * 3).await;
        assert_eq!(set.len(), 2);
        assert!(set.try_join_next().is_some());
        assert_eq!(set.len(), 1);
        assert!(set.join_next().await.is_some());
        assert!(set.is_empty() && set.join_next().await.is_none());
    });
}

#[test]
fn to_join_all_panics_with_one_and_cancels_the_rest() {
    world(|| async {
        let (count, held) = Dropped::new();
        let joins = spawn(async move {
            let mut set = JoinSet::new();
            set.spawn(forever(held));
            set.spawn(async {
                sleep(HOUR).await;
                planned()
            });
            set.join_all().await
        });
        assert!(joins.await.unwrap_err().is_panic());
        sleep(HOUR).await;
        assert_eq!(count.load(Relaxed), 1);
    });
}

#[test]
fn to_join_all_panics_with_one_that_was_aborted() {
    world(|| async {
        let mut set = JoinSet::<()>::new();
        set.spawn(pending()).abort();
        let mut joins = Box::pin(set.join_all());
        sleep(HOUR).await;
        assert!(panics(|| crate::hand::poll(joins.as_mut())));
    });
}

#[test]
fn a_shutdown_does_not_mind_panics() {
    world(|| async {
        let mut set = JoinSet::new();
        set.spawn(async {
            let _bomb = Bomb;
            pending().await
        });
        set.spawn(async { planned() });
        set.spawn(pending::<()>());
        sleep(HOUR).await;
        set.shutdown().await;
        assert!(set.is_empty());
    });
}

#[test]
fn a_set_may_be_used_again_after_its_shutdown() {
    world(|| async {
        let mut set = JoinSet::new();
        set.spawn(after_hours(100));
        set.shutdown().await;
        set.spawn(after_hours(1));
        assert_eq!(set.join_next().await.unwrap().unwrap(), 1);
    });
}

#[test]
fn to_join_with_ids_may_be_cut_short() {
    world(|| async {
        let mut set = JoinSet::new();
        let ids = [1, 2].map(|hours| set.spawn(after_hours(hours)).id());
        let mut joined = Vec::new();
        while joined.len() < 2 {
            if let Ok(Some(ended)) = timeout(HOUR / 7, set.join_next_with_id()).await {
                joined.push(ended.unwrap());
            }
        }
        assert_eq!(joined, [(ids[0], 1), (ids[1], 2)]);
    });
}

#[test]
fn a_failure_that_is_found_by_trying_says_whose_it_is() {
    world(|| async {
        let mut set = JoinSet::<()>::new();
        let id = set.spawn(async { planned() }).id();
        sleep(HOUR).await;
        let error = set.try_join_next_with_id().unwrap().unwrap_err();
        assert!(error.is_panic() && error.id() == id);
    });
}

#[test]
fn a_poll_says_none_ended_or_empty() {
    world(|| async {
        let (wakes, waker) = Wakes::new();
        let mut set = JoinSet::new();
        assert!(matches!(ask(&waker, |cx| set.poll_join_next(cx)), Poll::Ready(None)));
        let id = set.spawn(after_hours(1)).id();
        assert!(ask(&waker, |cx| set.poll_join_next_with_id(cx)).is_pending());
        sleep(HOUR * 2).await;
        assert!(wakes.count() > 0);
        let Poll::Ready(Some(Ok(ended))) = ask(&waker, |cx| set.poll_join_next_with_id(cx)) else {
            panic!("it has ended")
        };
        assert_eq!(ended, (id, 1));
        assert!(matches!(ask(&waker, |cx| set.poll_join_next_with_id(cx)), Poll::Ready(None)));
    });
}

#[test]
fn one_of_its_tasks_may_be_aborted_and_the_others_go_on() {
    world(|| async {
        let mut set = JoinSet::new();
        let aborts: Vec<AbortHandle> = (1..=3).map(|hours| set.spawn(after_hours(hours))).collect();
        aborts[1].abort();
        let (mut values, mut cancelled) = (Vec::new(), 0);
        while let Some(ended) = set.join_next().await {
            match ended {
                Ok(value) => values.push(value),
                Err(error) => cancelled += usize::from(error.is_cancelled()),
            }
        }
        assert_eq!((values.as_slice(), cancelled), ([1, 3].as_slice(), 1));
    });
}

#[test]
fn outside_a_runtime_it_spawns_nothing() {
    let mut set = JoinSet::new();
    assert!(panics(|| set.spawn(async {})));
    assert!(panics(|| set.spawn_local(async {})));
    assert!(panics(|| set.spawn_blocking(|| ())));
}

#[test]
fn who_polled_it_last_is_woken() {
    world(|| async {
        let ((first, early), (last, late)) = (Wakes::new(), Wakes::new());
        let mut set = JoinSet::new();
        set.spawn(after_hours(1));
        assert!(ask(&early, |cx| set.poll_join_next(cx)).is_pending());
        assert!(ask(&late, |cx| set.poll_join_next(cx)).is_pending());
        sleep(HOUR * 2).await;
        assert_eq!((first.count(), last.count()), (0, 1));
    });
}
