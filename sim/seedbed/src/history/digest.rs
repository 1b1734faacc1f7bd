//! The fingerprint of a history.

use crate::decision::fold;
use std::fmt;

/// A run's fingerprint: equal for equal histories on every machine, in debug and release.
/// Written as 16 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0x5eed_bed0_0000_0001)
    }
}

impl Digest {
    /// As a number, to be folded into another.
    #[cfg(feature = "cli")]
    pub(crate) const fn bits(self) -> u64 {
        self.0
    }

    #[inline]
    pub(super) fn word(&mut self, word: u64) {
        self.0 = fold(self.0, word);
    }

    pub(super) fn text(&mut self, text: &str) {
        let mut chunks = text.as_bytes().chunks_exact(8);
        for chunk in &mut chunks {
            self.word(u64::from_le_bytes(chunk.try_into().expect("chunks of eight bytes")));
        }
        let mut last = [0; 8];
        last[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
        self.word(u64::from_le_bytes(last));
        self.word(text.len() as u64);
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u64::from_str_radix(&text, 16).map(Self)
    }
}
