//! How the file of a generation begins: what it is, and the state as of its making. Reads only.

use super::{
    cursor::{At, Cursor},
    entry::{Begin, Part},
    error::{Corruption, ReadError},
    frame::Kind,
    paths::unread,
    payload::FORMAT,
    state::State,
};
use seam::fs::Positioned;
use serde::de::DeserializeOwned;
use std::path::Path;
use tokio::fs::File;

/// An open file, and its first frame.
pub(super) struct Head {
    pub(super) file: Positioned,
    pub(super) begin: Begin,
    /// The number of the last record before.
    pub(super) seq: u64,
    /// Where its first part stands.
    parts_at: u64,
}

impl Head {
    pub(super) async fn of(file: File, path: &Path) -> Result<Self, ReadError> {
        let file = Positioned::new(file).await;
        let mut cursor = Cursor::new(&file, 0, u64::MAX);
        let (place, begin) = read::<Begin>(&mut cursor, path, Kind::Begin).await?;
        if begin.format > FORMAT {
            return Err(ReadError::Format { path: path.to_owned(), found: begin.format, known: FORMAT });
        }
        let parts_at = cursor.at();
        Ok(Self { file, begin, seq: place.seq, parts_at })
    }

    /// The state that the file begins with, and where it ends.
    pub(super) async fn state(&self, path: &Path) -> Result<(State, u64), ReadError> {
        let mut cursor = Cursor::new(&self.file, self.parts_at, u64::MAX);
        let mut state = State::begun(self.begin, self.seq);
        while !is_whole(&state, self.begin) {
            let (place, part) = read::<Part>(&mut cursor, path, Kind::Part).await?;
            if place.seq != state.seq {
                return corrupt(path, place.at, "this part is of another state");
            }
            state.add(part);
        }
        Ok((state, cursor.at()))
    }
}

struct Place {
    seq: u64,
    at: u64,
}

/// The frame here, which must be of that kind.
async fn read<T: DeserializeOwned>(cursor: &mut Cursor<'_>, path: &Path, kind: Kind) -> Result<(Place, T), ReadError> {
    let at = cursor.at();
    let (len, seq, value) = match cursor.look().await.map_err(unread(path))? {
        At::Frame(frame, _) if frame.kind == kind => match frame.read() {
            Ok(value) => (frame.len(), frame.seq, value),
            Err(what) => return corrupt(path, at, what),
        },
        At::Frame(..) => return corrupt(path, at, "the frame is of another kind"),
        At::Nothing => return corrupt(path, at, "nothing is here"),
        At::Broken(what) => return corrupt(path, at, what),
    };
    cursor.pass(len);
    Ok((Place { seq, at }, value))
}

/// Whether the state has all the parts that the file begins with.
pub(super) fn is_whole(state: &State, begin: Begin) -> bool {
    let is = |len: usize, wanted: u64| len as u64 >= wanted;
    is(state.items.len(), begin.items)
        && is(state.keys().len(), begin.keys)
        && is(state.checkpoints.len(), begin.checkpoints)
}

pub(super) fn corrupt<T>(path: &Path, at: u64, what: &'static str) -> Result<T, ReadError> {
    Err(Corruption { path: path.to_owned(), at, what }.into())
}
