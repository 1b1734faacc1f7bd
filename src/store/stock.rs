//! What a writer does before it writes: finds out what the living and the dead have written.

use super::{
    error::{Failure, ReadError},
    events,
    lock::{Mark, Marker, Turn},
    replica::Replica,
    rotate::{self, Lineage, NotRotated},
    writer::{Broken, HANDED_ON_SINCE, Writer},
};

impl Writer {
    /// Catches up with all that was written.
    ///
    /// What lies behind all that was said to be written was left by somebody who died: it may be in memory alone. It was not
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
        if let Some(mark) = marked.filter(|_| is_named && is_whole && !turn.is_after_death)
            && catch_up(&mut replica, mark, turn.written()).await?
        {
            return Ok(());
        }
        let settled = settle(&mut replica, turn, &self.marker).await?;
        // If a part of the table is lost, nobody can tell how much was said to be written.
        let may_be_more = !is_whole && marked.is_some() && replica.log.format >= HANDED_ON_SINCE;
        if may_be_more || turn.written().is_some_and(|written| written > settled) {
            seam::sometimes!("what was said to be written was lost");
            self.begin_anew(&mut replica, turn).await?;
        }
        if !is_whole {
            turn.mend().await.map_err(Broken::Undone)?;
        }
        turn.is_after_death = false;
        Ok(())
    }

    /// What others have said of the log's file is of an older one then. It does not follow that one: who has written what was
    /// lost is not to believe that it is in this one.
    async fn begin_anew(&self, replica: &mut Replica, turn: &mut Turn) -> Result<(), Broken> {
        let lineage = Lineage::new(replica.log.generation + 1);
        let log = rotate::rotate(&self.paths, &replica.state, lineage).await.map_err(|error| match error {
            NotRotated::Undone(failure) => Broken::Undone(failure),
            NotRotated::InDoubt(failure) => Broken::Poisoned(failure),
        })?;
        let mark = log.written_to();
        replica.begin(log);
        note(&self.marker, turn, mark).await.map_err(Broken::Poisoned)
    }
}

/// Reads up to the mark, and takes note of what was written behind it. Behind that there is nothing: all who have written
/// since the machine was started have said so, or look like dead ones. `false`: a sync has failed, and what was written is
/// not there any more.
async fn catch_up(replica: &mut Replica, mark: Mark, written: Option<Mark>) -> Result<bool, Broken> {
    replica.advance(mark, Some(mark)).await.map_err(unread)?;
    match replica.look_behind(written.unwrap_or(mark)).await {
        Err(ReadError::Corrupt(_)) => Ok(false),
        looked => looked.map(|()| true).map_err(unread),
    }
}

/// Reads to the end, and makes sure that it is one, and that all before it is durable.
async fn settle(replica: &mut Replica, turn: &mut Turn, marker: &Marker) -> Result<Mark, Broken> {
    let mut marking = marker.take().await.map_err(Broken::Undone)?;
    let newest = turn.table.mark();
    let ahead = replica.log.ahead(replica.state.seq, None, newest).await.map_err(unread)?;
    let marked = newest.filter(|mark| mark.generation == replica.log.generation);
    let known = marked.map_or(replica.log.base, |mark| mark.len);
    let mut tail = replica.log.tail();
    tail.end = ahead.end;
    if ahead.is_torn {
        events::cuts(tail.end);
        seam::sometimes!("a torn end was cut off");
    }
    // Even if nothing is seen there: of two frames that a failed sync or a power loss left, the first may be lost and the
    // second not, and with another one in the first one's place it would be the next.
    tail.cut().await.map_err(Broken::Undone)?;
    if tail.end > known {
        events::rewrites(known, tail.end);
        seam::sometimes!("what a dead writer left was made durable");
        marking.begin().await.map_err(Broken::Undone)?;
        tail.rewrite(known, tail.end).await.map_err(Broken::Poisoned)?;
        tail.sync().await.map_err(Broken::Poisoned)?;
    }
    // Not before it is marked: others would not see yet what is read here.
    marking.note(tail.written()).await.map_err(Broken::Undone)?;
    turn.knows(tail.written());
    replica.apply(ahead);
    Ok(tail.written())
}

/// In a turn: tells all that so much is durable.
pub(super) async fn note(marker: &Marker, turn: &mut Turn, mark: Mark) -> Result<(), Failure> {
    marker.take().await?.note(mark).await?;
    turn.knows(mark);
    Ok(())
}

pub(super) fn unread(error: ReadError) -> Broken {
    Broken::Undone(Failure::Read(error))
}
