//! Which seeds: ranges and slices as people write them, and spans as workers run them.

use crate::case::Seed;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// `A..B`: from A up to, but without, B. Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SeedRange {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl FromStr for SeedRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (start, end) = text
            .split_once("..")
            .ok_or_else(|| format!("`{text}` is not a range of seeds: write A..B, such as 0..1000"))?;
        let [start, end] = [start, end].map(|seed| seed.parse::<Seed>().map_err(|error| error.to_string()));
        let (Seed(start), Seed(end)) = (start?, end?);
        match start.cmp(&end) {
            std::cmp::Ordering::Less => Ok(Self { start, end }),
            std::cmp::Ordering::Equal => Err(format!("the range {text} is empty: its end is not part of it")),
            std::cmp::Ordering::Greater => Err(format!("the range {text} is reversed: write {end}..{start}")),
        }
    }
}

/// `k/n`: the seeds with remainder k - 1 by n. The n slices of a range share no seed and miss none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slice {
    pub(super) remainder: u64,
    pub(super) step: u64,
}

impl Slice {
    pub(super) const WHOLE: Self = Self { remainder: 0, step: 1 };

    /// The first seed of the slice at or after `from`, if there is one below 2^64.
    pub(super) fn first_from(self, from: u64) -> Option<u64> {
        let ahead = (self.step + self.remainder - from % self.step) % self.step;
        from.checked_add(ahead)
    }
}

impl FromStr for Slice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(k, n)| Some((k.parse::<u64>().ok()?, n.parse::<u64>().ok()?)));
        match parsed {
            Some((k, n)) if (1..=n).contains(&k) && n <= 1 << 32 => Ok(Self { remainder: k - 1, step: n }),
            Some(_) => Err(format!("`{text}` is not a slice: k of k/n must be from 1 to n")),
            None => Err(format!("`{text}` is not a slice: write k/n, such as 1/4")),
        }
    }
}

/// Every `step`-th seed from `start` up to, but without, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) step: u64,
}

impl Span {
    pub(super) fn seeds(self) -> impl Iterator<Item = u64> {
        std::iter::successors(Some(self.start), move |seed| seed.checked_add(self.step))
            .take_while(move |&seed| seed < self.end)
    }

    pub(super) fn count(self) -> u64 {
        self.end.saturating_sub(self.start).div_ceil(self.step)
    }

    /// What is left of it on both sides of `seed`, which is one of its seeds.
    pub(super) fn without(self, seed: u64) -> [Self; 2] {
        let after = seed.saturating_add(self.step).min(self.end);
        [Self { end: seed, ..self }, Self { start: after, ..self }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_share_no_seed_and_miss_none() {
        let mut seen = Vec::new();
        for slice in ["1/3", "2/3", "3/3"] {
            let slice: Slice = slice.parse().unwrap();
            let start = slice.first_from(10).unwrap();
            let span = Span { start, end: 30, step: slice.step };
            assert_eq!(span.count(), span.seeds().count() as u64);
            seen.extend(span.seeds());
        }
        seen.sort_unstable();
        assert_eq!(seen, (10..30).collect::<Vec<_>>());
    }

    #[test]
    fn a_span_without_a_seed_keeps_all_others() {
        let span = Span { start: 1, end: 20, step: 4 };
        for seed in span.seeds() {
            let left: Vec<_> = span.without(seed).into_iter().flat_map(Span::seeds).collect();
            assert_eq!(left, span.seeds().filter(|&other| other != seed).collect::<Vec<_>>());
        }
    }

    #[test]
    fn ranges_that_hold_no_seed_are_refused() {
        for text in ["5..5", "5..2", "5", "a..b", "0..18446744073709551616", "-1..3"] {
            assert!(text.parse::<SeedRange>().is_err(), "{text}");
        }
        assert_eq!("0x10..0x20".parse(), Ok(SeedRange { start: 16, end: 32 }));
    }
}
