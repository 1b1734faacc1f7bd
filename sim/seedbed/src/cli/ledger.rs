//! What a sweep has done: per scenario the tally and which seeds it counts, so that it can be resumed.

use super::{
    seeds::{SeedRange, Slice, Span},
    tally::Tally,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What all cases of a sweep share: results under other conditions do not add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Conditions {
    pub(super) params: BTreeMap<String, u64>,
    pub(super) strategy: Option<String>,
    pub(super) slice: Slice,
}

/// A sweep's books.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ledger {
    pub(super) conditions: Conditions,
    pub(super) elapsed_s: f64,
    pub(super) accounts: BTreeMap<String, Account>,
}

/// A scenario's part of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) tally: Tally,
    /// Counted stretches of seeds: sorted, apart from each other, ends not included.
    done: Vec<(u64, u64)>,
    /// Cases that were cut because they did not return.
    pub(super) cut: u64,
}

impl Ledger {
    pub(super) fn new(conditions: Conditions) -> Self {
        Self { conditions, elapsed_s: 0.0, accounts: BTreeMap::new() }
    }

    pub(super) fn account(&mut self, scenario: &str) -> &mut Account {
        self.accounts.entry(scenario.to_owned()).or_default()
    }
}

impl Account {
    pub(super) fn enter(&mut self, span: Span, tally: Tally) {
        self.tally.merge(tally);
        self.done.push((span.start, span.end));
        self.done.sort_unstable();
        self.done.dedup_by(|next, last| {
            let touches = next.0 <= last.1;
            if touches {
                last.1 = last.1.max(next.1);
            }
            touches
        });
    }

    /// The seeds of `range` in `slice` that are not counted yet.
    pub(super) fn missing(&self, range: SeedRange, slice: Slice) -> Vec<Span> {
        let mut missing = Vec::new();
        let mut from = range.start;
        for &(start, end) in self.done.iter().chain([&(range.end, range.end)]) {
            let gap_end = start.min(range.end);
            if let Some(first) = slice.first_from(from).filter(|&first| first < gap_end) {
                missing.push(Span { start: first, end: gap_end, step: slice.step });
            }
            from = from.max(end);
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_and_what_is_done_make_the_whole() {
        let slice = Slice { remainder: 1, step: 3 };
        let range = SeedRange { start: 5, end: 100 };
        let mut account = Account::default();
        for (start, end) in [(40, 52), (7, 10), (52, 55), (94, 100)] {
            account.enter(Span { start, end, step: 3 }, Tally::default());
        }
        let missing: Vec<_> = account.missing(range, slice).into_iter().flat_map(Span::seeds).collect();
        let expected: Vec<_> = (5..100)
            .filter(|seed| seed % 3 == 1 && !(7..10).contains(seed) && !(40..55).contains(seed) && *seed < 94)
            .collect();
        assert_eq!(missing, expected);
    }

    #[test]
    fn nothing_is_missing_twice() {
        let range = SeedRange { start: 0, end: 10 };
        let mut account = Account::default();
        account.enter(Span { start: 0, end: 10, step: 1 }, Tally::default());
        assert_eq!(account.missing(range, Slice::WHOLE), []);
    }
}
