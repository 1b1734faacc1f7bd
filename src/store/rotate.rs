//! Writes a new generation of the file, and puts it in the place of the old one.

use super::{
    entry::{Begin, Kept},
    error::{Failure, Step},
    frame::{self, Frame, Kind},
    log::Log,
    paths::{Paths, failed},
    payload::{Encoding, FORMAT},
    state::State,
    stored::Stored,
};
use seam::fs::{Positioned, sync_directory};
use std::{io, path::Path, sync::Arc};
use tokio::fs::{self, OpenOptions};

/// A rotation that did not get through.
pub(super) enum NotRotated {
    /// The old file is in its place.
    Undone(Failure),
    /// Either may be after a power loss; they hold the same.
    InDoubt(Failure),
}

/// How many of a kind are in one part at most.
const PART_COUNT: usize = 256;
/// A part that has so many bytes is full.
const PART_BYTES: u64 = 1 << 20;
/// How long the payload of a beginning is: the longest, with all numbers at their greatest, has 238 bytes. Behind the text
/// there are spaces.
const BEGIN: usize = 240;
/// How much is written at once.
const CHUNK: usize = 1 << 20;

/// Which file it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lineage {
    pub(super) generation: u64,
    /// The generation that it takes the place of, if that one came to the same state.
    pub(super) follows: Option<u64>,
}

impl Lineage {
    /// One that has nothing to do with what was in its place.
    pub(super) fn new(generation: u64) -> Self {
        Self { generation, follows: None }
    }

    /// What a compaction makes of it.
    pub(super) fn after(generation: u64) -> Self {
        Self { generation: generation + 1, follows: Some(generation) }
    }
}

/// The state as a file of its own, in the place of the log, on the disk.
pub(super) async fn rotate(paths: &Paths, state: &State, lineage: Lineage) -> Result<Log, NotRotated> {
    let (file, len) = write_next(paths, state, lineage).await.map_err(NotRotated::Undone)?;
    let renamed = fs::rename(&paths.next, &paths.log).await;
    renamed.map_err(failed(&paths.log, Step::Rename)).map_err(NotRotated::InDoubt)?;
    sync_names(&paths.directory).await.map_err(NotRotated::InDoubt)?;
    Ok(Log::written(paths.log.clone(), file, lineage.generation, len))
}

/// Brings to the disk which files there are.
pub(super) async fn sync_names(directory: &Path) -> Result<(), Failure> {
    sync_directory(directory).await.map_err(failed(directory, Step::Sync))
}

async fn write_next(paths: &Paths, state: &State, lineage: Lineage) -> Result<(Positioned, u64), Failure> {
    match fs::remove_file(&paths.next).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&paths.next, Step::Open)(error)),
        // One that somebody did not bring to its end.
        Ok(()) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create_new(true).open(&paths.next).await;
    let file = Positioned::new(file.map_err(failed(&paths.next, Step::Open))?).await;
    // The beginning says where the parts end, so it is written last.
    let (mut bytes, mut len) = (vec![0; frame::HEADER + BEGIN], 0);
    for payload in parts(state) {
        frame::put(
            &mut bytes,
            Frame { kind: Kind::Part, encoding: Encoding::Postcard, seq: state.seq, durable: 0, payload: &payload },
        );
        if bytes.len() >= CHUNK {
            len = append(&file, len, std::mem::take(&mut bytes)).await.map_err(failed(&paths.next, Step::Write))?;
        }
    }
    len = append(&file, len, bytes).await.map_err(failed(&paths.next, Step::Write))?;
    append(&file, 0, begin(state, lineage, len)).await.map_err(failed(&paths.next, Step::Write))?;
    file.sync().await.map_err(failed(&paths.next, Step::Sync))?;
    Ok((file, len))
}

async fn append(file: &Positioned, at: u64, bytes: Vec<u8>) -> io::Result<u64> {
    let end = at + bytes.len() as u64;
    file.write_all_at(at, bytes).await?;
    Ok(end)
}

/// The first frame of a file whose parts end at `bytes`.
fn begin(state: &State, Lineage { generation, follows }: Lineage, bytes: u64) -> Vec<u8> {
    let begin = Begin {
        format: FORMAT,
        generation,
        follows,
        bytes: Some(bytes),
        next_id: state.next_id,
        items: state.items.len() as u64,
        keys: state.keys().len() as u64,
        checkpoints: state.checkpoints.len() as u64,
    };
    let mut payload = Encoding::Json.encode(&begin);
    assert!(payload.len() <= BEGIN, "numbers are not longer");
    payload.resize(BEGIN, b' ');
    let mut bytes = Vec::new();
    frame::put(
        &mut bytes,
        Frame { kind: Kind::Begin, encoding: Encoding::Json, seq: state.seq, durable: 0, payload: &payload },
    );
    bytes
}

/// Of items, of keys, of checkpoints: the payloads of parts. An item that was read and not looked at is written as it was read.
fn parts(state: &State) -> impl Iterator<Item = Vec<u8>> {
    let of_items = chunks(state.items.values(), |item| item.weight().into(), |items| part(&items, &[], &[]));
    let of_key = |kept: &&Kept| kept.key.name.len() as u64 + 8 * kept.items.len() as u64;
    let of_keys = chunks(state.keys(), of_key, |keys| part(&[], &keys, &[]));
    let of_checkpoint = |(name, value): &Checkpoint<'_>| (name.len() + value.len()) as u64;
    let of_checkpoints = chunks(state.checkpoints.iter(), of_checkpoint, |checkpoints| part(&[], &[], &checkpoints));
    of_items.chain(of_keys).chain(of_checkpoints)
}

type Checkpoint<'a> = (&'a String, &'a Arc<str>);

/// What a [`Part`](super::entry::Part) of these is written as: postcard writes sequences as their lengths and what is in
/// them, and nothing around that.
fn part(items: &[&Stored], keys: &[&Kept], checkpoints: &[Checkpoint<'_>]) -> Vec<u8> {
    let mut bytes = Encoding::Postcard.encode(&items.len());
    items.iter().for_each(|item| item.write(&mut bytes));
    bytes.extend(Encoding::Postcard.encode(&(keys, checkpoints)));
    bytes
}

fn chunks<T, P>(
    mut all: impl Iterator<Item = T>,
    bytes_of: impl Fn(&T) -> u64,
    part: impl Fn(Vec<T>) -> P,
) -> impl Iterator<Item = P> {
    std::iter::from_fn(move || {
        let (mut chunk, mut bytes) = (Vec::new(), 0);
        while chunk.len() < PART_COUNT
            && bytes < PART_BYTES
            && let Some(one) = all.next()
        {
            bytes += bytes_of(&one);
            chunk.push(one);
        }
        (!chunk.is_empty()).then(|| part(chunk))
    })
}
