//! What a process knows of a store: the state as of a place in the log. Shared by its reads and its writes; brought up to
//! date before each.

use super::{
    effect::Effects,
    error::{Corruption, Failure, ReadError},
    lock::{self, Mark, Table},
    log::{Ahead, Log, Tail},
    paths::{Paths, unread},
    state::State,
};
use seam::fs::Positioned;

/// The state, and how far the log was read for it.
pub(super) struct Replica {
    paths: Paths,
    /// The table of those who write, which says what is durable.
    door: Positioned,
    /// Which life of the machine this is.
    boot: u64,
    pub(super) log: Log,
    pub(super) state: State,
    /// What is written behind that, and perhaps not on the disk yet: for who writes behind it, and for nobody to read. Known
    /// in a turn and until what was written in it is marked: later it may be lost, and something else in its place.
    pub(super) pending: Option<Ahead>,
}

/// How often others may get in between before reading is given up.
const TRIES_MAX: usize = 1_000;

impl Replica {
    /// What is on the disk now.
    pub(super) async fn open(paths: Paths, door: Positioned, boot: u64) -> Result<Self, ReadError> {
        let (log, state) = Log::open(&paths.log).await?;
        let mut replica = Self { paths, door, boot, log, state, pending: None };
        replica.refresh().await?;
        Ok(replica)
    }

    /// Catches up with all that is durable, and waits for nobody.
    ///
    /// What was acknowledged is marked in the table, so nothing is read behind the mark: a write that is not synced yet, or
    /// never will be, is not seen. In a life of the machine in which nobody has marked anything, nobody has written
    /// anything either, and all that is in the file comes from the disk. If a part of the table is lost, the newest mark
    /// may be, and all that is in the file is read, lest something that was acknowledged be missed; the next who writes
    /// mends the table.
    ///
    /// # Cancel safety
    /// Dropped, it has caught up with a part of it, or nothing.
    pub(super) async fn refresh(&mut self) -> Result<(), ReadError> {
        for _ in 0..TRIES_MAX {
            let table = self.table().await?;
            match table.mark_of(self.boot).filter(|_| table.is_whole()) {
                Some(mark) if mark.generation == self.log.generation => {
                    return self.advance(mark, table.mark()).await;
                }
                // A compaction that is not marked yet; what it begins with was.
                Some(mark) if mark.generation < self.log.generation => return Ok(()),
                Some(mark) => self.reopen(Some(mark)).await?,
                None => {
                    let ahead = self.all(&table).await;
                    // If somebody has written meanwhile, a part may be of before, and look damaged.
                    if self.table().await? == table {
                        self.apply(ahead?);
                        return Ok(());
                    }
                }
            }
        }
        let busy = std::io::Error::other("it was changed again and again while it was read");
        Err(unread(&self.paths.log)(busy))
    }

    /// Up to the mark, which is of this file. `newest`: what was durable for sure once.
    pub(super) async fn advance(&mut self, mark: Mark, newest: Option<Mark>) -> Result<(), ReadError> {
        if mark.len <= self.log.end {
            return Ok(());
        }
        if let Some(pending) = self.pending.take_if(|pending| pending.end <= mark.len) {
            self.apply(pending);
        }
        if mark.len > self.log.end {
            let ahead = self.log.ahead(self.state.seq, Some(mark.len), newest).await?;
            self.apply(ahead);
        }
        Ok(())
    }

    /// What was written behind the mark in the turns before.
    pub(super) async fn look_behind(&mut self, written: Mark) -> Result<(), ReadError> {
        let is_known = self.pending.as_ref().map_or(self.log.end, |pending| pending.end) >= written.len;
        if written.generation == self.log.generation && !is_known {
            self.pending = Some(self.log.ahead(self.state.seq, Some(written.len), None).await?);
        }
        Ok(())
    }

    /// Finds out whether all that was written behind the mark is there.
    ///
    /// # Errors
    /// It is not, or the file has been replaced.
    pub(super) async fn check(&mut self, mark: Mark, written: Mark) -> Result<(), Failure> {
        if written.generation != self.log.generation {
            return Err(self.lost());
        }
        self.advance(mark, None).await?;
        match self.log.ahead(self.state.seq, Some(written.len), None).await {
            Err(ReadError::Corrupt(_)) => Err(self.lost()),
            looked => looked.map(drop).map_err(Failure::Read),
        }
    }

    fn lost(&self) -> Failure {
        Failure::Lost { path: self.paths.log.clone() }
    }

    /// Where the next entries go: behind all that is written.
    pub(super) fn tail(&self) -> Tail {
        let mut tail = self.log.tail();
        tail.end = self.pending.as_ref().map_or(tail.end, |pending| pending.end);
        tail
    }

    /// This process has written these entries between `from` and the tail's end.
    pub(super) fn wrote(&mut self, from: u64, entries: &[(u64, Effects)], tail: &Tail) {
        // A reader of this process may have caught up meanwhile: then they are read like another one's.
        if self.log.generation == tail.generation && self.tail().end == from {
            self.log.has_grown_to(tail);
            let pending = self.pending.get_or_insert_with(|| Ahead::none(from));
            pending.entries.extend_from_slice(entries);
            pending.end = tail.end;
        }
    }

    /// The log that was just written, of this state, is in the place of the old one.
    pub(super) fn begin(&mut self, log: Log) {
        self.pending = None;
        self.log = log;
        self.state.wear.begin();
    }

    /// All that is in the file.
    async fn all(&mut self, table: &Table) -> Result<Ahead, ReadError> {
        self.reopen(table.mark()).await?;
        self.log.ahead(self.state.seq, None, table.mark()).await
    }

    /// Reads the file that is in the log's place, if it is another one. `mark`: what must be in it.
    pub(super) async fn reopen(&mut self, mark: Option<Mark>) -> Result<(), ReadError> {
        let head = Log::head_at(&self.paths.log).await?;
        if let Some(mark) = mark
            && head.begin.generation < mark.generation
        {
            let what = "this is an older file than the one that was acknowledged";
            return Err(Corruption { path: self.paths.log.clone(), at: 0, what }.into());
        }
        if head.begin.generation != self.log.generation {
            self.pending = None;
            match self.log.continued(head, &mut self.state).await {
                Ok(log) => self.log = log,
                Err(head) => {
                    seam::sometimes!("a state was read anew, as the log was another one");
                    (self.log, self.state) = Log::read(head, &self.paths.log).await?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn apply(&mut self, ahead: Ahead) {
        self.log.apply(ahead, &mut self.state);
        self.pending.take_if(|pending| pending.end <= self.log.end);
        if let Some(pending) = &mut self.pending {
            pending.entries.retain(|(first, _)| *first > self.state.seq);
        }
    }

    pub(super) async fn table(&self) -> Result<Table, ReadError> {
        lock::read(&self.door).await.map_err(unread(&self.paths.door))
    }
}
