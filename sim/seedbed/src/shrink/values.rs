//! Simpler values: round ones first.

/// One millisecond: the shortest time that people think in.
const MILLISECOND: u64 = 1_000_000;

/// Values that are simpler than `value`, the simplest first.
pub(super) fn simpler(value: u64) -> Vec<u64> {
    let mut candidates = vec![1, 2, value / 2];
    if value >= MILLISECOND {
        candidates.extend([MILLISECOND, 10 * MILLISECOND, 100 * MILLISECOND, 1_000 * MILLISECOND]);
    }
    for digits in 1..=3 {
        let unit = unit_of(value, digits);
        candidates.extend([value - value % unit, (value - value % unit).saturating_add(unit)]);
    }
    candidates.retain(|&candidate| candidate > 0 && complexity(candidate) < complexity(value));
    candidates.sort_by_key(|&candidate| complexity(candidate));
    candidates.dedup();
    candidates
}

/// The place value of the last of the first `digits` digits.
fn unit_of(value: u64, digits: u32) -> u64 {
    let length = value.checked_ilog10().unwrap_or(0) + 1;
    10_u64.pow(length.saturating_sub(digits))
}

/// Few digits before zeros, then small. A stretch of time goes before a plain number of nanoseconds.
fn complexity(value: u64) -> (u32, u64) {
    let mut digits = value;
    while digits != 0 && digits.is_multiple_of(10) {
        digits /= 10;
    }
    (digits.checked_ilog10().unwrap_or(0), value)
}

#[cfg(test)]
mod tests {
    use super::simpler;

    #[test]
    fn simpler_values_are_round_or_small() {
        assert_eq!(simpler(7), [1, 2, 3]);
        let of_time = simpler(2_345_678_901);
        assert!(of_time.starts_with(&[1, 2, 1_000_000, 10_000_000]), "{of_time:?}");
        assert!(of_time.contains(&2_000_000_000) && of_time.contains(&2_300_000_000), "{of_time:?}");
    }

    #[test]
    fn every_step_is_simpler_so_that_steps_end() {
        for start in [1, 2, 9, 10, 11, 99, 12_345, u64::MAX, 1 << 40] {
            let (mut value, mut steps) = (start, 0);
            while let Some(&next) = simpler(value).last() {
                value = next;
                steps += 1;
                assert!(steps < 200, "{start} does not end");
            }
        }
    }
}
