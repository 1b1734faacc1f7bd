//! The mark, and the right to move it. Who has written gives the turn back and comes here: one syncs for all who have
//! written by then, and the others find it done.
//!
//! The group commit of DeWitt and others (1984, main memory database systems), with the log's writes and its syncs under a
//! lock each, as in PostgreSQL; who dies in a sync has said before that it began.

use super::{
    line::{failed, lock, read, read_part},
    table::{Mark, PLACE, Place, SYNCS, Sitting, Stage, Table, place},
};
use crate::store::error::{Failure, Step};
use seam::fs::{Lock, Positioned};
use std::{path::Path, sync::Arc};

/// A process's way to the mark.
#[derive(Clone)]
pub(crate) struct Marker {
    pub(super) directory: Arc<Path>,
    /// Which life of the machine this is.
    pub(super) boot: u64,
    pub(super) door: Positioned,
    /// Who has its lock may move the mark.
    pub(super) file: Positioned,
}

/// The right to move the mark. Nobody else syncs meanwhile.
#[must_use]
pub(crate) struct Marking {
    marker: Marker,
    table: Table,
    place: Place,
    sitting: Sitting,
    _lock: Lock,
}

pub(super) const SYNC: &str = "sync";

impl Marker {
    /// Waits until nobody else has it. Dropped, or if it fails, nothing has changed.
    pub(crate) async fn take(&self) -> Result<Marking, Failure> {
        let held = lock(&self.file).await.map_err(failed(&self.directory, SYNC, Step::Lock))?;
        self.taken(held).await
    }

    /// As [`take`](Self::take), unless somebody else has moved the mark to there meanwhile, or behind it: then to where.
    pub(crate) async fn take_to_reach(&self, asked: Mark) -> Result<Result<Marking, Mark>, Failure> {
        let held = match self.file.try_lock().await.map_err(failed(&self.directory, SYNC, Step::Lock))? {
            Some(held) => return self.taken(held).await.map(Ok),
            None => lock(&self.file).await.map_err(failed(&self.directory, SYNC, Step::Lock))?,
        };
        // Who has waited mostly finds its work done.
        match self.mark().await?.filter(|mark| *mark >= asked) {
            Some(reached) => Ok(Err(reached)),
            None => self.taken(held).await.map(Ok),
        }
    }

    /// The newest mark of this life of the machine that was noted here, if it can be told.
    async fn mark(&self) -> Result<Option<Mark>, Failure> {
        let seat = read_part(&self.door, place(SYNCS), PLACE).await;
        Ok(seat.map_err(failed(&self.directory, super::DOOR, Step::Lock))?.mark_of(self.boot))
    }

    async fn taken(&self, held: Lock) -> Result<Marking, Failure> {
        let table = read(&self.door).await.map_err(failed(&self.directory, super::DOOR, Step::Lock))?;
        let ticket = table.syncs().ticket().map_or(1, |ticket| ticket + 1);
        let sitting = Sitting::of(&table, self.boot, ticket, Stage::Sits);
        Ok(Marking { marker: self.clone(), place: table.next_place(SYNCS), table, sitting, _lock: held })
    }
}

impl Marking {
    /// The newest mark of this life of the machine.
    pub(crate) fn mark(&self) -> Option<Mark> {
        self.table.mark_of(self.marker.boot)
    }

    /// How far others have written, and said so.
    pub(crate) fn written(&self) -> Option<Mark> {
        self.table.written(self.marker.boot)
    }

    /// A sync failed, or who did it died in it: what is behind the mark has to be written again before it is synced.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.table.is_sync_open(self.marker.boot)
    }

    /// Before a sync. Until it is noted, what is behind the mark is in doubt, for whoever comes next if this one is dropped.
    pub(crate) async fn begin(&mut self) -> Result<(), Failure> {
        self.write().await
    }

    /// Tells all that so much is durable.
    pub(crate) async fn note(mut self, mark: Mark) -> Result<(), Failure> {
        self.sitting.stage = Stage::Over;
        let newest = self.mark().map_or(mark, |known| known.max(mark));
        self.sitting.says(newest, self.written().map_or(newest, |written| written.max(newest)));
        self.write().await?;
        // It is said. In both texts, so that neither, damaged, takes the newest mark with it.
        let _ = self.write().await;
        Ok(())
    }

    async fn write(&mut self) -> Result<(), Failure> {
        let written = self.marker.door.write_all_at(self.place.at(), self.sitting.bytes()).await;
        written.map_err(failed(&self.marker.directory, super::DOOR, Step::Write))?;
        self.place = self.place.next();
        Ok(())
    }
}
