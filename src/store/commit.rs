//! What requests that are written with one sync come to.

use super::{
    change::{Receipt, Request},
    effect::Effects,
    entry::Record,
    error::{Refusal, WriteError},
    frame::{self, Frame, Kind},
    item::Version,
    payload::Encoding,
    plan::{Draft, Planned},
};

/// The most that the changes of one request may come to, in bytes.
pub(super) const REQUEST_BYTES_MAX: usize = 8 << 20;

/// One frame for each request that changes something.
pub(super) struct Commit {
    encoding: Encoding,
    answers: Vec<Answer>,
    pub(super) entries: Vec<(u64, Effects)>,
    pub(super) bytes: Vec<u8>,
}

enum Answer {
    Refused(Refusal),
    /// It was true before.
    Before(Receipt),
    /// It is true once this is written.
    New(Receipt),
}

impl Commit {
    /// `durable`: all of the log up to there is on the disk.
    pub(super) fn of(requests: &[Request], mut draft: Draft<'_>, encoding: Encoding, durable: u64) -> Self {
        let mut commit = Self { encoding, answers: Vec::new(), entries: Vec::new(), bytes: Vec::new() };
        for request in requests {
            let answer = commit.add(request, &mut draft, durable).unwrap_or_else(Answer::Refused);
            commit.answers.push(answer);
        }
        commit
    }

    fn add(&mut self, request: &Request, draft: &mut Draft<'_>, durable: u64) -> Result<Answer, Refusal> {
        let (seq, entry) = match draft.plan(request)? {
            Planned::New(first, entry) => (first, entry),
            Planned::Twin(receipt) => return Ok(Answer::New(receipt)),
            Planned::Before(receipt) => return Ok(Answer::Before(receipt)),
        };
        let payload = self.encoding.encode(&entry);
        if payload.len() > REQUEST_BYTES_MAX {
            return Err(Refusal::TooLarge { bytes: payload.len(), bytes_max: REQUEST_BYTES_MAX });
        }
        draft.accept();
        let (kind, encoding) = (Kind::Entry, self.encoding);
        frame::put(&mut self.bytes, Frame { kind, encoding, seq, durable, payload: &payload });
        let receipt = Receipt { first: Version(seq), items: entry.records.iter().map(Record::item).collect() };
        self.entries.push((seq, Effects::of(&entry)));
        Ok(Answer::New(receipt))
    }

    /// What each request is answered, when it was written, or not. `is_known`: what it was decided by is durable even so.
    pub(super) fn answers(self, written: Result<(), WriteError>, is_known: bool) -> Vec<Result<Receipt, WriteError>> {
        let answer = |answer| match (answer, &written) {
            (Answer::New(_), Err(error)) => Err(error.clone()),
            (_, Err(error)) if !is_known => Err(error.clone()),
            (Answer::Refused(refusal), _) => Err(WriteError::Refused(refusal)),
            (Answer::Before(receipt), _) | (Answer::New(receipt), Ok(())) => Ok(receipt),
        };
        self.answers.into_iter().map(answer).collect()
    }
}
