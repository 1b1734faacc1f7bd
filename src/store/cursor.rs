//! Reads the frames of a file one after the other.

use super::frame::{self, Frame, Next};
use bytes::{Buf, Bytes};
use seam::fs::Positioned;
use std::io;

/// A place between two frames of a file.
pub(super) struct Cursor<'a> {
    file: &'a Positioned,
    at: u64,
    /// What begins there, as far as it was read.
    bytes: Bytes,
    /// How much was read.
    pub(super) read: u64,
    /// Nothing is read from there on.
    limit: u64,
    /// How much is read at once, at least.
    chunk: usize,
}

/// What a cursor stands at.
pub(super) enum At<'a> {
    /// A frame, and what was read with it.
    Frame(Frame<'a>, &'a Bytes),
    Nothing,
    Broken(&'static str),
}

const CHUNK_MIN: usize = 4 << 10;
const CHUNK_MAX: usize = 1 << 20;

impl<'a> Cursor<'a> {
    pub(super) fn new(file: &'a Positioned, at: u64, limit: u64) -> Self {
        let is_known = limit < u64::MAX;
        let room = usize::try_from(limit.saturating_sub(at)).unwrap_or(usize::MAX);
        let chunk = if is_known { room.clamp(1, CHUNK_MAX) } else { CHUNK_MIN };
        Self { file, at, bytes: Bytes::new(), read: 0, limit, chunk }
    }

    /// Where it stands, in bytes from the file's start.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// What is here; the cursor stays.
    pub(super) async fn look(&mut self) -> io::Result<At<'_>> {
        loop {
            let wanted = frame::wanted(&self.bytes);
            if self.bytes.len() >= wanted || !self.read(wanted).await? {
                break;
            }
        }
        Ok(match frame::next(&self.bytes) {
            Next::Frame(frame) => At::Frame(frame, &self.bytes),
            Next::Nothing => At::Nothing,
            Next::Longer if self.bytes.iter().all(|byte| *byte == 0) => At::Nothing,
            Next::Longer => At::Broken("the file ends within a frame"),
            Next::Broken(what) => At::Broken(what),
        })
    }

    pub(super) fn pass(&mut self, bytes: usize) {
        self.bytes.advance(bytes);
        self.at += bytes as u64;
    }

    /// So many bytes from here on, if there are so many; `false`: nothing came.
    async fn read(&mut self, wanted: usize) -> io::Result<bool> {
        let end = self.at + self.bytes.len() as u64;
        let len = wanted.max(self.chunk).saturating_sub(self.bytes.len());
        let room = usize::try_from(self.limit.saturating_sub(end)).unwrap_or(usize::MAX);
        self.chunk = (2 * self.chunk).min(CHUNK_MAX);
        let read = self.file.read_at(end, len.min(room)).await?;
        let is_more = !read.is_empty();
        self.bytes = if self.bytes.is_empty() { read.into() } else { [&self.bytes[..], &read].concat().into() };
        self.read += self.bytes.len() as u64;
        Ok(is_more)
    }
}
