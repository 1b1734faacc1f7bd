//! tokio's random numbers of a thread, which it seeds when it first needs one, by one of std's hash keys. Here that happens at
//! a known moment, so that the runs of a thread have the same keys left, the first and all later ones.

use std::{
    cell::Cell,
    collections::hash_map::RandomState,
    pin::pin,
    task::{Context, Waker},
};
use tokio::sync::watch;

thread_local! {
    static IS_SEEDED: Cell<bool> = const { Cell::new(false) };
}

/// Has tokio seed them, before the keys of a thread's first run are set.
pub(crate) fn seed() {
    if !IS_SEEDED.replace(true) {
        draw();
    }
}

/// Takes one hash key, at the start of each run: tokio does, on a fresh thread.
pub(crate) fn take_one_key() {
    if IS_SEEDED.replace(true) {
        let _ = RandomState::new();
    } else {
        draw();
    }
}

/// Who waits for a change does so in a list that tokio draws.
fn draw() {
    let (_sender, mut receiver) = watch::channel(());
    let _ = pin!(receiver.changed()).poll(&mut Context::from_waker(Waker::noop()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thread::{HashKeys, fresh};
    use std::hash::BuildHasher;

    /// What is left of the keys after a run has begun.
    fn left_by_a_start() -> u64 {
        take_one_key();
        RandomState::new().hash_one("probe")
    }

    #[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
    #[test]
    fn each_run_of_a_thread_has_the_same_keys_left() {
        let on = |before: fn()| {
            fresh(|| {
                let keys = HashKeys::locate().unwrap();
                before();
                [0; 3].map(|_| {
                    keys.set(7, 9);
                    left_by_a_start()
                })
            })
            .unwrap()
        };
        let [first, second, third] = on(|| ());
        assert!(first == second && second == third);
        assert_eq!(on(seed), [first; 3]);
        assert_eq!(on(|| (0..3).for_each(|_| seed())), [first; 3], "on a thread that was seeded before");
    }
}
