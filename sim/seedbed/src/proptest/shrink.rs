//! From a failing value to the least one that proptest proposes and that fails alike. Runs nothing itself.

use ::proptest::strategy::ValueTree;

/// The least value that still failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shrunk<V, F> {
    pub(super) value: V,
    /// How it failed.
    pub(super) failure: F,
    /// Candidates tried.
    pub(super) candidates: u32,
    /// There were candidates left.
    pub(super) is_cut_short: bool,
}

/// Takes `tree`, whose value failed as `failure`, down step by step: `judge` says how a candidate fails, if it fails
/// alike, and gets the failure of the value that the candidate would replace.
pub(super) fn shrink<T: ValueTree, F>(
    mut tree: T,
    mut failure: F,
    candidates_max: u32,
    mut judge: impl FnMut(&T::Value, &F) -> Option<F>,
) -> Shrunk<T::Value, F> {
    let mut value = tree.current();
    let mut candidates = 0;
    let mut has_candidate = tree.simplify();
    while has_candidate && candidates < candidates_max {
        candidates += 1;
        let candidate = tree.current();
        has_candidate = match judge(&candidate, &failure) {
            Some(alike) => {
                (value, failure) = (candidate, alike);
                tree.simplify()
            }
            None => tree.complicate(),
        };
    }
    Shrunk { value, failure, candidates, is_cut_short: has_candidate }
}

#[cfg(test)]
mod tests {
    use super::{super::value::draw, shrink};
    use ::proptest::{collection::vec, strategy::ValueTree};

    /// Fails from 100 on, alike only up to 799.
    fn judge(value: &u64) -> Option<()> {
        (100..800).contains(value).then_some(())
    }

    #[test]
    fn the_least_value_that_fails_alike_is_left() {
        for number in 0..200 {
            let tree = draw(&(0..800_u64), number);
            if tree.current() >= 100 {
                let shrunk = shrink(tree, (), 1_000, |value, ()| judge(value));
                assert_eq!((shrunk.value, shrunk.is_cut_short), (100, false), "value {number}");
            }
        }
    }

    #[test]
    fn what_is_left_is_the_last_that_failed_alike_however_few_candidates_there_are() {
        let strategy = vec(0..1_000_u64, 5..20);
        let fails = |value: &Vec<u64>| value.iter().filter_map(judge).count() >= 2;
        let shrunk = |number, candidates_max| {
            shrink(draw(&strategy, number), (), candidates_max, |value, ()| fails(value).then_some(()))
        };
        for number in (0..50).filter(|number| fails(&draw(&strategy, *number).current())) {
            let least = shrunk(number, u32::MAX);
            assert!(!least.is_cut_short && least.value.iter().sum::<u64>() == 200, "value {number}: {least:?}");
            assert_eq!(shrunk(number, least.candidates), least, "value {number}: one candidate more is not asked for");
            for candidates_max in 0..least.candidates {
                let cut = shrunk(number, candidates_max);
                assert!(cut.is_cut_short && cut.candidates == candidates_max, "value {number}: {cut:?}");
                assert!(fails(&cut.value), "value {number}: {cut:?}");
            }
        }
    }

    #[test]
    fn a_candidate_is_judged_by_the_failure_it_would_replace() {
        let shrunk = shrink(draw(&(1..800_u64), 1), 0, 1_000, |_, nth| Some(nth + 1));
        assert_eq!(shrunk.failure, shrunk.candidates);
    }
}
