//! Brings what was written to the disk: one process syncs for all who have written by then.

use super::{
    error::Failure,
    lock::{Mark, Turn},
    log::{Log, Tail},
    writer::Writer,
};

impl Writer {
    /// Until all is on the disk, and marked, up to the tail's end; `durable` is known to be. Whoever comes first does it.
    pub(super) async fn sync(&self, tail: &Tail, durable: Mark) -> Result<(), Failure> {
        let asked = tail.written();
        if asked <= durable {
            return Ok(());
        }
        let mut marking = match self.marker.take_to_reach(asked).await? {
            Ok(marking) => marking,
            Err(marked) => {
                seam::sometimes!("somebody else had synced what was written");
                return self.is_done(asked, marked).await;
            }
        };
        let marked = marking.mark().map_or(durable, |mark| mark.max(durable));
        if marked >= asked {
            drop(marking);
            return self.is_done(asked, marked).await;
        }
        let written = marking.written().map_or(asked, |written| written.max(asked));
        let is_in_doubt = marking.is_in_doubt();
        marking.begin().await?;
        if is_in_doubt {
            self.rewrite(tail, marked, written).await?;
        }
        tail.sync().await?;
        marking.note(written).await?;
        self.catch_up(written).await;
        Ok(())
    }

    /// If there is another log now, that one came to the same state, or nobody can tell.
    async fn is_done(&self, asked: Mark, marked: Mark) -> Result<(), Failure> {
        if marked.generation != asked.generation {
            let head = Log::head_at(&self.paths.log).await.map_err(Failure::Read)?;
            if head.begin.follows != Some(asked.generation) {
                return Err(Failure::Lost { path: self.paths.log.clone() });
            }
        }
        self.catch_up(marked).await;
        Ok(())
    }

    /// What somebody failed to sync may be gone: only what is whole is written again.
    async fn rewrite(&self, tail: &Tail, marked: Mark, written: Mark) -> Result<(), Failure> {
        seam::sometimes!("what somebody failed to sync was written again");
        let mut replica = self.replica.lock().await;
        replica.check(marked, written).await?;
        tail.rewrite(marked.len, written.len).await
    }

    /// In a turn: until all that others have written is on the disk.
    pub(super) async fn sync_pending(&self, turn: &Turn) -> Result<(), Failure> {
        let tail = self.replica.lock().await.tail();
        let durable = turn.mark().unwrap_or(tail.written());
        self.sync(&tail, durable).await
    }

    /// Most of what is marked now is known, and costs nothing to read.
    pub(super) async fn catch_up(&self, mark: Mark) {
        let mut replica = self.replica.lock().await;
        if mark.generation == replica.log.generation {
            // If it cannot be read, the next one to read finds out.
            let _ = replica.advance(mark, None).await;
        }
    }
}
