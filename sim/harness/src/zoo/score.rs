//! How soon each method finds a member.

use super::hunt::{End, Hunt, Method};

/// One member's hunts by every method, each several times.
#[derive(Clone, Debug)]
pub struct Scores {
    cap: u64,
    hunts: Vec<Hunt>,
}

/// What the hunts of one method come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Score {
    /// So many runs, by the median.
    Found(u64),
    /// Half of the hunts or more found nothing.
    NotFound,
    /// Some hunt was cut: a run did not return.
    Cut,
    /// Some hunt ended its process.
    Died,
}

impl Scores {
    pub(super) fn new(cap: u64, hunts: Vec<Hunt>) -> Self {
        Self { cap, hunts }
    }

    /// The hunts of one method.
    pub fn of(&self, method: Method) -> impl Iterator<Item = &Hunt> {
        self.hunts.iter().filter(move |hunt| hunt.method == method)
    }

    /// `None` if nobody hunted by that method.
    #[must_use]
    pub fn score(&self, method: Method) -> Option<Score> {
        let mut runs = Vec::new();
        for hunt in self.of(method) {
            match hunt.end {
                End::Caught(_) => runs.push(hunt.runs),
                End::Nothing => runs.push(u64::MAX),
                End::Cut => return Some(Score::Cut),
                End::Died => return Some(Score::Died),
            }
        }
        median(runs).map(|runs| if runs == u64::MAX { Score::NotFound } else { Score::Found(runs) })
    }

    /// Median runs until found, if it was.
    #[must_use]
    pub fn runs_to_find(&self, method: Method) -> Option<u64> {
        match self.score(method)? {
            Score::Found(runs) => Some(runs),
            Score::NotFound | Score::Cut | Score::Died => None,
        }
    }

    /// Median processor seconds until found, if it was.
    #[must_use]
    pub fn cpu_s_to_find(&self, method: Method) -> Option<f64> {
        self.runs_to_find(method)?;
        let nanos = self.of(method).map(|hunt| (hunt.cpu_s * 1e9) as u64).collect();
        median(nanos).map(|nanos| nanos as f64 / 1e9)
    }

    /// How many times as many runs the baseline needs as `method`, where not finding counts as all runs that were
    /// made. `None` if one of them did not hunt, or was cut or died: nobody knows what it would have needed.
    #[must_use]
    pub fn times_better(&self, method: Method) -> Option<f64> {
        let runs = |method| match self.score(method)? {
            Score::Found(runs) => Some(runs),
            Score::NotFound => Some(self.cap),
            Score::Cut | Score::Died => None,
        };
        Some(runs(Method::Baseline)? as f64 / runs(method)? as f64)
    }
}

/// The middle one, the upper of two.
fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// The median of ratios, the lower of two; `None` of none.
#[must_use]
pub fn median_ratio(mut ratios: Vec<f64>) -> Option<f64> {
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::{Score, Scores, median_ratio};
    use crate::zoo::hunt::{Catch, End, Hunt, Method};
    use seedbed::FindingKind;

    fn hunts(method: Method, ends: &[(u64, End)]) -> Vec<Hunt> {
        ends.iter().map(|(runs, end)| Hunt { method, runs: *runs, cpu_s: *runs as f64, end: end.clone() }).collect()
    }

    fn caught() -> End {
        End::Caught(Catch { seed: None, kind: FindingKind::Violation, check: "a".to_owned(), message: "b".to_owned() })
    }

    #[test]
    fn a_method_that_mostly_finds_nothing_has_no_score_and_counts_as_the_cap() {
        let by = [
            hunts(Method::Portfolio, &[(10, caught()), (20, caught()), (1_000, End::Nothing)]),
            hunts(Method::Cancel, &[(5, caught()), (1_000, End::Nothing)]),
            hunts(Method::Baseline, &[(1_000, End::Nothing), (5, caught()), (1_000, End::Nothing)]),
        ]
        .concat();
        let scores = Scores::new(1_000, by);
        assert_eq!(scores.score(Method::Portfolio), Some(Score::Found(20)));
        assert_eq!(scores.score(Method::Baseline), Some(Score::NotFound));
        assert_eq!(scores.score(Method::Cancel), Some(Score::NotFound), "half of them");
        assert_eq!(scores.times_better(Method::Portfolio), Some(50.0));
        assert_eq!(scores.times_better(Method::Cancel), Some(1.0));
    }

    #[test]
    fn who_did_not_hunt_or_was_stopped_is_not_compared() {
        let by = [
            hunts(Method::Portfolio, &[(2, caught())]),
            hunts(Method::Cancel, &[(1_000, End::Died)]),
            hunts(Method::Fifo, &[(1, caught()), (1_000, End::Cut)]),
        ]
        .concat();
        let scores = Scores::new(1_000, by.clone());
        assert_eq!((scores.score(Method::Baseline), scores.times_better(Method::Portfolio)), (None, None));
        assert_eq!(scores.score(Method::Fifo), Some(Score::Cut));
        let with = |end| Scores::new(1_000, [by.clone(), hunts(Method::Baseline, &[(1_000, end)])].concat());
        assert_eq!(with(End::Cut).times_better(Method::Portfolio), None);
        assert_eq!(with(End::Nothing).times_better(Method::Portfolio), Some(500.0));
        assert_eq!(with(End::Nothing).times_better(Method::Cancel), None);
    }

    #[test]
    fn the_median_of_ratios_flatters_nobody() {
        assert_eq!(median_ratio(vec![3.0, 1.0, 50.0, 2.0]), Some(2.0));
        assert_eq!(median_ratio(Vec::new()), None);
    }
}
