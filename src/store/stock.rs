//! What a writer does before it writes: finds out what the living and the dead have written.

use super::{
    error::{Failure, ReadError},
    events,
    lock::{Mark, Turn},
    replica::Replica,
    rotate,
    writer::{Broken, Writer},
};

impl Writer {
    /// Catches up with all that was written.
    ///
    /// What lies behind the mark was left by somebody who died, or whose sync failed: it may be in memory alone. It was not
    /// acknowledged, but nothing may be written behind it before it is durable, so it is written again. A torn end is cut.
    pub(super) async fn take_stock(&mut self, turn: &mut Turn) -> Result<(), Broken> {
        let mut replica = self.replica.lock().await;
        let marked = turn.mark();
        let is_whole = turn.table.is_whole();
        if turn.is_after_death || !is_whole || marked.is_none_or(|mark| mark.generation != replica.log.generation) {
            events::takes_stock(turn.is_after_death);
            replica.reopen(turn.table.mark()).await.map_err(unread)?;
        }
        // If not, nobody in this life of the machine has acknowledged anything in this file: its name may be in memory alone.
        let is_named = marked.is_some_and(|mark| mark.generation == replica.log.generation);
        if !is_named {
            rotate::sync_names(&self.paths.directory).await.map_err(Broken::Poisoned)?;
            rotate::sync_names(&self.paths.above()).await.map_err(Broken::Undone)?;
        }
        if let Some(mark) = marked.filter(|_| is_named && is_whole && !turn.is_after_death) {
            return catch_up(&mut replica, mark).await;
        }
        let is_doubtful = settle(&mut replica, turn).await?;
        if !is_named || is_doubtful || !is_whole {
            let mark = Mark { generation: replica.log.generation, len: replica.log.end };
            turn.note(mark).await.map_err(Broken::Undone)?;
        }
        if !is_whole {
            turn.mend().await.map_err(Broken::Undone)?;
        }
        turn.is_after_death = false;
        Ok(())
    }
}

/// Reads up to the mark. Behind it there is nothing: all who have written since the machine was started have marked what they
/// wrote, or look like dead ones.
async fn catch_up(replica: &mut Replica, mark: Mark) -> Result<(), Broken> {
    if replica.log.end < mark.len {
        let ahead = replica.log.ahead(replica.state.seq, Some(mark.len), Some(mark)).await.map_err(unread)?;
        replica.apply(ahead);
    }
    Ok(())
}

/// Reads to the end, and makes sure that it is one: whether anything was in doubt.
async fn settle(replica: &mut Replica, turn: &Turn) -> Result<bool, Broken> {
    let newest = turn.table.mark();
    let ahead = replica.log.ahead(replica.state.seq, None, newest).await.map_err(unread)?;
    let marked = newest.filter(|mark| mark.generation == replica.log.generation);
    let known = marked.map_or(replica.log.base, |mark| mark.len);
    let (end, is_torn) = (ahead.end, ahead.is_torn);
    let mut tail = replica.log.tail();
    tail.end = end;
    if is_torn {
        events::cuts(end);
        seam::sometimes!("a torn end was cut off");
    }
    // Even if nothing is seen there: of two frames that a failed sync or a power loss left, the first may be lost and the
    // second not, and with another one in the first one's place it would be the next.
    tail.cut().await.map_err(Broken::Undone)?;
    if end > known {
        events::rewrites(known, end);
        seam::sometimes!("what a dead writer left was made durable");
        tail.make_durable(known).await.map_err(Broken::Poisoned)?;
    }
    replica.apply(ahead);
    Ok(end > known)
}

fn unread(error: ReadError) -> Broken {
    Broken::Undone(Failure::Read(error))
}
