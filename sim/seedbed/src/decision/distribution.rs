//! How 64 even bits become a value. Integers only: floats of libm differ between machines.

use std::ops::Range;

/// A decision's default and its spread.
pub trait Distribution {
    /// The value when nothing is drawn: the calm, typical one.
    fn default_value(&self) -> u64;
    /// The value for 64 evenly spread bits.
    fn sample(&self, bits: u64) -> u64;
    /// Whether the value can be: a case file may say anything.
    fn admits(&self, value: u64) -> bool {
        let _ = value;
        true
    }
    /// What a value means.
    fn unit(&self) -> Unit {
        Unit::Count
    }
}

/// What the values of a decision mean, for those who read of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// A plain number.
    #[default]
    Count,
    /// Nanoseconds.
    Time,
    /// Whether it happens: 0 or 1.
    Chance,
}

/// A probability as a ratio of integers. By default it does not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Times it happens ..
    pub numerator: u32,
    /// .. out of so many.
    pub denominator: u32,
}

/// `numerator` times out of `denominator`.
///
/// # Panics
/// If the denominator is zero.
#[must_use]
pub const fn ratio(numerator: u32, denominator: u32) -> Ratio {
    assert!(denominator > 0, "a ratio needs a denominator above zero");
    Ratio { numerator, denominator }
}

impl Distribution for Ratio {
    fn default_value(&self) -> u64 {
        0
    }

    #[inline]
    fn sample(&self, bits: u64) -> u64 {
        u64::from(below(bits, u64::from(self.denominator)) < u64::from(self.numerator))
    }

    fn admits(&self, value: u64) -> bool {
        value <= 1
    }

    fn unit(&self) -> Unit {
        Unit::Chance
    }
}

/// Even over the range; its start by default. An empty range always gives its start.
impl Distribution for Range<u64> {
    fn default_value(&self) -> u64 {
        self.start
    }

    #[inline]
    fn sample(&self, bits: u64) -> u64 {
        self.start + below(bits, self.end.saturating_sub(self.start))
    }

    fn admits(&self, value: u64) -> bool {
        self.contains(&value) || value == self.start
    }
}

/// A range of nanoseconds.
#[derive(Clone, Debug)]
pub(crate) struct Span(pub(crate) Range<u64>);

impl Distribution for Span {
    fn default_value(&self) -> u64 {
        self.0.default_value()
    }

    #[inline]
    fn sample(&self, bits: u64) -> u64 {
        self.0.sample(bits)
    }

    fn admits(&self, value: u64) -> bool {
        self.0.admits(value)
    }

    fn unit(&self) -> Unit {
        Unit::Time
    }
}

/// Maps even bits to `0..limit` by the high half of a product (Lemire 2019, without the rejection:
/// the bias is below limit / 2^64).
#[inline]
pub(crate) const fn below(bits: u64, limit: u64) -> u64 {
    ((bits as u128 * limit as u128) >> 64) as u64
}
