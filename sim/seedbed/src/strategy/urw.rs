//! Uniform random walk: the next task is chosen in proportion to the steps it has left, so that each
//! interleaving of the tasks is about equally likely (Zhao, Wolff, Mathur, Roychoudhury, ASPLOS 2025).

use super::{Entrant, Strategy};

/// A rank is an exponential variate with the task's remaining steps as its rate: the least of several
/// such comes from each task in proportion to its rate. The paper counts steps in an earlier run; a run
/// here may depend on its case alone, so each task's length is guessed, 4 to 64, by a keyed draw.
#[derive(Debug)]
pub(super) struct Urw;

impl Strategy for Urw {
    fn rank(&self, entrant: &Entrant<'_>) -> u32 {
        if entrant.memory().get() == 0 {
            entrant.memory().set(4 << (entrant.more_bits(0) % 5));
        }
        let left = entrant.memory().get().saturating_sub(u64::from(entrant.poll())).max(1);
        negative_log2(entrant.bits(entrant.poll())) / left as u32
    }
}

/// -log2(bits / 2^64) in 1/2^24ths; the part between powers of two is a straight line, at most 9 % off.
fn negative_log2(bits: u64) -> u32 {
    let bits = bits | 1;
    let zeros = bits.leading_zeros();
    let mantissa = ((bits << zeros) << 1) >> 40;
    ((zeros + 1) << 24) - mantissa as u32
}
