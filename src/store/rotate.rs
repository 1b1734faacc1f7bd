//! Writes a new generation of the file, and puts it in the place of the old one.

use super::{
    entry::{Begin, Kept, Part},
    error::{Failure, Step},
    frame::{self, Frame, Kind},
    item::Item,
    log::Log,
    paths::{Paths, failed},
    payload::{Encoding, FORMAT},
    state::State,
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
const PART_BYTES: usize = 1 << 20;
/// How long the payload of a beginning is: the longest, with all numbers at their greatest, has 238 bytes. Behind the text
/// there are spaces.
const BEGIN: usize = 240;
const PARTS: Encoding = Encoding::Postcard;
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
    for part in parts(state) {
        let payload = &PARTS.encode(&part);
        frame::put(&mut bytes, Frame { kind: Kind::Part, encoding: PARTS, seq: state.seq, durable: 0, payload });
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

/// Of items, of keys, of checkpoints.
fn parts(state: &State) -> impl Iterator<Item = Part> {
    let of_item = |item: &Arc<Item>| item.title.len() + item.body.len() + 8 * item.blocked_by.len();
    let of_items = chunks(state.items.values().cloned(), of_item, |items| Part { items, ..Part::default() });
    let of_key = |kept: &Kept| kept.key.name.len() + 8 * kept.items.len();
    let of_keys = chunks(state.keys().cloned(), of_key, |keys| Part { keys, ..Part::default() });
    let checkpoints = state.checkpoints.iter().map(|(name, value)| (name.clone(), Arc::clone(value)));
    let of_checkpoint = |(name, value): &(String, Arc<str>)| name.len() + value.len();
    let of_checkpoints = chunks(checkpoints, of_checkpoint, |checkpoints| Part { checkpoints, ..Part::default() });
    of_items.chain(of_keys).chain(of_checkpoints)
}

fn chunks<T>(
    mut all: impl Iterator<Item = T>,
    bytes_of: impl Fn(&T) -> usize,
    part: impl Fn(Vec<T>) -> Part,
) -> impl Iterator<Item = Part> {
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
