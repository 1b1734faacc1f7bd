//! Brings items from one store to another, as [lines of JSON](super::jsonl).

use super::{
    change::{Change, Request},
    commit::REQUEST_BYTES_MAX,
    error::{ImportError, ReadError},
    handle::Store,
    item::ItemId,
    jsonl::{self, Line, LineError, Wrong},
    state::State,
};
use std::collections::BTreeMap;

/// What came of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many items are new.
    pub imported: u64,
    /// How many were imported before, by the same import.
    pub before: u64,
}

/// A request that has so many bytes is full.
const PART_BYTES: usize = 2 << 20;
/// What an entry says beside an item's line, at most, in bytes.
const BESIDE: usize = 128;

/// The lines by item, each with its number.
type Lines = BTreeMap<ItemId, (usize, Line)>;

/// What is imported with one request.
#[derive(Default)]
struct Part {
    text: String,
    lines: Vec<(usize, Line)>,
}

impl Store {
    /// All items as they are at one instant, a line of JSON each, by number. Without versions, and without the names of
    /// deleted items that blocked them once: imported to an empty store they export as the same text.
    ///
    /// # Errors
    /// The file system refuses, or a file is damaged.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn export(&self) -> Result<String, ReadError> {
        self.read(|state| {
            let is_there = |id: &ItemId| state.items.contains(*id);
            state.items.values().map(|item| item.with(|item| Line::of(item, is_there).text() + "\n")).collect()
        })
        .await
    }

    /// Adds the items of an [export](Self::export) under their own names, which must be free.
    ///
    /// All lines are checked before anything is written. What has more than 2 MiB is written in several requests: items
    /// after those that block them, so that none seems ready that is not; and that of the greatest number as early as can
    /// be, so that others who add items meanwhile are given none of these names. Each request has a key made of its lines:
    /// the same text imported again, after whatever error, imports what is missing, and nothing twice.
    ///
    /// # Errors
    /// [`ImportError::Line`] and [`ImportError::Read`]: nothing was imported. [`ImportError::Write`] tells how much was: as
    /// whole requests, or what another import has taken meanwhile.
    ///
    /// # Cancel safety
    /// Dropped, a part may be imported: import the same text again.
    pub async fn import(&self, text: &[u8]) -> Result<Imported, ImportError> {
        let lines = by_item(jsonl::parse(text)?)?;
        let parts = parts(&lines)?;
        let missing = self.read(|state| missing(state, &lines, parts)).await??;
        let mut done = Imported { imported: 0, before: lines.len() as u64 - count(&missing) };
        for part in missing {
            let len = part.lines.len() as u64;
            let applied = self.apply(part.request()).await;
            applied.map_err(|error| ImportError::Write { imported: done.imported, error })?;
            done.imported += len;
        }
        Ok(done)
    }
}

impl Part {
    fn bytes(&self) -> usize {
        self.text.len() + BESIDE * self.lines.len()
    }

    fn push(&mut self, line: &(usize, Line), text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
        self.lines.push(line.clone());
    }

    /// Of the lines: other lines have another key, or the request is refused because its changes are others.
    fn key(&self) -> String {
        format!("import-{:016x}-{}", fnv(self.text.as_bytes()), self.text.len())
    }

    fn request(self) -> Request {
        let key = self.key();
        let imports: Vec<_> = self.lines.into_iter().map(|(_, line)| Change::Import(line.into_item())).collect();
        Request::new(imports).keyed(key)
    }
}

fn count(parts: &[Part]) -> u64 {
    parts.iter().map(|part| part.lines.len() as u64).sum()
}

fn by_item(lines: Vec<(usize, Line)>) -> Result<Lines, LineError> {
    let mut by_item = Lines::new();
    for (number, line) in lines {
        let id = line.id;
        if let Some((first, _)) = by_item.insert(id, (number, line)) {
            return Err(LineError { line: number, wrong: Wrong::Twice { id, first } });
        }
    }
    Ok(by_item)
}

fn parts(lines: &Lines) -> Result<Vec<Part>, LineError> {
    let mut parts = vec![Part::default()];
    for id in in_order(lines)? {
        let line = &lines[&id];
        let text = line.1.text();
        let bytes = text.len() + BESIDE;
        if bytes > REQUEST_BYTES_MAX {
            let wrong = Wrong::TooLarge { id, bytes, bytes_max: REQUEST_BYTES_MAX };
            return Err(LineError { line: line.0, wrong });
        }
        let room = PART_BYTES.saturating_sub(parts.last().map_or(0, Part::bytes));
        if room < bytes && parts.last().is_some_and(|part| !part.lines.is_empty()) {
            parts.push(Part::default());
        }
        parts.last_mut().expect("there is one").push(line, &text);
    }
    parts.retain(|part| !part.lines.is_empty());
    Ok(parts)
}

/// Each after those that block it, and otherwise the greatest first.
fn in_order(lines: &Lines) -> Result<Vec<ItemId>, LineError> {
    let (mut ordered, mut is_ordered) = (Vec::new(), BTreeMap::new());
    for root in lines.keys().rev() {
        let mut path = vec![*root];
        while let Some(&id) = path.last() {
            match is_ordered.get(&id) {
                None => {
                    is_ordered.insert(id, false);
                    path.extend(blockers_before(lines, id, &is_ordered)?);
                }
                Some(false) => {
                    is_ordered.insert(id, true);
                    ordered.push(id);
                }
                Some(true) => drop(path.pop()),
            }
        }
    }
    Ok(ordered)
}

/// What has to be ordered before the item. What was begun, and is not ordered yet, waits for it.
fn blockers_before(lines: &Lines, id: ItemId, is_ordered: &BTreeMap<ItemId, bool>) -> Result<Vec<ItemId>, LineError> {
    let (number, line) = &lines[&id];
    let blockers = line.blocked_by.iter().copied().filter(|by| lines.contains_key(by));
    let mut before = Vec::new();
    for by in blockers {
        match is_ordered.get(&by) {
            Some(true) => {}
            Some(false) => return Err(LineError { line: *number, wrong: Wrong::Cycle { id, by } }),
            None => before.push(by),
        }
    }
    Ok(before)
}

/// The parts that were not imported before. All their lines must fit the state.
fn missing(state: &State, lines: &Lines, parts: Vec<Part>) -> Result<Vec<Part>, LineError> {
    let missing: Vec<_> = parts.into_iter().filter(|part| state.kept(&part.key()).is_none()).collect();
    for (number, line) in missing.iter().flat_map(|part| &part.lines) {
        let wrong = |wrong| LineError { line: *number, wrong };
        if state.items.contains(line.id) {
            return Err(wrong(Wrong::Taken(line.id)));
        }
        let is_there = |by: &&ItemId| lines.contains_key(by) || state.items.contains(**by);
        if let Some(by) = line.blocked_by.iter().find(|by| !is_there(by)) {
            return Err(wrong(Wrong::NoBlocker { id: line.id, by: *by }));
        }
    }
    Ok(missing)
}

/// Fowler, Noll and Vo's hash in 64 bits (FNV-1a): the same in all versions of this program.
fn fnv(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}
