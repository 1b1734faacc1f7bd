//! How long a handle's turns were waited for. Knows durations only.

use serde::Serialize;
use tokio::time::Duration;

/// How long a handle waited for its turns to write. The spans are upper bounds: a quarter above what was measured at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Contention {
    /// How many turns it had.
    pub turns: u64,
    /// Before how many of them somebody else was.
    pub contended: u64,
    /// How often it waited in vain.
    pub timed_out: u64,
    /// How often somebody ahead of it had died.
    pub deaths: u64,
    /// Half of the turns were not waited for longer, in microseconds.
    pub wait_us_p50: u64,
    /// Of 100 turns 99 were not.
    pub wait_us_p99: u64,
    /// None was.
    pub wait_us_max: u64,
}

/// Four buckets for each doubling.
const BUCKETS: usize = 4 * 48;

/// All waits of a handle.
#[derive(Debug)]
pub(crate) struct Waits {
    counts: Vec<u64>,
    told: Contention,
}

impl Waits {
    pub(crate) fn new() -> Self {
        Self { counts: vec![0; BUCKETS], told: Contention::default() }
    }

    /// A turn has come.
    pub(super) fn turn(&mut self, waited: Duration, contended: bool) {
        let micros = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
        self.counts[bucket(micros)] += 1;
        self.told.turns += 1;
        self.told.contended += u64::from(contended);
        self.told.wait_us_max = self.told.wait_us_max.max(micros);
    }

    pub(crate) fn timed_out(&mut self) {
        self.told.timed_out += 1;
    }

    pub(super) fn death(&mut self) {
        self.told.deaths += 1;
    }

    pub(crate) fn contention(&self) -> Contention {
        Contention { wait_us_p50: self.quantile(50), wait_us_p99: self.quantile(99), ..self.told }
    }

    /// The upper end of the bucket in which so many of 100 are reached; never above the greatest.
    fn quantile(&self, percent: u64) -> u64 {
        let wanted = (self.told.turns * percent).div_ceil(100);
        let mut seen = 0;
        let reached = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        reached.map_or(0, upper_end).min(self.told.wait_us_max)
    }
}

/// Of `micros`: below 4 one each, then four for each doubling.
fn bucket(micros: u64) -> usize {
    if micros < 4 {
        return micros as usize;
    }
    let doubling = micros.ilog2();
    let quarter = (micros >> (doubling - 2)) & 3;
    (4 * (doubling as usize - 1) + quarter as usize).min(BUCKETS - 1)
}

fn upper_end(bucket: usize) -> u64 {
    if bucket < 4 {
        return bucket as u64;
    }
    let (doubling, quarter) = (bucket / 4 + 1, bucket as u64 % 4);
    ((5 + quarter) << (doubling - 2)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_lies_within_its_bucket_and_a_quarter_above_at_most() {
        for micros in (0..5_000).chain([1 << 20, 30_000_000, 3_600_000_000]) {
            let end = upper_end(bucket(micros));
            assert!(end >= micros && end <= micros + micros / 4, "{micros} in a bucket up to {end}");
        }
    }

    #[test]
    fn quantiles_count_turns() {
        let mut waits = Waits::new();
        (1..=100).for_each(|micros| waits.turn(Duration::from_micros(micros), micros > 10));
        let told = waits.contention();
        assert_eq!((told.turns, told.contended, told.wait_us_max), (100, 90, 100));
        assert!((50..=63).contains(&told.wait_us_p50), "{told:?}");
        assert!((99..=100).contains(&told.wait_us_p99), "{told:?}");
    }
}
