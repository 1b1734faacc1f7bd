//! `tokio::task_local!` and `tokio::task::LocalKey`.

use crate::{
    HOUR,
    marks::{Dropped, panics},
    support::world,
};
use std::{cell::Cell, future::pending, sync::atomic::Ordering::Relaxed};
use tokio::{spawn, task::yield_now, time::sleep};

tokio::task_local! {
    static NUMBER: u32;
    static COUNTS: Cell<u32>;
    static HELD: Dropped;
}

#[test]
fn outside_its_scope_there_is_none() {
    world(|| async {
        assert!(NUMBER.try_with(|_| ()).is_err() && NUMBER.try_get().is_err());
        assert!(panics(|| NUMBER.get()) && panics(|| NUMBER.with(|_| ())));
        NUMBER.scope(1, async {}).await;
        assert!(NUMBER.try_get().is_err());
    });
}

#[test]
fn each_scope_has_its_own_across_turns() {
    world(|| async {
        let task = |number| {
            NUMBER.scope(number, async move {
                for _ in 0..5 {
                    assert_eq!(NUMBER.get(), number);
                    yield_now().await;
                    sleep(HOUR).await;
                }
            })
        };
        let tasks = [1, 2, 3].map(|number| spawn(task(number)));
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn an_inner_scope_hides_the_outer_until_it_ends() {
    world(|| async {
        NUMBER
            .scope(1, async {
                NUMBER.scope(2, async { assert_eq!(NUMBER.get(), 2) }).await;
                assert_eq!(NUMBER.sync_scope(3, || NUMBER.get()), 3);
                assert!(panics(|| NUMBER.sync_scope(4, || crate::marks::planned())));
                assert_eq!(NUMBER.get(), 1);
            })
            .await;
    });
}

#[test]
fn what_a_scope_has_changed_stays_in_it() {
    world(|| async {
        COUNTS
            .scope(Cell::new(0), async {
                for count in 0..5 {
                    assert_eq!(COUNTS.with(Cell::take), count);
                    COUNTS.with(|counts| counts.set(count + 1));
                    yield_now().await;
                }
            })
            .await;
    });
}

#[test]
fn a_value_may_be_taken_from_a_scope_that_has_ended() {
    world(|| async {
        let mut scope = Box::pin(NUMBER.scope(42, async { NUMBER.get() }));
        assert_eq!(scope.as_mut().await, 42);
        assert_eq!(scope.as_mut().take_value(), Some(42));
        assert_eq!(scope.as_mut().take_value(), None);
    });
}

#[test]
fn a_value_is_dropped_with_its_scope() {
    world(|| async {
        let (count, held) = Dropped::new();
        let task = spawn(HELD.scope(held, pending::<()>()));
        sleep(HOUR).await;
        assert_eq!(count.load(Relaxed), 0);
        task.abort();
        assert!(task.await.is_err());
        assert_eq!(count.load(Relaxed), 1);
    });
}
