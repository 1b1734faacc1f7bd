//! The line: a ticket for each who comes, a locked seat for each who waits. The kernel gives back what the dead had
//! locked, so whoever waits for a seat waits for its owner's turn or its death, and sleeps meanwhile.
//!
//! A ticket lock (Reed and Kanodia, 1979, eventcounts and sequencers) in which one waits for those ahead one by one, as in
//! the queue of Craig, Landin and Hagersten, so that a waiter's death is noticed.

use super::{
    contention::Waits,
    table::{self, Fate, Mark, Place, SEATS, Seat, Sitting, Stage, Table},
};
use crate::store::error::{Failure, Step};
use seam::fs::{Lock, Positioned};
use std::{
    cmp::Reverse,
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    fs::OpenOptions,
    time::{Duration, Instant, timeout_at},
};

/// A process's way into the line.
pub(crate) struct Line {
    directory: PathBuf,
    /// Which life of the machine this is.
    boot: u64,
    door: Positioned,
    seats: Vec<Option<Positioned>>,
    /// Where it sat last.
    seat: usize,
    waits: Arc<Mutex<Waits>>,
}

/// The right to write, until it is [`over`](Self::over). Dropped before, it looks like a death to the next one, who takes
/// nothing for granted.
#[must_use]
pub(crate) struct Turn {
    door: Positioned,
    path: PathBuf,
    seat: usize,
    /// Where the next text of the seat goes.
    place: Place,
    sitting: Sitting,
    _lock: Lock,
    pub(crate) table: Table,
    /// Somebody ahead died, perhaps in the midst of a write, and nobody has looked at what it left.
    pub(crate) is_after_death: bool,
}

/// Why there was no turn.
#[derive(Debug)]
pub(crate) enum TakeError {
    Busy { waited: Duration },
    Failed(Failure),
}

pub(crate) const DOOR: &str = "door";

impl Line {
    /// Of the directory, which must be there.
    pub(crate) async fn open(directory: PathBuf, boot: u64, waits: Arc<Mutex<Waits>>) -> Result<Self, Failure> {
        let door = open(&directory, DOOR).await?;
        Ok(Self { directory, boot, door, seats: vec![None; SEATS], seat: 0, waits })
    }

    /// What the door's table says, without waiting for anybody.
    pub(crate) fn reader(&self) -> Positioned {
        self.door.clone()
    }

    /// Waits for those who came before, `wait` at most.
    pub(crate) async fn take(&mut self, wait: Duration) -> Result<Turn, TakeError> {
        let arrived = Instant::now();
        let taken = self.take_until(arrived, arrived + wait).await;
        if let Err(TakeError::Busy { .. }) = taken {
            self.waits().timed_out();
        }
        taken
    }

    async fn take_until(&mut self, arrived: Instant, deadline: Instant) -> Result<Turn, TakeError> {
        let mut turn = self.sit_down(arrived, deadline).await?;
        let mut ahead: Vec<_> = turn.table.sitting(self.boot).filter(|(seat, _)| *seat != turn.seat).collect();
        // Whoever came just before comes just before: those before that one are waited for only if it dies or leaves.
        ahead.sort_by_key(|(_, of)| Reverse(of.ticket().unwrap_or(u64::MAX)));
        for (seat, of) in &ahead {
            match self.wait_for(*seat, *of, deadline).await {
                Ok(Fate::Served) => break,
                Ok(Fate::Left) => {}
                Ok(Fate::Died) => turn.is_after_death = true,
                Err(error) => {
                    turn.end(Stage::Left).await.map_err(TakeError::Failed)?;
                    return Err(error.unwrap_or(TakeError::Busy { waited: arrived.elapsed() }));
                }
            }
        }
        if !ahead.is_empty() {
            turn.table = read(&self.door).await.map_err(|error| self.failed(DOOR, Step::Lock)(error))?;
        }
        self.waits().turn(arrived.elapsed(), !ahead.is_empty());
        Ok(turn)
    }

    /// A ticket and a seat. What is in the table then came before.
    async fn sit_down(&mut self, arrived: Instant, deadline: Instant) -> Result<Turn, TakeError> {
        let busy = || TakeError::Busy { waited: arrived.elapsed() };
        // Nothing but the wait for a lock is ever cut short: a write that goes on by itself might come too late.
        let Ok(door) = timeout_at(deadline, self.door.lock()).await else {
            // The lock may still come, and will be given back then: with another open file than the next one's.
            self.door = open(&self.directory, DOOR).await.map_err(TakeError::Failed)?;
            return Err(busy());
        };
        let _door = door.map_err(self.failed(DOOR, Step::Lock))?;
        let Some((table, lock)) = self.free_seat(deadline).await? else { return Err(busy()) };
        let sitting = Sitting {
            boot: self.boot,
            ticket: table.next_ticket(),
            stage: Stage::Sits,
            ahead: table.taken_seats(self.boot),
            mark: table.newest(self.boot),
        };
        let path = self.directory.join(DOOR);
        let mut turn = Turn {
            door: self.door.clone(),
            path,
            seat: self.seat,
            place: table.next_place(self.seat),
            sitting,
            _lock: lock,
            table,
            is_after_death: false,
        };
        turn.write().await.map_err(TakeError::Failed)?;
        Ok(turn)
    }

    /// The seat of last time, if it is free, or any other; if none is, once the line is shorter. `None`: none was until the
    /// deadline. With what the table said meanwhile; nobody comes in, as the door is locked.
    async fn free_seat(&mut self, deadline: Instant) -> Result<Option<(Table, Lock)>, TakeError> {
        loop {
            let table = read(&self.door).await.map_err(self.failed(DOOR, Step::Lock))?;
            let (free, last) = (table.free_seats(self.boot), self.seat);
            for seat in (0..SEATS).map(|nth| (last + nth) % SEATS).filter(|seat| free & table::bit(*seat) != 0) {
                let file = self.seat_file(seat).await?;
                if let Some(lock) = file.try_lock().await.map_err(self.failed(&name(seat), Step::Lock))? {
                    self.seat = seat;
                    return Ok(Some((table, lock)));
                }
            }
            seam::sometimes!("all seats of the line were taken");
            if Instant::now() >= deadline {
                return Ok(None);
            }
            // If nobody sits, those who waited in vain are about to give back what they waited for.
            let Some((seat, first)) = table.first(self.boot) else { continue };
            match self.wait_for(seat, first, deadline).await {
                Ok(_) => {}
                Err(None) => return Ok(None),
                Err(Some(error)) => return Err(error),
            }
        }
    }

    /// Until whoever sits there is gone from there.
    async fn wait_for(&mut self, seat: usize, of: Seat, deadline: Instant) -> Result<Fate, Option<TakeError>> {
        let Some(_lock) = self.lock_seat(seat, deadline).await? else { return Err(None) };
        let failed = self.failed(DOOR, Step::Lock);
        let table = read(&self.door).await.map_err(failed)?;
        let fate = table.fate(seat, of);
        if fate == Fate::Died {
            self.waits().death();
        }
        match of {
            Seat::Taken(sitting) if fate == Fate::Died => self.strike_out(seat, sitting.ticket, &table).await?,
            // What was said there may have been the newest mark: it is mended once there is a newer one.
            Seat::Taken(_) | Seat::Free | Seat::Garbled => {}
        }
        Ok(fate)
    }

    /// The next ones need not find out again that it is dead.
    async fn strike_out(&self, seat: usize, ticket: u64, table: &Table) -> Result<(), TakeError> {
        let mark = table.newest(self.boot);
        let dead = Sitting { boot: self.boot, ticket, stage: Stage::Died, ahead: 0, mark };
        let written = self.door.write_all_at(table.next_place(seat).at(), dead.bytes()).await;
        written.map_err(self.failed(DOOR, Step::Write))
    }

    async fn lock_seat(&mut self, seat: usize, deadline: Instant) -> Result<Option<Lock>, TakeError> {
        let file = self.seat_file(seat).await?;
        match timeout_at(deadline, file.lock()).await {
            Ok(lock) => lock.map(Some).map_err(self.failed(&name(seat), Step::Lock)),
            Err(_) => {
                self.seats[seat] = None;
                Ok(None)
            }
        }
    }

    async fn seat_file(&mut self, seat: usize) -> Result<Positioned, TakeError> {
        if let Some(file) = &self.seats[seat] {
            return Ok(file.clone());
        }
        let file = open(&self.directory, &name(seat)).await.map_err(TakeError::Failed)?;
        self.seats[seat] = Some(file.clone());
        Ok(file)
    }

    fn waits(&self) -> std::sync::MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, file: &str, step: Step) -> impl FnOnce(io::Error) -> TakeError + use<> {
        let path = self.directory.join(file);
        move |error| TakeError::Failed(Failure::Io { path, step, source: Arc::new(error) })
    }
}

impl Turn {
    /// The newest mark of this life of the machine.
    pub(crate) fn mark(&self) -> Option<Mark> {
        self.table.mark_of(self.sitting.boot)
    }

    /// Tells all that so much is durable.
    pub(crate) async fn note(&mut self, mark: Mark) -> Result<(), Failure> {
        self.sitting.mark = Some((self.sitting.boot, mark));
        self.write().await
    }

    /// Makes the table whole: what was lost of it has been found out, and is noted.
    pub(crate) async fn mend(&mut self) -> Result<(), Failure> {
        let over = Sitting { ticket: 0, stage: Stage::Over, ahead: 0, ..self.sitting };
        for seat in self.table.garbled() {
            let written = self.door.write_all_at(self.table.next_place(seat).at(), over.bytes()).await;
            written.map_err(self.failed())?;
        }
        self.door.set_len(table::LEN as u64).await.map_err(self.failed())
    }

    /// As [`over`](Self::over), with a table that is whole.
    pub(crate) async fn over_mended(mut self, mark: Mark) -> Result<(), Failure> {
        self.note(mark).await?;
        self.is_after_death = false;
        if !self.table.is_whole() {
            self.mend().await?;
        }
        self.leave().await
    }

    /// Gives the turn back, and tells all that so much is durable.
    pub(crate) async fn over(mut self, mark: Mark) -> Result<(), Failure> {
        self.sitting.mark = Some((self.sitting.boot, mark));
        self.leave().await
    }

    /// Gives the turn back. The lock on the seat outlives the write, or another one's entry might be overwritten.
    ///
    /// If somebody has died, and nobody has looked at what it left, the next one has to learn of it: the turn is dropped,
    /// which looks like a death.
    pub(crate) async fn leave(self) -> Result<(), Failure> {
        self.end(Stage::Over).await
    }

    async fn end(mut self, stage: Stage) -> Result<(), Failure> {
        if self.is_after_death {
            return Ok(());
        }
        self.sitting.stage = stage;
        self.write().await?;
        // It is said. In both texts, so that neither, damaged, takes the newest mark with it.
        let _ = self.write().await;
        Ok(())
    }

    async fn write(&mut self) -> Result<(), Failure> {
        let place = self.place;
        self.place = place.next();
        let written = self.door.write_all_at(place.at(), self.sitting.bytes()).await;
        written.map_err(self.failed())
    }

    fn failed(&self) -> impl FnOnce(io::Error) -> Failure + use<> {
        let path = self.path.clone();
        move |error| Failure::Io { path, step: Step::Write, source: Arc::new(error) }
    }
}

/// What the table says now.
pub(crate) async fn read(door: &Positioned) -> io::Result<Table> {
    door.read_at(0, table::LEN).await.map(|bytes| Table::read(&bytes))
}

async fn open(directory: &std::path::Path, file: &str) -> Result<Positioned, Failure> {
    let path = directory.join(file);
    match OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).await {
        Ok(file) => Ok(Positioned::new(file).await),
        Err(error) => Err(Failure::Io { path, step: Step::Open, source: Arc::new(error) }),
    }
}

fn name(seat: usize) -> String {
    format!("seat-{seat:02}")
}
