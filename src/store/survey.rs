//! Goes over all bytes of a log, beyond damaged places: what is whole, and what is not. Knows bytes only.

use super::{
    effect::Effects,
    entry::{Begin, Entry, Part},
    frame::{self, Frame, Kind, Next},
    head::is_whole,
    lock::Mark,
    state::State,
};

/// What a log's bytes come to.
pub(super) struct Survey {
    mark: Option<Mark>,
    pub(super) begin: Option<Begin>,
    /// What the whole frames come to. Behind a damaged place it lacks what stood there.
    pub(super) state: State,
    /// How many entries are whole.
    pub(super) entries: u64,
    /// How many of them stand behind a damaged place.
    pub(super) entries_behind: u64,
    /// Where the last whole frame ends.
    pub(super) end: u64,
    /// Damaged places, and what is wrong there.
    pub(super) damage: Vec<(u64, &'static str)>,
    /// Where something was begun, and not brought to its end: no damage, as nobody was told that it is written.
    pub(super) torn: Option<u64>,
}

impl Survey {
    /// Of a whole file. `mark`: what was durable for sure once.
    pub(super) fn of(bytes: &[u8], mark: Option<Mark>) -> Self {
        let mut survey = Self {
            mark,
            begin: None,
            state: State::new(),
            entries: 0,
            entries_behind: 0,
            end: 0,
            damage: Vec::new(),
            torn: None,
        };
        let mut at = 0;
        while let Some(next) = survey.step(bytes, at) {
            at = next;
        }
        survey
    }

    /// What stands at `at`, and where to go on.
    fn step(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = &bytes[at..];
        let (what, next) = match frame::next(rest) {
            Next::Frame(frame) => match self.take(at, frame) {
                Ok(()) => {
                    self.end = (at + frame.len()) as u64;
                    return Some(at + frame.len());
                }
                Err(what) => (what, Some(at + frame.len())),
            },
            Next::Nothing => ("nothing is here", None),
            Next::Longer => ("the file ends within a frame", None),
            Next::Broken(what) => (what, None),
        };
        let next = next.or_else(|| frame::search(rest).map(|(skipped, _)| at + skipped));
        let is_in_base = self.damage.is_empty() && self.is_expected(Kind::Part);
        if is_in_base || (at as u64) < self.marked() || frame::was_durable(rest, at as u64, self.state.seq) {
            self.damage.push((at as u64, what));
            return next;
        }
        self.torn = rest.iter().position(|byte| *byte != 0).map(|skipped| (at + skipped) as u64);
        None
    }

    /// Where what was marked of this file ends. If nobody can tell which generation it is, it is the marked one.
    fn marked(&self) -> u64 {
        let is_other = |mark: &Mark| self.begin.is_some_and(|begin| begin.generation != mark.generation);
        self.mark.filter(|mark| !is_other(mark)).map_or(0, |mark| mark.len)
    }

    fn take(&mut self, at: usize, frame: Frame<'_>) -> Result<(), &'static str> {
        match frame.kind {
            Kind::Begin if at == 0 => self.begin(frame),
            Kind::Part if self.is_expected(Kind::Part) => self.part(frame),
            Kind::Entry if self.is_expected(Kind::Entry) => self.entry(frame),
            Kind::Begin | Kind::Part | Kind::Entry => Err("the frame is of another kind"),
        }
    }

    /// First come the parts of what the file begins with, then entries. Behind a damaged place anything may come.
    fn is_expected(&self, kind: Kind) -> bool {
        let is_whole = self.begin.is_some_and(|begin| is_whole(&self.state, begin));
        !self.damage.is_empty() || is_whole == (kind == Kind::Entry)
    }

    fn begin(&mut self, frame: Frame<'_>) -> Result<(), &'static str> {
        let begin = frame.read()?;
        self.begin = Some(begin);
        self.state = State::begun(begin, frame.seq);
        Ok(())
    }

    fn part(&mut self, frame: Frame<'_>) -> Result<(), &'static str> {
        let part = frame.read::<Part>()?;
        if self.begin.is_some() && frame.seq != self.state.seq {
            return Err("this part is of another state");
        }
        self.state.seq = frame.seq;
        self.state.add(part);
        Ok(())
    }

    fn entry(&mut self, frame: Frame<'_>) -> Result<(), &'static str> {
        let follows = frame.seq == self.state.seq + 1;
        if !follows && (self.damage.is_empty() || frame.seq <= self.state.seq) {
            return Err("the frame's number does not follow the one before");
        }
        let entry = Effects::of(&frame.read::<Entry>()?);
        self.state.seq = frame.seq - 1;
        self.state.apply(frame.seq, entry);
        self.entries += 1;
        self.entries_behind += u64::from(!self.damage.is_empty());
        Ok(())
    }
}
