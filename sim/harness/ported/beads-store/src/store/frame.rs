//! Frames of the log: a magic number, a checksum, a length, a line of JSON. Behind a torn one the next is appended.

use super::state::Entry;
use seam::fs::Positioned;
use std::io;

const MAGIC: u32 = 0x000B_3AD5;
const HEADER: usize = 12;

/// At the end of the file, whatever stands there, by three writes. Says where.
pub(super) async fn append(file: &Positioned, text: &[u8]) -> io::Result<u64> {
    let at = file.len().await?;
    let len = text.len() as u64;
    let header = [MAGIC, crc32fast::hash(text), u32::try_from(len).map_err(io::Error::other)?];
    file.write_all_at(at, header.map(u32::to_le_bytes).concat()).await?;
    file.write_all_at(at + HEADER as u64, text).await?;
    file.write_all_at(at + HEADER as u64 + len, *b"\n").await?;
    Ok(at)
}

/// What of a log can be read, and where it stands.
pub(super) fn parse(bytes: &[u8]) -> impl Iterator<Item = (u64, Entry)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let (begin, rest) = (at, &bytes[at..]);
            let (text, len) = next(rest)?;
            at += len + usize::from(rest.get(len) == Some(&b'\n'));
            if let Some(Ok(entry)) = text.map(serde_json::from_slice) {
                return Some((begin as u64, entry));
            }
        }
        None
    })
}

/// The text of the frame or line that begins here, if it is whole, and where it ends; `None`: behind the end of the file.
fn next(rest: &[u8]) -> Option<(Option<&[u8]>, usize)> {
    let word = |nth: usize| u32::from_le_bytes([rest[nth], rest[nth + 1], rest[nth + 2], rest[nth + 3]]);
    if rest.len() >= HEADER && word(0) == MAGIC {
        let end = HEADER + word(8) as usize;
        let text = rest.get(HEADER..end)?;
        // A damaged one is skipped, by its own length.
        return Some((Some(text).filter(|text| crc32fast::hash(text) == word(4)), end));
    }
    // Not a frame: a line, as the log was once made of.
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    Some((Some(&rest[..end]), end))
}
