//! What measurements come to. Knows numbers only.

/// What appending for a while came to, by process.
pub(crate) struct Load(Vec<Share>);

struct Share {
    elapsed_us: u64,
    /// How long each append took.
    appends_us: Vec<u64>,
}

impl Load {
    /// Of each process how long it took, and then each of its appends, in microseconds.
    pub(crate) fn of(told: Vec<Vec<u64>>) -> Self {
        let share = |told: Vec<u64>| Share { elapsed_us: told[0], appends_us: told[1..].to_vec() };
        Self(told.into_iter().map(share).collect())
    }

    pub(crate) fn appends(&self) -> usize {
        self.0.iter().map(|share| share.appends_us.len()).sum()
    }

    /// Of all processes together.
    pub(crate) fn appends_per_second(&self) -> f64 {
        self.0.iter().map(|share| share.appends_us.len() as f64 * 1e6 / share.elapsed_us as f64).sum()
    }

    /// So many of 100 appends did not take longer, in microseconds.
    pub(crate) fn percentile_us(&self, percent: usize) -> f64 {
        let mut all: Vec<u64> = self.0.iter().flat_map(|share| share.appends_us.iter().copied()).collect();
        all.sort_unstable();
        let nth = (all.len() * percent).div_ceil(100).max(1) - 1;
        all.get(nth).copied().unwrap_or(0) as f64
    }

    /// How many appends the slowest process made, of what would have been its fair share.
    pub(crate) fn slowest_share(&self) -> f64 {
        let slowest = self.0.iter().map(|share| share.appends_us.len()).min().unwrap_or(0);
        slowest as f64 * self.0.len() as f64 / self.appends() as f64
    }
}

/// The one in the middle; of an even count the greater.
pub(crate) fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
