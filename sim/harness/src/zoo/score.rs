//! How soon each method finds a member.

use super::hunt::{Hunt, Method};

/// One member's hunts by every method, each several times.
#[derive(Clone, Debug)]
pub struct Scores {
    cap: u64,
    /// By method, then by repetition.
    hunts: Vec<Vec<Hunt>>,
}

impl Scores {
    pub(super) fn new(cap: u64, hunts: Vec<Vec<Hunt>>) -> Self {
        Self { cap, hunts }
    }

    /// The hunts of one method.
    pub fn of(&self, method: Method) -> impl Iterator<Item = &Hunt> {
        self.hunts.iter().flatten().filter(move |hunt| hunt.method == method)
    }

    /// Median runs until found; `None` if half of the hunts came home with nothing.
    #[must_use]
    pub fn runs_to_find(&self, method: Method) -> Option<u64> {
        let runs = self.of(method).map(|hunt| if hunt.catch.is_some() { hunt.runs } else { u64::MAX });
        median(runs.collect()).filter(|&runs| runs != u64::MAX)
    }

    /// Median processor seconds until found, or `None` as for the runs.
    #[must_use]
    pub fn cpu_s_to_find(&self, method: Method) -> Option<f64> {
        self.runs_to_find(method)?;
        let nanos = self.of(method).map(|hunt| (hunt.cpu_s * 1e9) as u64).collect();
        median(nanos).map(|nanos| nanos as f64 / 1e9)
    }

    /// How many times as many runs the baseline needs as `method`: at least, if it found nothing.
    #[must_use]
    pub fn times_better(&self, method: Method) -> Option<f64> {
        let baseline = self.runs_to_find(Method::Baseline).unwrap_or(self.cap);
        Some(baseline as f64 / self.runs_to_find(method)? as f64)
    }
}

/// The middle one, the lower of two.
fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied()
}

/// The median of ratios; 0 of none.
#[must_use]
pub fn median_ratio(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::{Scores, median_ratio};
    use crate::zoo::hunt::{Catch, Hunt, Method};
    use seedbed::FindingKind;

    fn hunt(method: Method, runs: u64, found: bool) -> Hunt {
        let catch = Catch { kind: FindingKind::Violation, check: "a".to_owned(), message: "b".to_owned() };
        Hunt { method, runs, cpu_s: runs as f64, catch: found.then_some(catch) }
    }

    #[test]
    fn a_method_that_mostly_finds_nothing_has_no_score_and_counts_as_the_cap() {
        let by = |method, found: [(u64, bool); 3]| found.map(|(runs, is_found)| hunt(method, runs, is_found)).to_vec();
        let hunts = vec![
            by(Method::Portfolio, [(10, true), (20, true), (1_000, false)]),
            by(Method::Baseline, [(1_000, false), (5, true), (1_000, false)]),
        ];
        let scores = Scores::new(1_000, hunts);
        assert_eq!(scores.runs_to_find(Method::Portfolio), Some(20));
        assert_eq!(scores.runs_to_find(Method::Baseline), None);
        assert_eq!(scores.times_better(Method::Portfolio), Some(50.0));
        assert_eq!(median_ratio(vec![3.0, 1.0, 50.0]), 3.0);
    }
}
