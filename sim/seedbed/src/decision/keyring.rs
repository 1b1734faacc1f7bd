//! From a seed to subkeys. Knows nothing of what is decided.

use super::key::{Entity, Site};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// Derives a subkey per (site, entity): the first words of a ChaCha8 stream whose 256-bit key is made
/// of the seed, the site and the entity. A derivation costs 0.1 µs, so its result is kept with the entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keyring {
    seed: u64,
}

impl Keyring {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// `N` independent subkeys (at most 32 come from one block of the cipher).
    pub(crate) fn subkeys<const N: usize>(self, site: &Site, entity: Entity) -> [u64; N] {
        let mut key = *b"seedbed's keyring, version 1    ";
        key[0..8].copy_from_slice(&self.seed.to_le_bytes());
        key[8..16].copy_from_slice(&site.hash().to_le_bytes());
        key[16..24].copy_from_slice(&entity.0.to_le_bytes());
        let mut stream = ChaCha8Rng::from_seed(key);
        std::array::from_fn(|_| stream.next_u64())
    }
}
