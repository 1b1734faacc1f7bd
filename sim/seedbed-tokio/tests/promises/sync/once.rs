//! `tokio::sync::{OnceCell, SetOnce}`.

use crate::{
    HOUR,
    hand::{Wakes, at_once, poll, poll_with},
    marks::planned,
    support::world,
};
use std::{future::pending, pin::pin, sync::Arc};
use tokio::{
    spawn,
    sync::{OnceCell, SetError, SetOnce, SetOnceError},
    time::sleep,
};

mod cell {
    use super::*;

    #[test]
    fn it_is_empty_until_it_is_set_and_is_set_once() {
        let mut cell = OnceCell::new();
        assert!(!cell.initialized() && cell.get().is_none());
        assert_eq!(cell.set(1), Ok(()));
        assert!(cell.initialized());
        let error = cell.set(2).unwrap_err();
        assert_eq!(error, SetError::AlreadyInitializedError(2));
        assert!(error.is_already_init_err());
        *cell.get_mut().unwrap() = 3;
        assert_eq!((cell.take(), cell.take()), (Some(3), None));
        assert_eq!(cell.set(4), Ok(()));
        assert_eq!(cell.into_inner(), Some(4));
    }

    #[test]
    fn while_it_is_set_up_it_cannot_be_set() {
        world(|| async {
            let cell = OnceCell::new();
            let mut set_up = Box::pin(cell.get_or_init(pending::<u32>));
            assert!(poll(set_up.as_mut()).is_pending());
            let error = cell.set(1).unwrap_err();
            assert_eq!(error, SetError::InitializingError(1));
            assert!(error.is_initializing_err());
            drop(set_up);
            assert_eq!(cell.set(2), Ok(()), "who set it up has given up");
        });
    }

    #[test]
    fn who_comes_while_it_is_set_up_waits_and_makes_nothing() {
        world(|| async {
            let cell = Arc::new(OnceCell::new());
            let sets_up = cell.clone();
            let task = spawn(async move {
                let slow = || async {
                    sleep(HOUR * 2).await;
                    7
                };
                *sets_up.get_or_init(slow).await
            });
            sleep(HOUR).await;
            assert_eq!(*cell.get_or_init(|| async { unreachable!() }).await, 7);
            assert_eq!(task.await.unwrap(), 7);
        });
    }

    #[test]
    fn if_its_set_up_fails_is_dropped_or_panics_the_next_one_tries() {
        world(|| async {
            let cell = OnceCell::new();
            assert_eq!(cell.get_or_try_init(|| async { Err("no") }).await, Err("no"));
            let mut dropped = Box::pin(cell.get_or_init(pending::<u32>));
            assert!(poll(dropped.as_mut()).is_pending());
            let mut waits = pin!(cell.get_or_try_init(|| async { Ok::<_, ()>(7) }));
            assert!(poll(waits.as_mut()).is_pending());
            drop(dropped);
            assert_eq!(waits.await, Ok(&7));

            let cell = Arc::new(OnceCell::new());
            let panics = cell.clone();
            assert!(spawn(async move { *panics.get_or_init(|| async { planned() }).await }).await.is_err());
            assert_eq!(*cell.get_or_init(|| async { 8 }).await, 8);
        });
    }

    #[test]
    fn one_that_is_made_with_a_value_has_it() {
        static STANDS: OnceCell<u32> = OnceCell::const_new_with(3);
        assert_eq!(at_once(STANDS.get_or_init(|| async { unreachable!() })), &3);
        assert!(OnceCell::new_with(Some(1)).initialized() && !OnceCell::<u32>::new_with(None).initialized());
        assert_eq!(OnceCell::from(5).get(), Some(&5));
    }
}

mod set_once {
    use super::*;

    #[test]
    fn it_is_set_once_and_the_second_value_is_given_back() {
        let once = SetOnce::new();
        assert!(!once.initialized() && once.get().is_none());
        assert_eq!(once.set(1), Ok(()));
        assert_eq!(once.set(2), Err(SetOnceError(2)));
        assert_eq!((once.get(), once.initialized()), (Some(&1), true));
        assert_eq!(once.into_inner(), Some(1));
    }

    #[test]
    fn all_who_wait_are_told_when_it_is_set() {
        world(|| async {
            let once = SetOnce::new();
            let (wakes, waker) = Wakes::new();
            let (mut one, mut two) = (pin!(once.wait()), pin!(once.wait()));
            assert!(poll_with(one.as_mut(), &waker).is_pending() && poll_with(two.as_mut(), &waker).is_pending());
            once.set(7).unwrap();
            assert_eq!(wakes.count(), 2);
            assert_eq!((one.await, two.await), (&7, &7));
        });
    }

    #[test]
    fn who_waits_for_what_is_set_has_it_at_once() {
        world(|| async {
            assert_eq!(at_once(SetOnce::new_with(Some(7)).wait()), &7);
            static STANDS: SetOnce<u32> = SetOnce::const_new_with(3);
            assert_eq!(at_once(STANDS.wait()), &3);
        });
    }

    #[test]
    fn a_wait_may_be_cut_short() {
        world(|| async {
            let once = SetOnce::new();
            assert!(poll(pin!(once.wait())).is_pending());
            once.set(7).unwrap();
            assert_eq!(once.wait().await, &7);
        });
    }
}
