//! Files, directories, symbolic links, and the names that lead to them. Knows no processes.
//!
//! Names have a durability of their own. A change of names (a file made, linked, renamed, removed) is one step: after a
//! power loss it has happened or not, in the order of the changes of each name, until a directory of it is synced.

mod names;
mod paths;
mod power_loss;
mod stamps;
mod sync;

pub(super) use paths::Last;
pub(super) use power_loss::Listing;
pub(crate) use stamps::Stamps;

use super::content::Content;
use paths::Place;
use std::{
    collections::BTreeMap,
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// A file, directory or symbolic link, whatever its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Inode(u64);

const ROOT: Inode = Inode(1);

/// The tree of one disk.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    nodes: BTreeMap<Inode, Node>,
    made: u64,
    /// Changes of names that are not synced, oldest first.
    unsynced: Vec<Renaming>,
    /// Directories of which nobody relies on what a power loss leaves.
    scratch: Vec<PathBuf>,
    /// What the machine's wall clock shows to the call that is made.
    now: SystemTime,
}

#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    stamps: Stamps,
    /// How many names it has.
    links: u64,
    /// How often it is open: it lasts without a name as long.
    opens: u64,
    /// Names that a power loss may give it back, durable ones and those of unsynced changes; and of a directory the
    /// unsynced changes in it.
    claims: u64,
    /// How many syncs have failed. Each open file is told once of what failed since.
    sync_errors: u64,
}

#[derive(Clone, Debug)]
enum Kind {
    File(Content),
    Directory(Directory),
    /// Where it leads.
    Link(PathBuf),
}

#[derive(Clone, Debug)]
struct Directory {
    parent: Inode,
    entries: Entries,
    durable: Entries,
}

type Entries = BTreeMap<OsString, Inode>;

/// A name in a directory.
type Name = (Inode, OsString);

/// What names stand for after one change, which persists as a whole or not at all.
#[derive(Clone, Debug)]
struct Renaming {
    names: Vec<(Name, Option<Inode>)>,
    /// What the names led to before.
    before: Vec<Inode>,
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opening {
    pub(crate) writes: bool,
    pub(crate) truncates: bool,
    pub(crate) creates: bool,
    pub(crate) only_new: bool,
    /// The permission bits of one that is made; `None`: all may read and write it.
    pub(crate) mode: Option<u32>,
}

/// What something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sort {
    File,
    Directory,
    Link,
}

/// Whether there is room for one name more.
pub(in crate::disk) type Room<'a> = &'a dyn Fn() -> io::Result<()>;

/// What is known of a file, directory or symbolic link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) sort: Sort,
    pub(crate) len: u64,
    pub(crate) stamps: Stamps,
}

impl Facts {
    pub(crate) fn is_directory(&self) -> bool {
        self.sort == Sort::Directory
    }
}

pub(crate) const FILE_MODE: u32 = 0o666;
const DIRECTORY_MODE: u32 = 0o777;

fn refused<T>(code: i32) -> io::Result<T> {
    Err(io::Error::from_raw_os_error(code))
}

impl Default for Tree {
    fn default() -> Self {
        let stamps = Stamps::at_start(DIRECTORY_MODE);
        let root = Node { links: 1, ..Node::directory(ROOT, stamps) };
        let nodes = BTreeMap::from([(ROOT, root)]);
        Self { nodes, made: ROOT.0, unsynced: Vec::new(), scratch: Vec::new(), now: stamps.created }
    }
}

impl Node {
    fn of(kind: Kind, stamps: Stamps) -> Self {
        Self { kind, stamps, links: 0, opens: 0, claims: 0, sync_errors: 0 }
    }

    /// Of one that a name is in.
    fn as_directory(&mut self) -> &mut Directory {
        match &mut self.kind {
            Kind::Directory(directory) => directory,
            Kind::File(_) | Kind::Link(_) => unreachable!("a name is in a directory"),
        }
    }

    fn directory(parent: Inode, stamps: Stamps) -> Self {
        Self::of(Kind::Directory(Directory { parent, entries: Entries::new(), durable: Entries::new() }), stamps)
    }
}

impl Renaming {
    fn names(&self) -> impl Iterator<Item = &Name> {
        self.names.iter().map(|(name, _)| name)
    }

    fn directories(&self) -> impl Iterator<Item = Inode> {
        self.names().map(|(directory, _)| *directory)
    }

    /// The directories in which it gives this file or directory a name.
    fn gives(&self, inode: Inode) -> impl Iterator<Item = Inode> {
        self.names.iter().filter(move |(_, to)| *to == Some(inode)).map(|((directory, _), _)| *directory)
    }

    fn shares_a_name_with(&self, other: &Self) -> bool {
        self.names().any(|name| other.names().any(|known| known == name))
    }
}

/// What there is.
impl Tree {
    /// What the clock shows from now on.
    pub(in crate::disk) fn set_now(&mut self, now: SystemTime) {
        self.now = now;
    }

    /// Nobody relies on what a power loss leaves below it.
    pub(in crate::disk) fn set_scratch(&mut self, directory: &Path) {
        self.scratch.push(directory.to_owned());
    }

    pub(in crate::disk) fn facts(&self, inode: Inode) -> Facts {
        let node = self.node(inode);
        let (sort, len) = match &node.kind {
            Kind::File(content) => (Sort::File, content.len()),
            Kind::Directory(directory) => (Sort::Directory, directory.entries.len()),
            Kind::Link(target) => (Sort::Link, target.as_os_str().len()),
        };
        Facts { sort, len: len as u64, stamps: node.stamps }
    }

    /// Where a symbolic link leads.
    pub(in crate::disk) fn target(&self, inode: Inode) -> io::Result<PathBuf> {
        match &self.node(inode).kind {
            Kind::Link(target) => Ok(target.clone()),
            Kind::File(_) | Kind::Directory(_) => refused(libc::EINVAL),
        }
    }

    pub(in crate::disk) fn set_mode(&mut self, inode: Inode, mode: u32) {
        self.node_mut(inode).stamps.mode = mode & 0o7777;
    }

    pub(in crate::disk) fn set_times(
        &mut self,
        inode: Inode,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) {
        let stamps = &mut self.node_mut(inode).stamps;
        stamps.accessed = accessed.unwrap_or(stamps.accessed);
        stamps.modified = modified.unwrap_or(stamps.modified);
    }

    /// The names in a directory, in their order.
    pub(in crate::disk) fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, Sort)>> {
        let entries = &self.directory(self.find(path, Last::Followed)?)?.entries;
        Ok(entries.iter().map(|(name, inode)| (name.clone(), self.facts(*inode).sort)).collect())
    }

    fn is_directory(&self, inode: Inode) -> bool {
        matches!(self.node(inode).kind, Kind::Directory(_))
    }

    fn directory(&self, inode: Inode) -> io::Result<&Directory> {
        match &self.node(inode).kind {
            Kind::Directory(directory) => Ok(directory),
            Kind::File(_) | Kind::Link(_) => refused(libc::ENOTDIR),
        }
    }

    fn node(&self, inode: Inode) -> &Node {
        self.nodes.get(&inode).expect("what has a name, or is open, exists")
    }

    fn node_mut(&mut self, inode: Inode) -> &mut Node {
        self.nodes.get_mut(&inode).expect("what has a name, or is open, exists")
    }
}

/// Contents.
impl Tree {
    pub(in crate::disk) fn read_at(&mut self, inode: Inode, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let now = self.now;
        let node = self.node_mut(inode);
        match &node.kind {
            Kind::File(content) => {
                node.stamps.read(now);
                Ok(usize::try_from(at).map_or(0, |at| content.read_at(at, buffer)))
            }
            Kind::Directory(_) => refused(libc::EISDIR),
            Kind::Link(_) => unreachable!("a link is followed, not opened"),
        }
    }

    pub(in crate::disk) fn write_at(&mut self, inode: Inode, at: u64, bytes: &[u8]) -> io::Result<()> {
        let end = usize::try_from(at).ok().and_then(|at| at.checked_add(bytes.len()));
        self.content(inode, end.filter(|end| *end <= FILE_MAX))?.write_at(at as usize, bytes);
        if !bytes.is_empty() {
            self.modified(inode);
        }
        Ok(())
    }

    pub(in crate::disk) fn set_len(&mut self, inode: Inode, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).ok().filter(|len| *len <= FILE_MAX);
        self.content(inode, len)?.set_len(len.unwrap_or(0));
        self.modified(inode);
        Ok(())
    }

    /// The content of a file that may have the length `end`.
    fn content(&mut self, inode: Inode, end: Option<usize>) -> io::Result<&mut Content> {
        match &mut self.node_mut(inode).kind {
            Kind::File(_) if end.is_none() => refused(libc::ENOSPC),
            Kind::File(content) => Ok(content),
            Kind::Directory(_) => refused(libc::EISDIR),
            Kind::Link(_) => unreachable!("a link is followed, not opened"),
        }
    }

    fn modified(&mut self, inode: Inode) {
        let now = self.now;
        self.node_mut(inode).stamps.modified = now;
    }

    /// What was changed of the file, or of the names in the directory, survives a power loss from now on.
    pub(in crate::disk) fn sync(&mut self, inode: Inode) {
        match &mut self.node_mut(inode).kind {
            Kind::File(content) => content.sync(),
            Kind::Directory(_) => self.sync_names(inode),
            Kind::Link(_) => unreachable!("a link is followed, not opened"),
        }
    }

    /// A sync says that it is done. What was written to a file is lost, but for the sectors of these numbers; names come
    /// with the next sync.
    pub(in crate::disk) fn lie_of_sync(&mut self, inode: Inode, written: u64) {
        if let Kind::File(content) = &mut self.node_mut(inode).kind {
            content.lie_of_sync(written);
        }
    }

    /// A sync fails. What was written to a file is lost to the disk, but for the sectors of these numbers; names come
    /// with the next sync.
    pub(in crate::disk) fn fail_sync(&mut self, inode: Inode, written: u64, is_seen: bool) {
        let node = self.node_mut(inode);
        node.sync_errors += 1;
        if let Kind::File(content) = &mut node.kind {
            content.fail_sync(written, is_seen);
        }
    }

    /// How many syncs of it have failed.
    pub(in crate::disk) fn sync_errors(&self, inode: Inode) -> u64 {
        self.node(inode).sync_errors
    }
}

/// The simulated disk has no room for larger files: they would be held in memory.
const FILE_MAX: usize = 256 << 20;
