//! Looks a store over, and changes nothing. Needs no handle: what is damaged cannot be opened.

use super::{
    error::{Corruption, OpenError, ReadError},
    handle::table,
    item::Version,
    lock::{Mark, Seat, Table, place},
    paths::{Paths, unread},
    payload::FORMAT,
    survey::Survey,
};
use seam::fs::boot_id;
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::fs;

/// What a store was found to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The format of the log; `None`: its beginning is damaged.
    pub format: Option<u32>,
    /// How often the log was written anew, and once more.
    pub generation: Option<u64>,
    /// How long the log's file is, in bytes, with what it has grown ahead.
    pub bytes: u64,
    /// Where its last whole frame ends, in bytes.
    pub end: u64,
    /// How many items there are; those that damage has left, if there is any.
    pub items: u64,
    /// How many of them are open.
    pub open: u64,
    /// How many requests were written since the log was written anew.
    pub entries: u64,
    /// The last change.
    pub last: Version,
    /// Which generation was durable up to which byte when somebody last said so.
    pub mark: Option<(u64, u64)>,
    /// Who writes or waits to write, if it is alive.
    pub in_line: Vec<Waiter>,
    /// Where in the log something was begun and not brought to its end. Nobody was told that it is written: it is no
    /// damage, and the next write cuts it off.
    pub torn_at: Option<u64>,
    /// All that is not as it was written.
    pub damage: Vec<Corruption>,
    /// How many whole requests stand behind the first damaged place of the log.
    pub entries_behind: u64,
    /// Files that somebody who died left, or is writing now. They take up space and nothing else.
    pub leftovers: Vec<PathBuf>,
}

/// A place in the line of those who write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiter {
    /// Its seat.
    pub seat: usize,
    /// The smallest one has its turn; the others wait in this order.
    pub ticket: u64,
}

/// How often the store is looked at, while others write, before damage is believed.
const LOOKS_MAX: usize = 100;

/// Reads all of a store, and tells what it is and what is damaged. Waits for nobody, and changes nothing.
///
/// # Errors
/// There is no store, or a file cannot be read at all, or is of a later format.
///
/// # Cancel safety
/// Dropped, nothing has changed.
pub async fn doctor(directory: impl AsRef<Path>) -> Result<Report, OpenError> {
    let paths = Paths::of(directory.as_ref());
    let mut before = None;
    for _ in 0..LOOKS_MAX {
        let report = look(&paths).await?;
        // What somebody was writing is finished when it is looked at again; damage stays.
        if report.damage.is_empty() || before.as_ref() == Some(&report.damage) {
            return Ok(report);
        }
        before = Some(report.damage);
    }
    let busy = io::Error::other("it was changed again and again while it was read");
    Err(OpenError::Read(unread(&paths.log)(busy)))
}

async fn look(paths: &Paths) -> Result<Report, OpenError> {
    // The mark goes first: all before it is durable by the time that the log is read.
    let table = table(paths).await?;
    let boot = boot_id().await.map_err(unread(&paths.door))?;
    let mut report = Report { in_line: in_line(&table, boot), leftovers: leftovers(paths).await?, ..Report::default() };
    report.mark = table.mark().map(|mark| (mark.generation, mark.len));
    report.damage = garbled(paths, &table);
    match fs::read(&paths.log).await {
        Ok(bytes) => read_log(&mut report, paths, table.mark(), &bytes)?,
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unread(&paths.log)(error).into()),
        Err(_) if report.mark.is_none() => return Err(OpenError::Missing { path: paths.directory.clone() }),
        Err(_) => {
            let what = "there is no file, and something was acknowledged in it";
            report.damage.push(Corruption { path: paths.log.clone(), at: 0, what });
        }
    }
    Ok(report)
}

fn read_log(report: &mut Report, paths: &Paths, mark: Option<Mark>, bytes: &[u8]) -> Result<(), ReadError> {
    let survey = Survey::of(bytes, mark);
    let generation = survey.begin.map(|begin| begin.generation);
    if let Some(begin) = survey.begin.filter(|begin| begin.format > FORMAT) {
        return Err(ReadError::Format { path: paths.log.clone(), found: begin.format, known: FORMAT });
    }
    report.format = survey.begin.map(|begin| begin.format);
    report.generation = generation;
    report.bytes = bytes.len() as u64;
    report.end = survey.end;
    report.items = survey.state.items.len() as u64;
    report.open = survey.state.items.values().filter(|item| item.with(|item| item.is_open())).count() as u64;
    report.entries = survey.entries;
    report.entries_behind = survey.entries_behind;
    report.last = Version(survey.state.seq);
    report.torn_at = survey.torn;
    if let (Some(mark), Some(generation)) = (mark, generation)
        && generation < mark.generation
    {
        let what = "this is an older file than the one that was acknowledged";
        report.damage.push(Corruption { path: paths.log.clone(), at: 0, what });
    }
    let damage = survey.damage.into_iter().map(|(at, what)| Corruption { path: paths.log.clone(), at, what });
    report.damage.extend(damage);
    Ok(())
}

fn in_line(table: &Table, boot: u64) -> Vec<Waiter> {
    let waiter = |(seat, of): (usize, Seat)| of.ticket().map(|ticket| Waiter { seat, ticket });
    let mut waiters: Vec<_> = table.sitting(boot).filter_map(waiter).collect();
    waiters.sort_by_key(|waiter| waiter.ticket);
    waiters
}

fn garbled(paths: &Paths, table: &Table) -> Vec<Corruption> {
    let what = "both texts of the seat have another checksum";
    table.garbled().map(|seat| Corruption { path: paths.door.clone(), at: place(seat), what }).collect()
}

async fn leftovers(paths: &Paths) -> Result<Vec<PathBuf>, ReadError> {
    let is_there = fs::try_exists(&paths.next).await.map_err(unread(&paths.next))?;
    Ok(is_there.then(|| paths.next.clone()).into_iter().collect())
}
