//! The table of those who stand in line, as bytes of a file. Nobody relies on it after a power loss: an entry says in which
//! life of the machine it was written.

/// How many may stand in line; more wait at the door.
pub(super) const SEATS: usize = 32;
const ENTRY: usize = 64;
/// In bytes.
pub(super) const LEN: usize = SEATS * ENTRY;

/// What the seats say.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    seats: Vec<Seat>,
}

/// What one seat says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seat {
    /// Nobody has sat here.
    Free,
    Taken(Sitting),
    /// Something that nobody wrote, or that is being written now.
    Garbled,
}

/// Somebody who sits, or sat, in a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sitting {
    /// Which life of the machine.
    pub(super) boot: u64,
    pub(super) ticket: u64,
    pub(super) is_over: bool,
    /// The newest that was known when this was written, and the life in which it was marked.
    pub(super) mark: Option<(u64, Mark)>,
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
        let mut whole = bytes.to_vec();
        whole.resize(LEN, 0);
        Self { seats: whole.chunks_exact(ENTRY).map(Seat::read).collect() }
    }

    /// Who sat down in this life, by seat, and has not said that it is over.
    pub(super) fn sitting(&self, boot: u64) -> impl Iterator<Item = (usize, Seat)> {
        self.seats.iter().copied().enumerate().filter(move |(_, seat)| match seat {
            Seat::Free => false,
            Seat::Taken(sitting) => sitting.boot == boot && !sitting.is_over,
            Seat::Garbled => true,
        })
    }

    pub(super) fn is_sitting(&self, seat: usize, boot: u64) -> bool {
        self.sitting(boot).any(|(nth, _)| nth == seat)
    }

    /// Greater than all there are.
    pub(super) fn next_ticket(&self) -> u64 {
        self.taken().map(|sitting| sitting.ticket).max().map_or(1, |ticket| ticket + 1)
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
        self.seats.iter().filter_map(|seat| match seat {
            Seat::Taken(sitting) => Some(sitting),
            Seat::Free | Seat::Garbled => None,
        })
    }
}

impl Seat {
    fn read(bytes: &[u8]) -> Self {
        let word =
            |nth: usize| bytes.get(8 * nth..).and_then(<[u8]>::first_chunk).copied().map_or(0, u64::from_le_bytes);
        if bytes.iter().all(|byte| *byte == 0) {
            return Self::Free;
        }
        if word(7) != checksum(bytes) {
            return Self::Garbled;
        }
        Self::Taken(Sitting {
            boot: word(0),
            ticket: word(1),
            is_over: word(2) == 1,
            mark: (word(3) > 0).then(|| (word(5), Mark { generation: word(3), len: word(4) })),
        })
    }
}

impl Seat {
    pub(super) fn ticket(&self) -> Option<u64> {
        match self {
            Self::Taken(sitting) => Some(sitting.ticket),
            Self::Free | Self::Garbled => None,
        }
    }
}

impl Sitting {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let (marked_in, mark) = self.mark.unwrap_or((0, Mark { generation: 0, len: 0 }));
        let words = [self.boot, self.ticket, u64::from(self.is_over), mark.generation, mark.len, marked_in, 0];
        let mut bytes: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
        bytes.extend(checksum(&bytes).to_le_bytes());
        bytes
    }
}

/// Where a seat's entry stands.
pub(super) fn place(seat: usize) -> u64 {
    (seat * ENTRY) as u64
}

/// Never 0.
fn checksum(entry: &[u8]) -> u64 {
    u64::from(crc32fast::hash(&entry[..ENTRY - 8])) | 1 << 32
}
