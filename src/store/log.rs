//! The file of one generation: the state that it begins with, and what has changed since. Reads all of it, and writes to
//! its end; who may do so when is not decided here.

use super::{
    cursor::{At, Cursor},
    effect::Effects,
    entry::Begin,
    error::{Failure, ReadError, Step},
    frame::{self, Frame, Kind},
    head::{Head, corrupt},
    lock::Mark,
    paths::{failed, unread},
    payload::FORMAT,
    state::State,
};
use bytes::Bytes;
use seam::fs::Positioned;
use std::path::{Path, PathBuf};
use tokio::fs::{File, OpenOptions};

/// An open file, and how far it was read.
pub(super) struct Log {
    path: PathBuf,
    file: Positioned,
    pub(super) generation: u64,
    pub(super) format: u32,
    /// Where the state that it begins with ends.
    pub(super) base: u64,
    /// Where what was read ends.
    pub(super) end: u64,
    /// How long the file is at least.
    len: u64,
}

/// The end of a file, to be written to by whoever's turn it is.
#[derive(Clone)]
pub(super) struct Tail {
    path: PathBuf,
    file: Positioned,
    pub(super) generation: u64,
    /// Where the last entry ends.
    pub(super) end: u64,
    /// How long the file is at least; behind the end there are zeros.
    len: u64,
}

/// What follows what was read.
pub(super) struct Ahead {
    pub(super) entries: Vec<(u64, Effects)>,
    /// How many bytes are held for them.
    read: u64,
    /// Where they end.
    pub(super) end: u64,
    /// Behind them something was begun, and not brought to its end.
    pub(super) is_torn: bool,
}

/// A write that did not get through.
pub(super) enum NotAppended {
    /// It will never be seen.
    Undone(Failure),
    /// Perhaps it will.
    InDoubt(Failure),
}

impl Log {
    /// A file that was just written, and has nothing behind the state that it begins with.
    pub(super) fn written(path: PathBuf, file: Positioned, generation: u64, len: u64) -> Self {
        Self { path, file, generation, format: FORMAT, base: len, end: len, len }
    }

    /// The file, and the state that it begins with.
    pub(super) async fn open(path: &Path) -> Result<(Self, State), ReadError> {
        Self::of(open_to_write(path).await?, path).await
    }

    /// A file that is not written to.
    pub(super) async fn open_to_read(path: &Path) -> Result<(Self, State), ReadError> {
        let file = File::open(path).await.map_err(unread(path))?;
        Self::of(file, path).await
    }

    async fn of(file: File, path: &Path) -> Result<(Self, State), ReadError> {
        Self::read(Head::of(file, path).await?, path).await
    }

    /// The file that begins so, and the state that it begins with.
    pub(super) async fn read(head: Head, path: &Path) -> Result<(Self, State), ReadError> {
        let (state, base) = head.state(path).await?;
        Ok((Self::behind(head, path, base), state))
    }

    /// The file that begins so, with a state that ends at `base`.
    fn behind(Head { file, begin, .. }: Head, path: &Path, base: u64) -> Self {
        let Begin { format, generation, .. } = begin;
        Self { path: path.to_owned(), file, generation, format, base, end: base, len: base }
    }

    /// How the file that is at `path` now begins.
    pub(super) async fn head_at(path: &Path) -> Result<Head, ReadError> {
        Head::of(open_to_write(path).await?, path).await
    }

    /// The file that took this one's place, if it begins with what this one came to, all of which `state` has then: it is
    /// not read once more. If it does not, or this one does not say so, `Err` gives it back.
    pub(super) async fn continued(&mut self, head: Head, state: &mut State) -> Result<Self, Head> {
        let Some(base) = head.begin.bytes.filter(|_| head.begin.follows == Some(self.generation)) else {
            return Err(head);
        };
        // Nobody writes to this one any more.
        let Ok(rest) = self.ahead(state.seq, None, None).await else { return Err(head) };
        if rest.last(state.seq) != head.seq {
            return Err(head);
        }
        self.apply(rest, state);
        state.wear.begin();
        seam::sometimes!("a state outlived a compaction by another handle");
        let path = self.path.clone();
        Ok(Self::behind(head, &path, base))
    }

    /// What follows entry `seq`, which was the last one: up to `limit`, or up to the last whole one. `mark` is what was
    /// durable for sure once.
    pub(super) async fn ahead(&self, seq: u64, limit: Option<u64>, mark: Option<Mark>) -> Result<Ahead, ReadError> {
        let mut cursor = Cursor::new(&self.file, self.end, limit.unwrap_or(u64::MAX));
        let (mut entries, mut last) = (Vec::new(), seq);
        let broken = loop {
            match cursor.look().await.map_err(unread(&self.path))? {
                At::Frame(frame, read) => match effects(&frame, read, last) {
                    Ok(entry) => {
                        last += entry.len();
                        let (len, seq) = (frame.len(), frame.seq);
                        entries.push((seq, entry));
                        cursor.pass(len);
                    }
                    Err(what) => break Some(what),
                },
                At::Nothing => break None,
                At::Broken(what) => break Some(what),
            }
        };
        let (end, read) = (cursor.at(), cursor.read);
        let acknowledged = limit.max(mark.filter(|mark| mark.generation == self.generation).map(|mark| mark.len));
        if acknowledged.is_some_and(|len| end < len) {
            return corrupt(&self.path, end, broken.unwrap_or("nothing is here, and more was acknowledged"));
        }
        if let Some(what) = broken
            && self.was_durable(end, last).await?
        {
            return corrupt(&self.path, end, what);
        }
        Ok(Ahead { entries, read, end, is_torn: broken.is_some() })
    }

    /// Whether what stands at `at` is damaged, not only unfinished.
    async fn was_durable(&self, at: u64, last: u64) -> Result<bool, ReadError> {
        let rest = self.file.len().await.map_err(unread(&self.path))?.saturating_sub(at);
        let rest =
            self.file.read_at(at, usize::try_from(rest).unwrap_or(usize::MAX)).await.map_err(unread(&self.path))?;
        Ok(frame::was_durable(&rest, at, last))
    }

    /// All of it that was read, as a mark.
    pub(super) fn written_to(&self) -> Mark {
        Mark { generation: self.generation, len: self.end }
    }

    /// Where the next entries go.
    pub(super) fn tail(&self) -> Tail {
        let Self { path, file, generation, end, len, .. } = self;
        Tail { path: path.clone(), file: file.clone(), generation: *generation, end: *end, len: *len }
    }
}

impl Tail {
    /// All that is written up to the end, as a mark that is not set yet.
    pub(super) fn written(&self) -> Mark {
        Mark { generation: self.generation, len: self.end }
    }

    /// What was begun behind the end is cut off.
    pub(super) async fn cut(&mut self) -> Result<(), Failure> {
        self.len = self.end;
        self.file.set_len(self.end).await.map_err(failed(&self.path, Step::Write))
    }

    /// Writes again what stands between `from` and `to`: after a sync that failed it may be in memory alone.
    pub(super) async fn rewrite(&self, from: u64, to: u64) -> Result<(), Failure> {
        let len = usize::try_from(to - from).unwrap_or(usize::MAX);
        let bytes = self.file.read_at(from, len).await.map_err(failed(&self.path, Step::Write))?;
        self.file.write_all_at(from, bytes).await.map_err(failed(&self.path, Step::Write))
    }

    /// Brings what was written, by whomever, to the disk.
    pub(super) async fn sync(&self) -> Result<(), Failure> {
        self.file.sync().await.map_err(failed(&self.path, Step::Sync))
    }

    /// Writes `bytes` behind the end, which is behind them then. Once the file is longer than that it grows by `grow`
    /// bytes.
    pub(super) async fn append(&mut self, mut bytes: Vec<u8>, grow: u64) -> Result<(), NotAppended> {
        let end = self.end + bytes.len() as u64;
        if end > self.len {
            let len = self.file.len().await;
            self.len = len.map_err(failed(&self.path, Step::Write)).map_err(NotAppended::Undone)?;
        }
        if end > self.len {
            self.len = end.next_multiple_of(grow.max(1));
            bytes.resize(usize::try_from(self.len - self.end).unwrap_or(usize::MAX), 0);
        }
        if let Err(error) = self.file.write_all_at(self.end, bytes).await {
            let failure = failed(&self.path, Step::Write)(error);
            // A power loss could bring back what was written of it, unless the cut is on the disk.
            return Err(match self.cut_for_good().await {
                Ok(()) => NotAppended::Undone(failure),
                Err(_) => NotAppended::InDoubt(failure),
            });
        }
        self.end = end;
        Ok(())
    }

    async fn cut_for_good(&mut self) -> Result<(), Failure> {
        self.cut().await?;
        self.sync().await
    }
}

impl Ahead {
    /// Nothing, behind `end`.
    pub(super) fn none(end: u64) -> Self {
        Self { entries: Vec::new(), read: 0, end, is_torn: false }
    }

    /// The number of the last record, if what was read before ended with record `seq`.
    fn last(&self, seq: u64) -> u64 {
        self.entries.last().map_or(seq, |(first, entry)| first + entry.len() - 1)
    }
}

impl Log {
    /// # Panics
    /// If they do not follow what was read.
    pub(super) fn apply(&mut self, ahead: Ahead, state: &mut State) {
        ahead.entries.into_iter().for_each(|(first, entry)| state.apply(first, entry));
        state.items.hold(ahead.read, state.wear.kept());
        self.end = ahead.end;
        self.len = self.len.max(self.end);
    }

    /// After the tail was written to, whose file it is.
    pub(super) fn has_grown_to(&mut self, tail: &Tail) {
        self.len = tail.len;
    }
}

async fn open_to_write(path: &Path) -> Result<File, ReadError> {
    OpenOptions::new().read(true).write(true).open(path).await.map_err(unread(path))
}

fn effects(frame: &Frame<'_>, read: &Bytes, last: u64) -> Result<Effects, &'static str> {
    if frame.kind != Kind::Entry {
        return Err("the frame is of another kind");
    }
    if frame.seq != last + 1 {
        return Err("the frame's number does not follow the one before");
    }
    Effects::read(frame, read)
}
