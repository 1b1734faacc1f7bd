//! The line: a ticket for each who comes, a locked seat for each who waits. The kernel gives back what the dead had
//! locked, so whoever waits for a seat waits for its owner's turn or its death, and sleeps meanwhile.
//!
//! A ticket lock (Reed and Kanodia, 1979, eventcounts and sequencers) in which one waits for those ahead one by one, as in
//! the queue of Craig, Landin and Hagersten, so that a waiter's death is noticed.

use super::{
    contention::Waits,
    marking::{Marker, SYNC},
    table::{self, Fate, Mark, Place, SEATS, Seat, Sitting, Stage, Table},
};
use crate::store::{
    error::{Failure, Step},
    events,
};
use seam::fs::{Lock, Positioned};
use std::{
    cmp::Reverse,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    fs::OpenOptions,
    time::{Duration, Instant, timeout},
};

/// A process's way into the line.
pub(crate) struct Line {
    directory: Arc<Path>,
    /// Which life of the machine this is.
    boot: u64,
    door: Positioned,
    /// Of the one who syncs.
    sync: Positioned,
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
    directory: Arc<Path>,
    seat: usize,
    /// Where the next text of the seat goes.
    place: Place,
    sitting: Sitting,
    _lock: Lock,
    pub(crate) table: Table,
    /// What was marked in the turn.
    known: Option<Mark>,
    /// Somebody came before, and was waited for.
    pub(crate) has_waited: bool,
    /// Somebody ahead died, perhaps in the midst of a write, and nobody has looked at what it left.
    pub(crate) is_after_death: bool,
}

/// A place in the line.
#[must_use]
pub(crate) struct Waiting {
    turn: Turn,
    /// Those who came before, the last one first.
    ahead: Vec<(usize, Seat)>,
    arrived: Instant,
}

pub(crate) const DOOR: &str = "door";

impl Line {
    /// Of the directory, which must be there.
    pub(crate) async fn open(directory: PathBuf, boot: u64, waits: Arc<Mutex<Waits>>) -> Result<Self, Failure> {
        let door = open(&directory, DOOR).await?;
        let sync = open(&directory, SYNC).await?;
        Ok(Self { directory: directory.into(), boot, door, sync, seats: vec![None; SEATS], seat: 0, waits })
    }

    /// The way to the mark, for whoever has written.
    pub(crate) fn marker(&self) -> Marker {
        let Self { directory, boot, door, sync, .. } = self;
        Marker { directory: directory.clone(), boot: *boot, door: door.clone(), file: sync.clone() }
    }

    /// What the door's table says, without waiting for anybody.
    pub(crate) fn reader(&self) -> Positioned {
        self.door.clone()
    }

    /// A place behind those who came before. Dropped, or if waiting there fails, it looks like a death.
    pub(crate) async fn join(&mut self) -> Result<Waiting, Failure> {
        let arrived = Instant::now();
        let turn = self.sit_down().await?;
        let mut ahead: Vec<_> = turn.table.sitting(self.boot).filter(|(seat, _)| *seat != turn.seat).collect();
        // Whoever came just before comes just before: those before that one are waited for only if it dies or leaves.
        ahead.sort_by_key(|(_, of)| Reverse(of.ticket().unwrap_or(u64::MAX)));
        Ok(Waiting { turn, ahead, arrived })
    }

    /// Until one is left, most likely; `false`: there were no more.
    pub(crate) async fn until_one_is_left(&mut self, waiting: &mut Waiting) -> Result<bool, Failure> {
        let Some((seat, of)) = waiting.ahead.get(1).copied() else { return Ok(false) };
        let (fate, _) = self.wait_for(seat, of).await?;
        waiting.turn.is_after_death |= fate == Fate::Died;
        Ok(true)
    }

    /// Waits for those who came before, as long as they live.
    pub(crate) async fn turn(&mut self, waiting: Waiting) -> Result<Turn, Failure> {
        let Waiting { mut turn, ahead, arrived } = waiting;
        for (seat, of) in &ahead {
            let (fate, table) = self.wait_for(*seat, *of).await?;
            turn.table = table;
            match fate {
                Fate::Served => break,
                Fate::Left => {}
                Fate::Died => turn.is_after_death = true,
            }
        }
        turn.has_waited = !ahead.is_empty();
        self.waits().turn(arrived.elapsed(), turn.has_waited);
        events::turn(turn.sitting.ticket);
        Ok(turn)
    }

    /// The only turn that is taken with it, if it comes in time. One that comes too late is dropped.
    pub(crate) async fn take_within(mut self, wait: Duration) -> Result<Turn, Failure> {
        match timeout(
            wait,
            seam::fs::run(async move {
                let waiting = self.join().await?;
                self.turn(waiting).await
            }),
        )
        .await
        {
            Ok(taken) => taken.unwrap_or(Err(Failure::Closed)),
            Err(_) => Err(Failure::Busy { waited: wait }),
        }
    }

    /// A ticket and a seat. What is in the table then came before.
    async fn sit_down(&mut self) -> Result<Turn, Failure> {
        let _door = lock(&self.door).await.map_err(self.failed(DOOR, Step::Lock))?;
        let (table, lock, is_after_death) = self.free_seat().await?;
        // Whoever sat here may have been the last one to write.
        let known = Sitting::of(&table, self.boot, table.next_ticket(), Stage::Sits);
        let sitting = Sitting { ahead: table.taken_seats(self.boot), ..known };
        let mut turn = Turn {
            door: self.door.clone(),
            directory: self.directory.clone(),
            seat: self.seat,
            place: table.next_place(self.seat),
            sitting,
            _lock: lock,
            table,
            known: None,
            has_waited: false,
            is_after_death,
        };
        turn.write().await?;
        Ok(turn)
    }

    /// The seat of last time, if it is free, or any other; if none is, once the line is shorter. With what the table said
    /// then, as nobody comes in while the door is locked, and whether somebody died meanwhile.
    async fn free_seat(&mut self) -> Result<(Table, Lock, bool), Failure> {
        let mut is_after_death = false;
        loop {
            let table = read(&self.door).await.map_err(self.failed(DOOR, Step::Lock))?;
            let (free, last) = (table.free_seats(self.boot), self.seat);
            for seat in (0..SEATS).map(|nth| (last + nth) % SEATS).filter(|seat| free & table::bit(*seat) != 0) {
                let file = self.seat_file(seat).await?;
                if let Some(lock) = file.try_lock().await.map_err(self.failed(&name(seat), Step::Lock))? {
                    self.seat = seat;
                    return Ok((table, lock, is_after_death));
                }
            }
            seam::sometimes!("all seats of the line were taken");
            // If nobody sits, those who waited in vain are about to give back what they waited for.
            if let Some((seat, first)) = table.first(self.boot) {
                is_after_death |= self.wait_for(seat, first).await?.0 == Fate::Died;
            }
        }
    }

    /// Until whoever sits there is gone from there; and what the table says then.
    async fn wait_for(&mut self, seat: usize, of: Seat) -> Result<(Fate, Table), Failure> {
        let file = self.seat_file(seat).await?;
        let _lock = lock(&file).await.map_err(self.failed(&name(seat), Step::Lock))?;
        let table = read(&self.door).await.map_err(self.failed(DOOR, Step::Lock))?;
        let fate = table.fate(seat, of);
        if fate == Fate::Died {
            self.waits().death();
        }
        match of {
            Seat::Taken(sitting) if fate == Fate::Died => self.strike_out(seat, sitting.ticket, &table).await?,
            // What was said there may have been the newest mark: it is mended once there is a newer one.
            Seat::Taken(_) | Seat::Free | Seat::Garbled => {}
        }
        Ok((fate, table))
    }

    /// The next ones need not find out again that it is dead.
    async fn strike_out(&self, seat: usize, ticket: u64, table: &Table) -> Result<(), Failure> {
        let dead = Sitting::of(table, self.boot, ticket, Stage::Died);
        let written = self.door.write_all_at(table.next_place(seat).at(), dead.bytes()).await;
        written.map_err(self.failed(DOOR, Step::Write))
    }

    async fn seat_file(&mut self, seat: usize) -> Result<Positioned, Failure> {
        if let Some(file) = &self.seats[seat] {
            return Ok(file.clone());
        }
        let file = open(&self.directory, &name(seat)).await?;
        self.seats[seat] = Some(file.clone());
        Ok(file)
    }

    fn waits(&self) -> std::sync::MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, file: &str, step: Step) -> impl FnOnce(io::Error) -> Failure {
        failed(&self.directory, file, step)
    }
}

impl Turn {
    /// The newest mark of this life of the machine that is known.
    pub(crate) fn mark(&self) -> Option<Mark> {
        self.table.mark_of(self.sitting.boot).max(self.known)
    }

    /// It was marked in this turn.
    pub(crate) fn knows(&mut self, mark: Mark) {
        self.known = Some(mark);
    }

    /// How far the log was written in the turns before.
    pub(crate) fn written(&self) -> Option<Mark> {
        self.table.written(self.sitting.boot)
    }

    /// Makes the table whole: what was lost of it has been found out, and is noted.
    pub(crate) async fn mend(&mut self) -> Result<(), Failure> {
        let over = Sitting { ticket: 0, stage: Stage::Over, ahead: 0, ..self.sitting };
        // The mark's own is mended by whoever notes one.
        for seat in self.table.garbled().filter(|seat| *seat < SEATS) {
            let written = self.door.write_all_at(self.table.next_place(seat).at(), over.bytes()).await;
            written.map_err(self.failed())?;
        }
        self.door.set_len(table::LEN as u64).await.map_err(self.failed())
    }

    /// As [`over`](Self::over), with a table that is whole.
    pub(crate) async fn over_mended(mut self, marker: &Marker, durable: Mark) -> Result<(), Failure> {
        marker.take().await?.note(durable).await?;
        self.knows(durable);
        self.is_after_death = false;
        if !self.table.is_whole() {
            self.mend().await?;
        }
        // What is marked is done; if nobody is told that it was a turn's end, it looks like a death.
        let _ = self.over(durable).await;
        Ok(())
    }

    /// As [`over`](Self::over), and tells all that so much is durable. While nothing else is written that is not, nobody
    /// else moves the mark.
    pub(crate) async fn over_durable(mut self, durable: Mark) -> Result<(), Failure> {
        self.knows(durable);
        self.over(durable).await?;
        // It is said. In both texts, so that neither, damaged, takes the newest mark with it.
        let _ = self.write().await;
        Ok(())
    }

    /// Tells the next one that the turn is over, as soon as it is dropped, and how far the log is written.
    pub(crate) async fn over(&mut self, written: Mark) -> Result<(), Failure> {
        self.sitting.says(self.mark().unwrap_or(written), written);
        self.sitting.stage = Stage::Over;
        self.write().await
    }

    /// Gives the turn back. The lock on the seat outlives the write, or another one's entry might be overwritten.
    ///
    /// If somebody has died, and nobody has looked at what it left, the next one has to learn of it: the turn is dropped,
    /// which looks like a death. So does a turn whose end cannot be written down: that costs the next one a look.
    pub(crate) async fn leave(mut self) {
        if !self.is_after_death {
            self.sitting.stage = Stage::Over;
            let _ = self.write().await;
        }
    }

    async fn write(&mut self) -> Result<(), Failure> {
        let written = self.door.write_all_at(self.place.at(), self.sitting.bytes()).await;
        written.map_err(self.failed())?;
        // What could not be written is torn: the other text stays whole.
        self.place = self.place.next();
        Ok(())
    }

    fn failed(&self) -> impl FnOnce(io::Error) -> Failure {
        failed(&self.directory, DOOR, Step::Write)
    }
}

/// What the table says now.
pub(crate) async fn read(door: &Positioned) -> io::Result<Table> {
    read_part(door, 0, table::LEN).await
}

/// What these texts of it say now.
///
/// A text that is read while it is written is torn, and the one beside it was read before, or since: if that has been written too,
/// neither is the newest, and whoever wrote them twice meanwhile seems never to have come. So as long as what is torn
/// changes, it is being written, and all is read again; what then stays torn was left so.
pub(super) async fn read_part(door: &Positioned, at: u64, len: usize) -> io::Result<Table> {
    let mut bytes = door.read_at(at, len).await?;
    loop {
        let table = Table::read(&bytes);
        if !table.has_torn() {
            return Ok(table);
        }
        let again = door.read_at(at, len).await?;
        if table::torn(&again).eq(table::torn(&bytes)) {
            return Ok(Table::read(&again));
        }
        bytes = again;
    }
}

/// A signal that the process gets meanwhile is nobody's failure.
pub(super) async fn lock(file: &Positioned) -> io::Result<Lock> {
    loop {
        match file.lock().await {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            locked => return locked,
        }
    }
}

async fn open(directory: &Path, file: &str) -> Result<Positioned, Failure> {
    let path = directory.join(file);
    match OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).await {
        Ok(file) => Ok(Positioned::new(file).await),
        Err(error) => Err(Failure::Io { path, step: Step::Open, source: Arc::new(error) }),
    }
}

pub(super) fn failed(directory: &Path, file: &str, step: Step) -> impl FnOnce(io::Error) -> Failure {
    move |error| Failure::Io { path: directory.join(file), step, source: Arc::new(error) }
}

fn name(seat: usize) -> String {
    format!("seat-{seat:02}")
}
