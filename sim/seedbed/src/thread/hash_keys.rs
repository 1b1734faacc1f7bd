//! The two words by which std's hash maps hash on one thread: found once per thread, set before each run.
//! Owns all that is known of where std keeps them. Knows nothing of seeds, worlds or madsim.
//!
//! std draws the keys of `RandomState` once per thread and adds one to the first with each `RandomState` made. A run on
//! a thread that ran others before would iterate its maps in another order than the same run on a fresh thread, so
//! whoever reuses threads sets the keys between runs. Where they cannot be set, each run needs a fresh thread.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// The keys that the calling thread's next `RandomState` will have.
///
/// Neither `Send` nor `Sync`, as `Place` is not: the place is this thread's only.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HashKeys {
    place: Place,
}

impl HashKeys {
    /// Finds the calling thread's keys and proves that std obeys them; takes some microseconds, once per thread.
    /// The keys themselves stay what they would have been after a few new `RandomState`s.
    ///
    /// To be called outside any world: a thread's first keys are drawn here, and a world would pay with its randomness.
    ///
    /// `None`: they cannot be set here. Give each run a fresh thread instead.
    pub(crate) fn locate() -> Option<HashKeys> {
        let keys = HashKeys { place: Place::find()? };
        let [k0, k1] = next_keys()?;
        let obeyed = keys.are_obeyed();
        keys.set(k0, k1);
        obeyed.then_some(keys)
    }

    /// Makes `(k0, k1)` the keys of this thread's next `RandomState`, `(k0 + 1, k1)` those of the one after it, and so on.
    ///
    /// To be called before the run's runtime is made, which makes maps too. `set(seed, seed)` is what madsim itself gives
    /// to a fresh thread, so a run is then the same on either.
    pub(crate) fn set(&self, k0: u64, k1: u64) {
        self.place.write([k0, k1]);
    }

    /// Whether hashes follow the keys set: the same for the same keys, others for others, the first key advancing by one.
    fn are_obeyed(&self) -> bool {
        const KEYS: [u64; 2] = [0x5eed_bed0, 0x0dec_0de0];
        let two_hashes_by = |k0, k1| {
            self.set(k0, k1);
            [RandomState::new(), RandomState::new()].map(|state| state.hash_one("probe"))
        };
        let [first, second] = two_hashes_by(KEYS[0], KEYS[1]);
        let [next_first, _] = two_hashes_by(KEYS[0] + 1, KEYS[1]);
        let [other_first, _] = two_hashes_by(KEYS[0], KEYS[1] + 1);
        let again = two_hashes_by(KEYS[0], KEYS[1]);
        again == [first, second] && next_first == second && first != second && other_first != first
    }
}

/// The keys that this thread's next `RandomState` will have, learned by making one.
///
/// Read from what the hasher prints of itself. That text is no promise, but neither is the layout of `RandomState`, and
/// a transmute that guesses wrong is undefined behavior, while a text that changes ends in `None`.
fn next_keys() -> Option<[u64; 2]> {
    let hasher = format!("{:?}", RandomState::new().build_hasher());
    Some([number_after("k0: ", &hasher)?.wrapping_add(1), number_after("k1: ", &hasher)?])
}

fn number_after(name: &str, text: &str) -> Option<u64> {
    let (_, rest) = text.split_once(name)?;
    let (number, _) = rest.split_once(',')?;
    number.parse().ok()
}

use place::Place;

#[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
mod place {
    #![expect(unsafe_code, reason = "std offers no way to set its hash keys, so they are written where it keeps them")]

    use super::next_keys;
    use crate::thread::locals::{Block, write};
    use std::ptr::NonNull;

    /// Where std keeps the calling thread's keys: two words side by side, the first key first.
    ///
    /// Invariant, which `Place::find` establishes: points to the 16 bytes of std's thread-local `Cell<(u64, u64)>`, already
    /// initialised, of the thread that made it. The evidence: these bytes, alone in the block, equalled 128 bits that are
    /// known to be there if anywhere, and equalled them again after they had counted on. The pointer inside keeps the value
    /// on its thread, and a thread's static block lives as long as the thread; the cell needs no drop, so std never marks
    /// it as destroyed.
    #[derive(Debug, PartialEq, Eq)]
    pub(super) struct Place(NonNull<u64>);

    impl Place {
        /// `None` if there is no such place in the program's own thread-local block, or more than one.
        pub(super) fn find() -> Option<Place> {
            let block = Block::of_this_thread()?;
            let place = block.only_place_of(next_keys()?)?;
            // One more `RandomState` moved the keys on; words that merely looked like them did not follow.
            let place_after = block.only_place_of(next_keys()?)?;
            (place == place_after).then_some(Place(place))
        }

        pub(super) fn write(&self, keys: [u64; 2]) {
            // SAFETY: By the invariant of `Place` these are 16 live, writable, 8-aligned bytes, which belong to the
            // calling thread since `Place` is neither `Send` nor `Sync`; so nobody else accesses them, now or
            // concurrently. They are the inside of a `Cell` of two integers: any bits are a valid value, changing it
            // behind a shared reference is what a `Cell` is for, and no reference to its inside exists, as std only
            // copies in and out of it, calling nothing in between.
            unsafe {
                write(self.0, keys[0]);
                write(self.0.add(1), keys[1]);
            }
        }
    }
}

#[cfg(not(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu")))]
mod place {
    /// No place: nobody has shown yet where std's keys are on this platform.
    #[derive(Debug, PartialEq, Eq)]
    pub(super) enum Place {}

    impl Place {
        pub(super) fn find() -> Option<Place> {
            None
        }

        pub(super) fn write(&self, _keys: [u64; 2]) {
            match *self {}
        }
    }
}

#[cfg(all(test, target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
mod tests {
    use std::cell::Cell;
    use std::collections::HashMap;
    use std::hint::black_box;
    use std::thread;

    use madsim::runtime::Runtime;

    use super::super::fresh;
    use super::*;

    const SEEDS: std::ops::Range<u64> = 0..200;

    fn map_order() -> Vec<u32> {
        let map: HashMap<u32, ()> = (0..50).map(|key| (key, ())).collect();
        map.into_keys().collect()
    }

    /// The orders of three maps, made one after another inside a run of madsim's.
    fn map_orders_in_run(seed: u64) -> [Vec<u32>; 3] {
        let runtime = Runtime::with_seed_and_config(seed, madsim::Config::default());
        runtime.block_on(async { [map_order(), map_order(), map_order()] })
    }

    #[test]
    fn same_keys_give_the_same_orders_however_much_was_hashed_before() {
        let keys = HashKeys::locate().unwrap();
        let orders = |k0, k1| {
            keys.set(k0, k1);
            [map_order(), map_order()]
        };
        let expected = orders(7, 9);
        for made_before in 0..100 {
            (0..made_before).for_each(|_| drop(map_order()));
            assert_eq!(orders(7, 9), expected, "after {made_before} other maps");
        }
    }

    #[test]
    fn other_keys_give_other_orders() {
        let keys = HashKeys::locate().unwrap();
        let order = |k0, k1| {
            keys.set(k0, k1);
            map_order()
        };
        assert_ne!(order(7, 9), order(8, 9));
        assert_ne!(order(7, 9), order(7, 10));
        assert_ne!(order(7, 9), order(9, 7));
    }

    #[test]
    fn a_run_on_a_used_thread_hashes_as_on_a_fresh_one() {
        let keys = HashKeys::locate().unwrap();
        for seed in SEEDS {
            let on_fresh = fresh(|| map_orders_in_run(seed)).unwrap();
            keys.set(seed, seed);
            assert_eq!(map_orders_in_run(seed), on_fresh, "seed {seed}");
        }
    }

    #[test]
    fn without_setting_the_keys_a_used_thread_diverges() {
        let on_fresh = fresh(|| map_orders_in_run(1)).unwrap();
        let on_used = fresh(|| [map_orders_in_run(1), map_orders_in_run(1)]).unwrap();
        assert_eq!(on_used[0], on_fresh);
        assert_ne!(on_used[1], on_fresh, "std has changed, and `HashKeys` is no longer needed");
    }

    #[test]
    fn each_thread_has_a_place_of_its_own() {
        let ours = HashKeys::locate().unwrap();
        ours.set(7, 9);
        let ours_place = format!("{ours:?}");
        let theirs_place = fresh(|| {
            let theirs = HashKeys::locate().unwrap();
            theirs.set(1, 2);
            format!("{theirs:?}")
        });
        assert_ne!(ours_place, theirs_place.unwrap());
        assert_eq!(next_keys(), Some([8, 9]), "another thread's keys are not ours");
    }

    #[test]
    fn threads_beside_each_other_set_their_own_keys() {
        let orders = || {
            let keys = HashKeys::locate().unwrap();
            SEEDS.map(|seed| (keys.set(seed, seed), map_order()).1).collect::<Vec<_>>()
        };
        let (one, other) = thread::scope(|scope| {
            let threads = [scope.spawn(orders), scope.spawn(orders)];
            threads.map(|thread| thread.join().unwrap()).into()
        });
        assert_eq!(one, other);
    }

    #[test]
    fn located_twice_is_the_same_place() {
        assert_eq!(HashKeys::locate().unwrap(), HashKeys::locate().unwrap());
    }

    #[test]
    fn locating_leaves_the_keys_in_their_sequence() {
        let keys = HashKeys::locate().unwrap();
        keys.set(100, 9);
        HashKeys::locate().unwrap();
        let [k0, k1] = next_keys().unwrap();
        assert!((101..110).contains(&k0), "first key is {k0}");
        assert_eq!(k1, 9);
    }

    #[test]
    fn a_copy_of_the_keys_in_the_block_is_not_guessed_about() {
        thread_local!(static COPY: Cell<[u64; 2]> = const { Cell::new([0; 2]) });
        let [k0, k1] = next_keys().unwrap();
        COPY.with(|copy| black_box(copy).set([k0 + 1, k1]));
        assert_eq!(HashKeys::locate(), None);
        COPY.with(|copy| black_box(copy).set([0; 2]));
        assert!(HashKeys::locate().is_some());
    }
}
