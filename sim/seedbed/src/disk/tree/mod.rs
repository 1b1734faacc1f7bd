//! Files, directories, and the names that lead to them. Knows no processes.
//!
//! Names have a durability of their own. A change of names (a file made, linked, renamed, removed) is one step: after a
//! power loss it has happened or not, in the order of the changes of each name, until a directory of it is synced.

mod names;
mod power_loss;
mod sync;

pub(super) use power_loss::Listing;

use super::content::Content;
use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    io,
    os::unix::ffi::OsStrExt,
    path::{Component, Path, PathBuf},
};

/// A file or directory, whatever its names.
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
}

#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
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

/// Where a path leads.
enum Place<'a> {
    /// To a name, taken or not.
    Name(Inode, &'a OsStr, Option<Inode>),
    /// To the root, or by `..` to a directory.
    Directory(Inode),
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opening {
    pub(crate) writes: bool,
    pub(crate) truncates: bool,
    pub(crate) creates: bool,
    pub(crate) only_new: bool,
}

/// Whether there is room for one name more.
pub(in crate::disk) type Room<'a> = &'a dyn Fn() -> io::Result<()>;

/// What is known of a file or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) is_directory: bool,
    pub(crate) len: u64,
}

fn refused<T>(code: i32) -> io::Result<T> {
    Err(io::Error::from_raw_os_error(code))
}

impl Default for Tree {
    fn default() -> Self {
        let root = Node { links: 1, ..Node::directory(ROOT) };
        Self { nodes: BTreeMap::from([(ROOT, root)]), made: ROOT.0, unsynced: Vec::new(), scratch: Vec::new() }
    }
}

impl Node {
    fn of(kind: Kind) -> Self {
        Self { kind, links: 0, opens: 0, claims: 0, sync_errors: 0 }
    }

    /// Of one that a name is in.
    fn as_directory(&mut self) -> &mut Directory {
        match &mut self.kind {
            Kind::Directory(directory) => directory,
            Kind::File(_) => unreachable!("a name is in a directory"),
        }
    }

    fn directory(parent: Inode) -> Self {
        Self::of(Kind::Directory(Directory { parent, entries: Entries::new(), durable: Entries::new() }))
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

/// What paths lead to.
impl Tree {
    /// Nobody relies on what a power loss leaves below it.
    pub(in crate::disk) fn set_scratch(&mut self, directory: &Path) {
        self.scratch.push(directory.to_owned());
    }

    /// What `path` leads to, relative ones from the root on.
    pub(in crate::disk) fn find(&self, path: &Path) -> io::Result<Inode> {
        match self.place(path)? {
            Place::Name(_, _, found) => found.map_or_else(|| refused(libc::ENOENT), Ok),
            Place::Directory(inode) => Ok(inode),
        }
    }

    fn place<'a>(&self, path: &'a Path) -> io::Result<Place<'a>> {
        if path.as_os_str().is_empty() {
            return refused(libc::ENOENT);
        }
        let bytes = path.as_os_str().as_bytes();
        if bytes.contains(&0) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "file name contained an unexpected NUL byte"));
        }
        let is_long = |component: Component<'_>| component.as_os_str().len() > NAME_MAX;
        if bytes.len() >= PATH_MAX || path.components().any(is_long) {
            return refused(libc::ENAMETOOLONG);
        }
        let mut place = Place::Directory(ROOT);
        for component in path.components() {
            let at = match place {
                Place::Directory(inode) | Place::Name(_, _, Some(inode)) => inode,
                Place::Name(_, _, None) => return refused(libc::ENOENT),
            };
            let directory = self.directory(at)?;
            place = match component {
                Component::RootDir | Component::Prefix(_) => Place::Directory(ROOT),
                Component::CurDir => Place::Directory(at),
                Component::ParentDir => Place::Directory(directory.parent),
                Component::Normal(name) => Place::Name(at, name, directory.entries.get(name).copied()),
            };
        }
        if let Place::Name(_, _, Some(inode)) = place
            && (bytes.ends_with(b"/") || bytes.ends_with(b"/."))
        {
            self.directory(inode)?;
        }
        Ok(place)
    }

    /// The place of a name that is to be made, or replaced.
    fn name<'a>(&self, path: &'a Path) -> io::Result<(Inode, &'a OsStr, Option<Inode>)> {
        match self.place(path)? {
            Place::Name(directory, name, found) => Ok((directory, name, found)),
            Place::Directory(_) => refused(libc::EBUSY),
        }
    }

    /// The path of what `path` leads to, from the root on.
    pub(in crate::disk) fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.find(path)?;
        let mut canonical = PathBuf::from("/");
        for component in path.components() {
            match component {
                Component::ParentDir => {
                    canonical.pop();
                }
                Component::Normal(name) => canonical.push(name),
                Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            }
        }
        Ok(canonical)
    }

    pub(in crate::disk) fn facts(&self, inode: Inode) -> Facts {
        match &self.node(inode).kind {
            Kind::File(content) => Facts { is_directory: false, len: content.len() as u64 },
            Kind::Directory(directory) => Facts { is_directory: true, len: directory.entries.len() as u64 },
        }
    }

    /// The names in a directory, in their order.
    pub(in crate::disk) fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, bool)>> {
        let entries = &self.directory(self.find(path)?)?.entries;
        Ok(entries.iter().map(|(name, inode)| (name.clone(), self.facts(*inode).is_directory)).collect())
    }

    fn is_directory(&self, inode: Inode) -> bool {
        matches!(self.node(inode).kind, Kind::Directory(_))
    }

    fn directory(&self, inode: Inode) -> io::Result<&Directory> {
        match &self.node(inode).kind {
            Kind::Directory(directory) => Ok(directory),
            Kind::File(_) => refused(libc::ENOTDIR),
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
    pub(in crate::disk) fn read_at(&self, inode: Inode, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.node(inode).kind {
            Kind::File(content) => Ok(usize::try_from(at).map_or(0, |at| content.read_at(at, buffer))),
            Kind::Directory(_) => refused(libc::EISDIR),
        }
    }

    pub(in crate::disk) fn write_at(&mut self, inode: Inode, at: u64, bytes: &[u8]) -> io::Result<()> {
        let end = usize::try_from(at).ok().and_then(|at| at.checked_add(bytes.len()));
        self.content(inode, end.filter(|end| *end <= FILE_MAX))?.write_at(at as usize, bytes);
        Ok(())
    }

    pub(in crate::disk) fn set_len(&mut self, inode: Inode, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).ok().filter(|len| *len <= FILE_MAX);
        self.content(inode, len)?.set_len(len.unwrap_or(0));
        Ok(())
    }

    /// The content of a file that may have the length `end`.
    fn content(&mut self, inode: Inode, end: Option<usize>) -> io::Result<&mut Content> {
        match &mut self.node_mut(inode).kind {
            Kind::File(_) if end.is_none() => refused(libc::ENOSPC),
            Kind::File(content) => Ok(content),
            Kind::Directory(_) => refused(libc::EISDIR),
        }
    }

    /// What was changed of the file, or of the names in the directory, survives a power loss from now on.
    pub(in crate::disk) fn sync(&mut self, inode: Inode) {
        match &mut self.node_mut(inode).kind {
            Kind::File(content) => content.sync(),
            Kind::Directory(_) => self.sync_names(inode),
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
    pub(in crate::disk) fn fail_sync(&mut self, inode: Inode, written: u64) {
        let node = self.node_mut(inode);
        node.sync_errors += 1;
        if let Kind::File(content) = &mut node.kind {
            content.fail_sync(written);
        }
    }

    /// How many syncs of it have failed.
    pub(in crate::disk) fn sync_errors(&self, inode: Inode) -> u64 {
        self.node(inode).sync_errors
    }
}

/// The simulated disk has no room for larger files: they would be held in memory.
const FILE_MAX: usize = 256 << 20;
/// As on Linux, in bytes.
const NAME_MAX: usize = 255;
const PATH_MAX: usize = 4_096;
