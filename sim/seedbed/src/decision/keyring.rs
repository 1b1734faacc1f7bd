//! From a seed to subkeys. Knows nothing of what is decided.

use super::{
    key::{Entity, Site},
    mix::mix,
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// Derives a subkey per (site, entity). ChaCha8 under the seed gives the ring its words; a subkey is two
/// keyed mixes of them with site and entity, 3 ns where a block of the cipher for each took 65.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keyring {
    words: [u64; 2],
}

impl Keyring {
    pub(crate) fn new(seed: u64) -> Self {
        let mut key = *b"seedbed's keyring, version 2    ";
        key[24..32].copy_from_slice(&seed.to_le_bytes());
        let mut stream = ChaCha8Rng::from_seed(key);
        Self { words: [stream.next_u64(), stream.next_u64()] }
    }

    #[inline]
    pub(crate) const fn subkey(&self, site: &Site, entity: Entity) -> u64 {
        mix(mix(self.words[0] ^ site.hash(), entity.0) ^ self.words[1], entity.0)
    }
}
