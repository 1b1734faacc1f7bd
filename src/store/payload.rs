//! Which format a log is in, and how what its frames hold is written as bytes. Knows no frames.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The format that this program writes. It reads this one and all before it, and rewrites a file in this one when it
/// compacts it; of a later one it reads nothing.
pub(super) const FORMAT: u32 = 3;

const NONE: &str = "the frame's payload is none of its kind";

/// How a payload is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As text, which programs of all formats read: a beginning, and all of format 1.
    Json = 0,
    /// As the postcard specification says: fields in their order and without their names.
    Postcard = 1,
}

impl Encoding {
    /// Of what is appended to a log of that format.
    pub(super) fn of_format(format: u32) -> Self {
        if format == 1 { Self::Json } else { Self::Postcard }
    }

    pub(super) fn encode(self, value: &impl Serialize) -> Vec<u8> {
        match self {
            Self::Json => serde_json::to_vec(value).expect("plain data"),
            Self::Postcard => postcard::to_stdvec(value).expect("plain data"),
        }
    }

    /// # Errors
    /// It is none of a `T`.
    pub(super) fn decode<T: DeserializeOwned>(self, payload: &[u8]) -> Result<T, &'static str> {
        let decoded = match self {
            Self::Json => serde_json::from_slice(payload).ok(),
            Self::Postcard => Self::take(payload).ok().and_then(|(value, rest)| rest.is_empty().then_some(value)),
        };
        decoded.ok_or(NONE)
    }

    /// What `bytes`, written as [`Postcard`](Self::Postcard), begin with, and the rest of them.
    ///
    /// # Errors
    /// They begin with no `T`.
    pub(super) fn take<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), &'static str> {
        postcard::take_from_bytes(bytes).map_err(|_| NONE)
    }
}
