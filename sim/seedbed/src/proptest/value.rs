//! Drawing: the value of a number. Knows nothing of worlds.

use ::proptest::{
    strategy::Strategy,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// The value of this number, with all that it shrinks to.
///
/// # Panics
/// If the strategy gives none.
pub(super) fn draw<S: Strategy>(strategy: &S, number: u64) -> S::Tree {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&number.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &key);
    // What of these settings can reach a value is stated: the environment may have changed proptest's defaults.
    let config = Config {
        failure_persistence: None,
        max_local_rejects: 65_536,
        max_flat_map_regens: 1_000_000,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, rng);
    strategy
        .new_tree(&mut runner)
        .unwrap_or_else(|reason| panic!("the strategy has no value {number}: {reason}\n{runner}"))
}

#[cfg(test)]
mod tests {
    use super::draw;
    use ::proptest::{
        collection::vec,
        strategy::{Strategy, ValueTree},
    };

    #[test]
    fn a_number_is_one_value_and_another_number_another() {
        let strategy = vec(0..1_000_000_u64, 20);
        let values: Vec<_> = (0..50).map(|number| draw(&strategy, number).current()).collect();
        assert!((0..50).rev().all(|number| draw(&strategy, number).current() == values[number as usize]));
        assert!((1..50).all(|number| values[number] != values[number - 1]));
        assert_eq!(values[0][..3], [896_154, 719_144, 800_525], "also elsewhere, with the same version of proptest");
    }

    #[test]
    #[should_panic(expected = "none is odd and even")]
    fn a_strategy_that_refuses_everything_says_so() {
        let _ = draw(&(0..10_u64).prop_filter("none is odd and even", |_| false), 3);
    }
}
