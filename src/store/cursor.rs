//! Reads the frames of a file one after the other.

use super::frame::{self, Frame, Next};
use seam::fs::Positioned;
use std::io;

/// A place between two frames of a file.
pub(super) struct Cursor<'a> {
    file: &'a Positioned,
    /// What begins at the place.
    bytes: Vec<u8>,
    /// How many of them were gone over.
    used: usize,
    /// Where the first of them stands in the file.
    from: u64,
    /// Nothing is read from there on.
    limit: u64,
    /// How much is read at once, at least.
    chunk: usize,
}

/// What a cursor stands at.
pub(super) enum At<'a> {
    Frame(Frame<'a>),
    Nothing,
    Broken(&'static str),
}

const CHUNK_MIN: usize = 4 << 10;
const CHUNK_MAX: usize = 1 << 20;

impl<'a> Cursor<'a> {
    pub(super) fn new(file: &'a Positioned, at: u64, limit: u64) -> Self {
        Self { file, bytes: Vec::new(), used: 0, from: at, limit, chunk: CHUNK_MIN }
    }

    /// Where it stands, in bytes from the file's start.
    pub(super) fn at(&self) -> u64 {
        self.from + self.used as u64
    }

    /// What is here; the cursor stays.
    pub(super) async fn look(&mut self) -> io::Result<At<'_>> {
        let mut wanted = frame::HEADER;
        loop {
            let here = self.bytes.len() - self.used;
            if here < wanted && self.read(wanted).await? {
                continue;
            }
            match frame::next(&self.bytes[self.used..]) {
                Next::Longer(len) if here >= wanted => wanted = len,
                Next::Frame(_) | Next::Nothing | Next::Longer(_) | Next::Broken(_) => break,
            }
        }
        let here = &self.bytes[self.used..];
        Ok(match frame::next(here) {
            Next::Frame(frame) => At::Frame(frame),
            Next::Nothing => At::Nothing,
            Next::Longer(_) if here.iter().all(|byte| *byte == 0) => At::Nothing,
            Next::Longer(_) => At::Broken("the file ends within a frame"),
            Next::Broken(what) => At::Broken(what),
        })
    }

    pub(super) fn pass(&mut self, bytes: usize) {
        self.used += bytes;
    }

    /// So many bytes from here on, if there are so many; `false`: nothing came.
    async fn read(&mut self, wanted: usize) -> io::Result<bool> {
        self.bytes.drain(..self.used);
        self.from += self.used as u64;
        self.used = 0;
        let end = self.from + self.bytes.len() as u64;
        let len = wanted.max(self.chunk).saturating_sub(self.bytes.len());
        let room = usize::try_from(self.limit.saturating_sub(end)).unwrap_or(usize::MAX);
        self.chunk = (2 * self.chunk).min(CHUNK_MAX);
        let read = self.file.read_at(end, len.min(room)).await?;
        self.bytes.extend_from_slice(&read);
        Ok(!read.is_empty())
    }
}
