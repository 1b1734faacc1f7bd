//! The cheap arithmetic under keys and digests. Not cryptographic: the subkeys are.

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The `nth` value under `subkey`: SplitMix64 in counter mode (Steele, Lea, Flood, OOPSLA 2014).
#[inline]
pub(crate) const fn mix(subkey: u64, nth: u64) -> u64 {
    let mut z = subkey.wrapping_add(nth.wrapping_add(1).wrapping_mul(GOLDEN));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One step of a running hash: a folded 64 × 64 → 128 bit product, as in wyhash.
#[inline]
pub(crate) const fn fold(state: u64, word: u64) -> u64 {
    let product = (state ^ word ^ GOLDEN) as u128 * (word.rotate_left(29) ^ 0xd6e8_feb8_6659_fd93) as u128;
    (product as u64) ^ ((product >> 64) as u64) ^ state.rotate_left(23)
}

/// The hash of a text; at compile time for a `Site`. Independent of platform and build.
pub(crate) const fn hash_str(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut state = fold(GOLDEN, bytes.len() as u64);
    let mut at = 0;
    while at < bytes.len() {
        let mut word = 0u64;
        let mut shift = 0;
        while shift < 64 && at < bytes.len() {
            word |= (bytes[at] as u64) << shift;
            shift += 8;
            at += 1;
        }
        state = fold(state, word);
    }
    state
}
