//! The mark, and the right to move it. Who has written gives the turn back and comes here: one syncs for all who have
//! written by then, and the others find it done.
//!
//! The group commit of DeWitt and others (1984, main memory database systems), with the log's writes and its syncs under a
//! lock each, as in PostgreSQL; who dies in a sync has said before that it began.

use super::{
    line::{failed, lock, read},
    table::{Mark, Place, SYNCS, Sitting, Stage, Table},
};
use crate::store::error::{Failure, Step};
use seam::fs::{Lock, Positioned};
use std::path::PathBuf;

/// A process's way to the mark.
#[derive(Clone)]
pub(crate) struct Marker {
    pub(super) directory: PathBuf,
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
    /// Waits until nobody else has it, for one sync for each who came before at most: whoever finds its own work done goes
    /// on at once. Dropped, or if it fails, nothing has changed.
    pub(crate) async fn take(&self) -> Result<Marking, Failure> {
        let held = lock(&self.file).await.map_err(failed(&self.directory, SYNC, Step::Lock))?;
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
