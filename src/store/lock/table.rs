//! The table of those who stand in line, as bytes of a file. Nobody relies on it after a power loss: an entry says in which
//! life of the machine it was written.

/// How many may stand in line; more wait at the door.
pub(super) const SEATS: usize = 64;
/// The seat of the one who syncs. Nobody waits in it.
pub(super) const SYNCS: usize = SEATS;
/// A text of a seat, in bytes. Each seat has two, which are written in turns: a write that fails half way, or is read half
/// way, leaves the one before.
const TEXT: usize = 64;
const TEXTS: usize = 2;
/// All texts of a seat, in bytes.
pub(super) const PLACE: usize = TEXTS * TEXT;
/// A place that nobody has written.
const UNWRITTEN: [u8; PLACE] = [0; PLACE];
/// In bytes.
pub(super) const LEN: usize = (SYNCS + 1) * PLACE;

/// What the seats say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// Those that are not free, by number.
    seats: Vec<Said>,
    /// Fewer bytes than there are seats for: nobody has written all of it yet, or something was cut off.
    is_short: bool,
    /// Some text is not one that somebody wrote.
    has_torn: bool,
}

/// What one seat says, and which of its texts says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Said {
    number: usize,
    seat: Seat,
    text: usize,
}

/// What one seat says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seat {
    /// Nobody has sat here.
    Free,
    Taken(Sitting),
    /// Something that nobody wrote, or that is being written now.
    Garbled,
}

/// Ticket, stage, mark, what is behind it: what is newer is greater.
type Age = (u64, Stage, Option<(u64, Mark)>, u64);

/// Somebody who sits, or sat, in a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sitting {
    /// Which life of the machine.
    pub(super) boot: u64,
    pub(super) ticket: u64,
    pub(super) stage: Stage,
    /// The seats of those who came before, a bit each.
    pub(super) ahead: u64,
    /// The newest that was known when this was written, and the life in which it was marked.
    pub(super) mark: Option<(u64, Mark)>,
    /// So many bytes behind the mark were written too when this was, and perhaps are not on the disk.
    pub(super) behind: u64,
}

/// How far one who sat down has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// It waits for its turn, or has it; or it syncs.
    Sits = 1,
    /// It has had its turn; or what was written is synced.
    Over = 2,
    /// It died here, as another one has found. All who waited for it have to know.
    Died = 3,
}

/// What became of one who sat down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It had its turn, and so had all before it.
    Served,
    /// It has left; those before it may still wait.
    Left,
    /// It died, perhaps in its turn.
    Died,
}

/// A file that was on the disk, with its name, up to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// Which file.
    pub(crate) generation: u64,
    /// In bytes.
    pub(crate) len: u64,
}

impl Table {
    /// A shorter text's missing seats are free.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let places = bytes.chunks(PLACE).take(SYNCS + 1).enumerate();
        // Most have never been written, and to see that is most of the reading.
        let written = places.filter(|(_, texts)| **texts != UNWRITTEN[..texts.len()]);
        let mut has_torn = false;
        let seats = written.filter_map(|(number, texts)| {
            let texts =
                texts.chunks(TEXT).map(Seat::read).inspect(|seat| has_torn |= *seat == Seat::Garbled).enumerate();
            let (text, seat) = texts.max_by_key(|(nth, seat)| (seat.age(), *nth))?;
            (seat != Seat::Free).then_some(Said { number, seat, text })
        });
        Self { seats: seats.collect(), is_short: bytes.len() < LEN, has_torn }
    }

    /// Whether some text is not one that somebody wrote: it is being written, or was left half written.
    pub(super) fn has_torn(&self) -> bool {
        self.has_torn
    }

    fn seat(&self, number: usize) -> Seat {
        self.said(number).map_or(Seat::Free, |said| said.seat)
    }

    fn said(&self, number: usize) -> Option<&Said> {
        self.seats.iter().find(|said| said.number == number)
    }

    /// Whether nothing of it is lost. Else the newest mark may be: what is marked was durable then, and more may be.
    pub(crate) fn is_whole(&self) -> bool {
        !self.is_short && self.garbled().next().is_none()
    }

    /// Seats neither of whose texts is one.
    pub(crate) fn garbled(&self) -> impl Iterator<Item = usize> {
        self.seats.iter().filter(|said| said.seat == Seat::Garbled).map(|said| said.number)
    }

    /// Where the seat's next text goes.
    pub(super) fn next_place(&self, seat: usize) -> Place {
        Place { seat, text: self.said(seat).map_or(0, |said| (said.text + 1) % TEXTS) }
    }

    /// Who sat down in this life, by seat, and has not said that it is over.
    pub(crate) fn sitting(&self, boot: u64) -> impl Iterator<Item = (usize, Seat)> {
        let sits = move |said: &&Said| match said.seat {
            Seat::Free => false,
            Seat::Taken(sitting) => sitting.boot == boot && sitting.stage == Stage::Sits,
            Seat::Garbled => true,
        };
        self.seats.iter().filter(|said| said.number < SEATS).filter(sits).map(|said| (said.number, said.seat))
    }

    /// What became of the one who sat there then, whose lock on the seat is gone.
    pub(super) fn fate(&self, seat: usize, then: Seat) -> Fate {
        match self.seat(seat) {
            Seat::Taken(now) if Some(now.ticket) == then.ticket() => match now.stage {
                Stage::Sits | Stage::Died => Fate::Died,
                Stage::Over => Fate::Served,
            },
            Seat::Garbled => Fate::Died,
            // It was waited for, so nobody has sat there since: it had lost its text, and has it again.
            Seat::Taken(_) | Seat::Free => Fate::Left,
        }
    }

    /// The seats in which somebody sits, a bit each.
    pub(super) fn taken_seats(&self, boot: u64) -> u64 {
        self.sitting(boot).fold(0, |seats, (seat, _)| seats | bit(seat))
    }

    /// The seats that nobody sits in or waits for. Whoever took one that somebody waits for, because of who sat there
    /// before, would be waited for by one whom it waits for.
    pub(super) fn free_seats(&self, boot: u64) -> u64 {
        let waited_for = self.sitting(boot).fold(0, |seats, (_, seat)| match seat {
            Seat::Taken(sitting) => seats | sitting.ahead,
            Seat::Free | Seat::Garbled => seats,
        });
        !(waited_for | self.taken_seats(boot))
    }

    /// The seat of the one who came first of those who sit.
    pub(super) fn first(&self, boot: u64) -> Option<(usize, Seat)> {
        let known = self.sitting(boot).filter(|(_, seat)| seat.ticket().is_some());
        known.min_by_key(|(_, seat)| seat.ticket())
    }

    /// Greater than all there are.
    pub(super) fn next_ticket(&self) -> u64 {
        let tickets = self.seats.iter().filter(|said| said.number < SEATS).filter_map(|said| said.seat.ticket());
        tickets.max().map_or(1, |ticket| ticket + 1)
    }

    /// Whether somebody began to sync in this life of the machine, and has not said how it ended. If nobody syncs now, any
    /// of what is behind the mark may be in memory alone, and no later sync tells of it.
    pub(super) fn is_sync_open(&self, boot: u64) -> bool {
        match self.seat(SYNCS) {
            Seat::Free => false,
            Seat::Taken(last) => last.boot == boot && last.stage != Stage::Over,
            Seat::Garbled => true,
        }
    }

    /// The seat of the one who syncs.
    pub(super) fn syncs(&self) -> Seat {
        self.seat(SYNCS)
    }

    /// How far the log was written in turns that were over, in this life of the machine.
    pub(super) fn written(&self, boot: u64) -> Option<Mark> {
        self.taken().filter_map(|sitting| sitting.written(boot)).max()
    }

    /// The newest that was marked in this life of the machine.
    pub(crate) fn mark_of(&self, boot: u64) -> Option<Mark> {
        self.marks().filter(|(of, _)| *of == boot).map(|(_, mark)| mark).max()
    }

    /// The newest that was marked in any.
    pub(crate) fn mark(&self) -> Option<Mark> {
        self.marks().map(|(_, mark)| mark).max()
    }

    /// The one that a seat goes on with when its text is written anew.
    pub(super) fn newest(&self, boot: u64) -> Option<(u64, Mark)> {
        self.marks().max_by_key(|(of, mark)| (*of == boot, *mark))
    }

    fn marks(&self) -> impl Iterator<Item = (u64, Mark)> {
        self.taken().filter_map(|sitting| sitting.mark)
    }

    fn taken(&self) -> impl Iterator<Item = &Sitting> {
        self.seats.iter().filter_map(|said| match &said.seat {
            Seat::Taken(sitting) => Some(sitting),
            Seat::Free | Seat::Garbled => None,
        })
    }
}

impl Seat {
    fn read(bytes: &[u8]) -> Self {
        let word =
            |nth: usize| bytes.get(8 * nth..).and_then(<[u8]>::first_chunk).copied().map_or(0, u64::from_le_bytes);
        if *bytes == UNWRITTEN[..bytes.len()] {
            return Self::Free;
        }
        if bytes.len() < TEXT || word(7) != checksum(bytes) {
            return Self::Garbled;
        }
        Self::Taken(Sitting {
            boot: word(0),
            ticket: word(1),
            stage: match word(2) & 0xff {
                1 => Stage::Sits,
                2 => Stage::Over,
                _ => Stage::Died,
            },
            ahead: word(6),
            behind: word(2) >> 8,
            mark: (word(3) > 0).then(|| (word(5), Mark { generation: word(3), len: word(4) })),
        })
    }
}

impl Seat {
    /// What is newer is greater.
    fn age(&self) -> Option<Age> {
        match self {
            Self::Taken(sitting) => Some((sitting.ticket, sitting.stage, sitting.mark, sitting.behind)),
            Self::Free | Self::Garbled => None,
        }
    }

    pub(crate) fn ticket(&self) -> Option<u64> {
        match self {
            Self::Taken(sitting) => Some(sitting.ticket),
            Self::Free | Self::Garbled => None,
        }
    }
}

impl Sitting {
    /// With all that the table knows of the log.
    pub(super) fn of(table: &Table, boot: u64, ticket: u64, stage: Stage) -> Self {
        let mut sitting = Self { boot, ticket, stage, ahead: 0, mark: table.newest(boot), behind: 0 };
        if let (Some(mark), Some(written)) = (table.mark_of(boot), table.written(boot)) {
            sitting.says(mark, written);
        }
        sitting
    }

    fn written(&self, boot: u64) -> Option<Mark> {
        let mark = self.mark.filter(|(of, _)| *of == boot).map(|(_, mark)| mark);
        mark.map(|mark| Mark { len: mark.len + self.behind, ..mark })
    }

    /// Says that so much is written; `durable` is the newest mark.
    pub(super) fn says(&mut self, durable: Mark, written: Mark) {
        self.mark = Some((self.boot, durable));
        let is_same = durable.generation == written.generation;
        self.behind = if is_same { written.len.saturating_sub(durable.len) } else { 0 };
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let (marked_in, mark) = self.mark.unwrap_or((0, Mark { generation: 0, len: 0 }));
        let stage = self.stage as u64 | self.behind << 8;
        let words = [self.boot, self.ticket, stage, mark.generation, mark.len, marked_in, self.ahead];
        let mut bytes: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
        bytes.extend(checksum(&bytes).to_le_bytes());
        bytes
    }
}

/// Those texts that are not ones that somebody wrote, by number.
pub(super) fn torn(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    bytes.chunks(TEXT).enumerate().filter(|(_, text)| Seat::read(text) == Seat::Garbled)
}

pub(super) fn bit(seat: usize) -> u64 {
    1 << seat
}

/// Where a seat's texts stand, in bytes.
pub(crate) fn place(seat: usize) -> u64 {
    (seat * PLACE) as u64
}

/// Where a text of a seat stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    seat: usize,
    text: usize,
}

impl Place {
    /// In bytes.
    pub(super) fn at(self) -> u64 {
        ((self.seat * TEXTS + self.text) * TEXT) as u64
    }

    /// Where the next one goes.
    pub(super) fn next(self) -> Self {
        Self { text: (self.text + 1) % TEXTS, ..self }
    }
}

/// Never 0.
fn checksum(text: &[u8]) -> u64 {
    u64::from(crc32fast::hash(&text[..TEXT - 8])) | 1 << 32
}
