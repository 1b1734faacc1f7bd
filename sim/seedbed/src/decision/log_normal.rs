//! Log-normal durations from integer tables.

use super::{Distribution, Unit};
use std::time::Duration;

/// A log-normal spread of durations: half are below the median, and `sigma_percent` is the standard
/// deviation of the natural logarithm in hundredths (100 puts 1 in 100 above ten times the median).
/// Made from integer tables, so it is the same on every machine; cut at 1 in 512 on either side.
#[derive(Clone, Copy, Debug)]
pub struct LogNormal {
    /// Half of the values are below it; also the default.
    pub median: Duration,
    /// The spread, in hundredths.
    pub sigma_percent: u32,
}

impl Distribution for LogNormal {
    fn default_value(&self) -> u64 {
        u64::try_from(self.median.as_nanos()).unwrap_or(u64::MAX)
    }

    fn sample(&self, bits: u64) -> u64 {
        scale(self.default_value(), exponent(bits, self.sigma_percent))
    }

    fn admits(&self, value: u64) -> bool {
        (self.sample(0)..=self.sample(u64::MAX)).contains(&value)
    }

    fn unit(&self) -> Unit {
        Unit::Time
    }
}

/// z·sigma / ln 2 in 1/65536ths, with z interpolated between the table's quantiles.
fn exponent(bits: u64, sigma_percent: u32) -> i64 {
    let last = NORMAL_QUANTILES.len() - 1;
    let position = bits >> 40; // 24 bits: 8 choose the quantile, 16 lie between it and the next
    let index = usize::try_from(position >> 16).unwrap_or(last).min(last);
    let (low, high) = (NORMAL_QUANTILES[index], NORMAL_QUANTILES[(index + 1).min(last)]);
    let between = i64::try_from(position & 0xffff).unwrap_or(0);
    let z = i64::from(low) + ((i64::from(high - low) * between) >> 16);
    // 1 / ln 2 = 94_548 / 65_536
    ((z * i64::from(sigma_percent) / 100) * 94_548) >> 16
}

/// `value · 2^(exponent / 65536)`, saturating.
fn scale(value: u64, exponent: i64) -> u64 {
    let whole = exponent >> 16;
    let part = exponent & 0xffff;
    let index = usize::try_from(part >> 10).unwrap_or(0);
    let (low, high) = (POWERS_OF_TWO[index], POWERS_OF_TWO[index + 1]);
    let factor = u128::from(low) + ((u128::from(high - low) * u128::try_from(part & 0x3ff).unwrap_or(0)) >> 10);
    let scaled = u128::from(value) * factor;
    let shift = 16 - whole;
    let shifted = if shift >= 0 {
        scaled.checked_shr(shift.unsigned_abs() as u32).unwrap_or(0)
    } else {
        scaled << (-shift).min(40)
    };
    u64::try_from(shifted).unwrap_or(u64::MAX)
}

/// Quantiles (i + 1/2) / 256 of the standard normal, in 1/65536ths.
const NORMAL_QUANTILES: [i32; 256] = [
    -189113, -165184, -153042, -144610, -138055, -132646, -128013, -123944, -120303, -116999, -113968, -111164,
    -108549, -106096, -103784, -101594, -99512, -97526, -95625, -93802, -92048, -90358, -88727, -87148, -85618, -84134,
    -82691, -81288, -79921, -78588, -77286, -76015, -74771, -73554, -72361, -71192, -70045, -68920, -67814, -66727,
    -65659, -64607, -63572, -62552, -61548, -60557, -59581, -58617, -57666, -56727, -55799, -54883, -53977, -53081,
    -52195, -51318, -50451, -49592, -48742, -47900, -47066, -46239, -45419, -44607, -43801, -43002, -42210, -41423,
    -40642, -39868, -39098, -38334, -37575, -36821, -36072, -35328, -34588, -33853, -33122, -32394, -31671, -30952,
    -30237, -29525, -28816, -28111, -27409, -26710, -26014, -25321, -24631, -23944, -23259, -22577, -21898, -21220,
    -20545, -19872, -19201, -18532, -17865, -17200, -16537, -15875, -15215, -14557, -13900, -13244, -12590, -11937,
    -11285, -10634, -9985, -9336, -8688, -8041, -7395, -6750, -6105, -5461, -4817, -4174, -3531, -2889, -2246, -1604,
    -963, -321, 321, 963, 1604, 2246, 2889, 3531, 4174, 4817, 5461, 6105, 6750, 7395, 8041, 8688, 9336, 9985, 10634,
    11285, 11937, 12590, 13244, 13900, 14557, 15215, 15875, 16537, 17200, 17865, 18532, 19201, 19872, 20545, 21220,
    21898, 22577, 23259, 23944, 24631, 25321, 26014, 26710, 27409, 28111, 28816, 29525, 30237, 30952, 31671, 32394,
    33122, 33853, 34588, 35328, 36072, 36821, 37575, 38334, 39098, 39868, 40642, 41423, 42210, 43002, 43801, 44607,
    45419, 46239, 47066, 47900, 48742, 49592, 50451, 51318, 52195, 53081, 53977, 54883, 55799, 56727, 57666, 58617,
    59581, 60557, 61548, 62552, 63572, 64607, 65659, 66727, 67814, 68920, 70045, 71192, 72361, 73554, 74771, 76015,
    77286, 78588, 79921, 81288, 82691, 84134, 85618, 87148, 88727, 90358, 92048, 93802, 95625, 97526, 99512, 101594,
    103784, 106096, 108549, 111164, 113968, 116999, 120303, 123944, 128013, 132646, 138055, 144610, 153042, 165184,
    189113,
];

/// 2^(i / 64) in 1/65536ths.
const POWERS_OF_TWO: [u32; 65] = [
    65536, 66250, 66971, 67700, 68438, 69183, 69936, 70698, 71468, 72246, 73032, 73828, 74632, 75444, 76266, 77096,
    77936, 78785, 79642, 80510, 81386, 82273, 83169, 84074, 84990, 85915, 86851, 87796, 88752, 89719, 90696, 91684,
    92682, 93691, 94711, 95743, 96785, 97839, 98905, 99982, 101070, 102171, 103283, 104408, 105545, 106694, 107856,
    109031, 110218, 111418, 112631, 113858, 115098, 116351, 117618, 118899, 120194, 121502, 122825, 124163, 125515,
    126882, 128263, 129660, 131072,
];
