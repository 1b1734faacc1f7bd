//! Frames: pieces of a log, each with a checksum over all of it. Knows bytes only.

use super::payload::Encoding;
use serde::de::DeserializeOwned;

/// What goes before each payload.
pub(super) const HEADER: usize = 32;
/// The most that a frame may hold, in bytes.
pub(super) const PAYLOAD_MAX: usize = 16 << 20;
/// Begins each frame, so that one is found behind a damaged place.
const MAGIC: [u8; 4] = *b"\xF1swl";

/// What a payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Begin = 1,
    Part = 2,
    Entry = 3,
}

/// A whole frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    pub(super) kind: Kind,
    /// How the payload is written.
    pub(super) encoding: Encoding,
    /// The number of the first record in it; of what a file begins with, that of the last one before.
    pub(super) seq: u64,
    /// The file was on the disk up to here when this was written.
    pub(super) durable: u64,
    pub(super) payload: &'a [u8],
}

/// What stands at a place of a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next<'a> {
    Frame(Frame<'a>),
    /// Nothing: zeros, or the end of the file.
    Nothing,
    /// A frame may begin here, and not all of it is given.
    Longer,
    /// Neither.
    Broken(&'static str),
}

impl Frame<'_> {
    /// In bytes.
    pub(super) fn len(&self) -> usize {
        HEADER + self.payload.len()
    }

    /// What it holds.
    ///
    /// # Errors
    /// It is none of a `T`.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, &'static str> {
        self.encoding.decode(self.payload)
    }
}

/// Appends a frame to `bytes`.
///
/// # Panics
/// If the payload is longer than [`PAYLOAD_MAX`].
pub(super) fn put(bytes: &mut Vec<u8>, frame: Frame<'_>) {
    assert!(frame.payload.len() <= PAYLOAD_MAX, "a frame of {} bytes", frame.payload.len());
    let start = bytes.len();
    bytes.extend(MAGIC);
    bytes.extend((frame.payload.len() as u32).to_le_bytes());
    bytes.extend(frame.seq.to_le_bytes());
    bytes.extend(frame.durable.to_le_bytes());
    bytes.extend([frame.kind as u8, frame.encoding as u8, 0, 0]);
    let crc = checksum(&bytes[start..], frame.payload);
    bytes.extend(crc.to_le_bytes());
    bytes.extend(frame.payload);
}

/// How many bytes have to be looked at to tell what they begin with, at least.
pub(super) fn wanted(bytes: &[u8]) -> usize {
    let header = bytes.first_chunk::<HEADER>().filter(|header| header[..4] == MAGIC);
    let len = header.map_or(0, |header| u32::from_le_bytes(part(header, 4)) as usize);
    HEADER + if len > PAYLOAD_MAX { 0 } else { len }
}

/// What `bytes` begin with.
pub(super) fn next(bytes: &[u8]) -> Next<'_> {
    let Some(header) = bytes.first_chunk::<HEADER>() else {
        return if bytes.is_empty() { Next::Nothing } else { Next::Longer };
    };
    if *header == [0; HEADER] {
        return Next::Nothing;
    }
    if header[..4] != MAGIC {
        return Next::Broken("no frame begins here");
    }
    let len = u32::from_le_bytes(part(header, 4)) as usize;
    if len > PAYLOAD_MAX {
        return Next::Broken("the frame's length is none");
    }
    let Some(payload) = bytes.get(HEADER..HEADER + len) else { return Next::Longer };
    if checksum(&header[..HEADER - 4], payload) != u32::from_le_bytes(part(header, 28)) {
        return Next::Broken("the frame's checksum is another");
    }
    let kind = match header[24] {
        1 => Kind::Begin,
        2 => Kind::Part,
        3 => Kind::Entry,
        _ => return Next::Broken("the frame's kind is none"),
    };
    let encoding = match header[25..28] {
        [0, 0, 0] => Encoding::Json,
        [1, 0, 0] => Encoding::Postcard,
        _ => return Next::Broken("the frame's encoding is none"),
    };
    Next::Frame(Frame {
        kind,
        encoding,
        seq: u64::from_le_bytes(part(header, 8)),
        durable: u64::from_le_bytes(part(header, 16)),
        payload,
    })
}

/// The first whole frame that begins in `bytes`, and where, whatever stands before it.
pub(super) fn search(bytes: &[u8]) -> Option<(usize, Frame<'_>)> {
    let places = (0..bytes.len().saturating_sub(HEADER)).filter(|at| bytes[*at..].starts_with(&MAGIC));
    places.into_iter().find_map(|at| match next(&bytes[at..]) {
        Next::Frame(frame) => Some((at, frame)),
        Next::Nothing | Next::Longer | Next::Broken(_) => None,
    })
}

/// Whether any frame in `rest`, which begins at `at`, was written when what stands at `at` was on the disk: it is damaged
/// then; else it was never finished. `last` is the number of the last record before.
pub(super) fn was_durable(mut rest: &[u8], at: u64, last: u64) -> bool {
    while let Some((skipped, frame)) = search(rest) {
        if frame.seq > last && frame.durable > at {
            return true;
        }
        rest = &rest[skipped + frame.len()..];
    }
    false
}

fn checksum(header: &[u8], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(header);
    hasher.update(payload);
    hasher.finalize()
}

fn part<const N: usize>(header: &[u8; HEADER], at: usize) -> [u8; N] {
    header[at..].first_chunk().copied().unwrap_or([0; N])
}
