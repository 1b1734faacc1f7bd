//! Files, directories, and the names that lead to them. Knows no processes.
//!
//! Names have a durability of their own. A change of names (a file made, linked, renamed, removed) is one step: after a
//! power loss it has happened or not, in the order of the changes of each name, until a directory of it is synced.

use super::{
    content::Content,
    image::{Choice, Choose},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    io,
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
struct Renaming(Vec<(Name, Option<Inode>)>);

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
        Self { nodes: BTreeMap::from([(ROOT, root)]), made: ROOT.0, unsynced: Vec::new() }
    }
}

impl Node {
    fn of(kind: Kind) -> Self {
        Self { kind, links: 0, opens: 0, claims: 0 }
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
        self.0.iter().map(|(name, _)| name)
    }
}

/// What paths lead to.
impl Tree {
    /// What `path` leads to, relative ones from the root on.
    pub(super) fn find(&self, path: &Path) -> io::Result<Inode> {
        match self.place(path)? {
            Place::Name(_, _, found) => found.map_or_else(|| refused(libc::ENOENT), Ok),
            Place::Directory(inode) => Ok(inode),
        }
    }

    fn place<'a>(&self, path: &'a Path) -> io::Result<Place<'a>> {
        if path.as_os_str().is_empty() {
            return refused(libc::ENOENT);
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
    pub(super) fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
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

    pub(super) fn facts(&self, inode: Inode) -> Facts {
        match &self.node(inode).kind {
            Kind::File(content) => Facts { is_directory: false, len: content.len() as u64 },
            Kind::Directory(directory) => Facts { is_directory: true, len: directory.entries.len() as u64 },
        }
    }

    /// The names in a directory, in their order.
    pub(super) fn entries(&self, path: &Path) -> io::Result<Vec<(OsString, bool)>> {
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

/// Changes of names.
impl Tree {
    /// Opens what `path` leads to, or makes a file there.
    pub(super) fn open(&mut self, path: &Path, opening: Opening) -> io::Result<Inode> {
        let inode = match self.place(path)? {
            Place::Directory(inode) | Place::Name(_, _, Some(inode)) => self.opened(inode, opening)?,
            Place::Name(directory, name, None) if opening.creates || opening.only_new => {
                self.made(directory, name, Node::of(Kind::File(Content::default())))
            }
            Place::Name(_, _, None) => return refused(libc::ENOENT),
        };
        self.node_mut(inode).opens += 1;
        Ok(inode)
    }

    fn opened(&mut self, inode: Inode, opening: Opening) -> io::Result<Inode> {
        if opening.only_new {
            return refused(libc::EEXIST);
        }
        match &mut self.node_mut(inode).kind {
            Kind::Directory(_) if opening.writes || opening.creates => refused(libc::EISDIR),
            Kind::File(content) if opening.truncates => {
                content.set_len(0);
                Ok(inode)
            }
            Kind::File(_) | Kind::Directory(_) => Ok(inode),
        }
    }

    /// One opening less.
    pub(super) fn close(&mut self, inode: Inode) {
        self.node_mut(inode).opens -= 1;
        self.forget_if_unused(inode);
    }

    pub(super) fn create_directory(&mut self, path: &Path) -> io::Result<()> {
        match self.place(path)? {
            Place::Name(directory, name, None) => {
                self.made(directory, name, Node::directory(directory));
                Ok(())
            }
            Place::Name(..) | Place::Directory(_) => refused(libc::EEXIST),
        }
    }

    fn made(&mut self, directory: Inode, name: &OsStr, node: Node) -> Inode {
        self.made += 1;
        let inode = Inode(self.made);
        self.nodes.insert(inode, node);
        self.change(vec![((directory, name.to_owned()), Some(inode))]);
        inode
    }

    pub(super) fn link(&mut self, original: &Path, link: &Path) -> io::Result<()> {
        let inode = self.find(original)?;
        if self.is_directory(inode) {
            return refused(libc::EPERM);
        }
        match self.place(link)? {
            Place::Name(directory, name, None) => {
                self.change(vec![((directory, name.to_owned()), Some(inode))]);
                Ok(())
            }
            Place::Name(..) | Place::Directory(_) => refused(libc::EEXIST),
        }
    }

    pub(super) fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        match self.place(path)? {
            Place::Name(_, _, Some(inode)) if self.is_directory(inode) => refused(libc::EISDIR),
            Place::Name(directory, name, Some(_)) => {
                self.change(vec![((directory, name.to_owned()), None)]);
                Ok(())
            }
            Place::Name(_, _, None) => refused(libc::ENOENT),
            Place::Directory(_) => refused(libc::EISDIR),
        }
    }

    pub(super) fn remove_directory(&mut self, path: &Path) -> io::Result<()> {
        let (directory, name, found) = self.name(path)?;
        let inode = found.map_or_else(|| refused(libc::ENOENT), Ok)?;
        if !self.directory(inode)?.entries.is_empty() {
            return refused(libc::ENOTEMPTY);
        }
        self.change(vec![((directory, name.to_owned()), None)]);
        Ok(())
    }

    /// The new name leads to what the old one led to, at every moment of it, after a power loss too.
    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let (old_directory, old_name, found) = self.name(from)?;
        let inode = found.map_or_else(|| refused(libc::ENOENT), Ok)?;
        let (directory, name, replaced) = self.name(to)?;
        if replaced == Some(inode) {
            return Ok(());
        }
        if self.is_directory(inode) {
            if self.is_inside(directory, inode) {
                return refused(libc::EINVAL);
            }
            if let Some(replaced) = replaced
                && !self.directory(replaced)?.entries.is_empty()
            {
                return refused(libc::ENOTEMPTY);
            }
        } else if replaced.is_some_and(|replaced| self.is_directory(replaced)) {
            return refused(libc::EISDIR);
        }
        if let Kind::Directory(moved) = &mut self.node_mut(inode).kind {
            moved.parent = directory;
        }
        // The new name first: it is never without a name.
        self.change(vec![((directory, name.to_owned()), Some(inode)), ((old_directory, old_name.to_owned()), None)]);
        Ok(())
    }

    fn is_inside(&self, mut directory: Inode, outer: Inode) -> bool {
        while directory != ROOT {
            if directory == outer {
                return true;
            }
            directory = self.directory(directory).map_or(ROOT, |directory| directory.parent);
        }
        outer == ROOT
    }

    fn change(&mut self, names: Vec<(Name, Option<Inode>)>) {
        for ((directory, name), inode) in &names {
            if let Some(inode) = inode {
                let node = self.node_mut(*inode);
                node.links += 1;
                node.claims += 1;
            }
            let node = self.node_mut(*directory);
            node.claims += 1;
            let directory = node.as_directory();
            let before = match inode {
                Some(inode) => directory.entries.insert(name.clone(), *inode),
                None => directory.entries.remove(name),
            };
            if let Some(before) = before {
                self.node_mut(before).links -= 1;
                self.forget_if_unused(before);
            }
        }
        self.unsynced.push(Renaming(names));
    }

    /// What has no name and is not open is gone, unless a power loss may give it a name back.
    fn forget_if_unused(&mut self, inode: Inode) {
        let node = self.node(inode);
        if node.links == 0 && node.opens == 0 && node.claims == 0 {
            self.nodes.remove(&inode);
        }
    }
}

/// Contents.
impl Tree {
    pub(super) fn read_at(&self, inode: Inode, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.node(inode).kind {
            Kind::File(content) => Ok(usize::try_from(at).map_or(0, |at| content.read_at(at, buffer))),
            Kind::Directory(_) => refused(libc::EISDIR),
        }
    }

    pub(super) fn write_at(&mut self, inode: Inode, at: u64, bytes: &[u8]) -> io::Result<()> {
        let end = usize::try_from(at).ok().and_then(|at| at.checked_add(bytes.len()));
        self.content(inode, end.filter(|end| *end <= FILE_MAX))?.write_at(at as usize, bytes);
        Ok(())
    }

    pub(super) fn set_len(&mut self, inode: Inode, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).ok().filter(|len| *len <= FILE_MAX);
        self.content(inode, len)?.set_len(len.unwrap_or(0));
        Ok(())
    }

    /// The content of a file that may have the length `end`.
    fn content(&mut self, inode: Inode, end: Option<usize>) -> io::Result<&mut Content> {
        match &mut self.node_mut(inode).kind {
            Kind::File(_) if end.is_none() => refused(libc::EFBIG),
            Kind::File(content) => Ok(content),
            Kind::Directory(_) => refused(libc::EISDIR),
        }
    }

    /// What was changed of the file, or of the names in the directory, survives a power loss from now on.
    pub(super) fn sync(&mut self, inode: Inode) {
        match &mut self.node_mut(inode).kind {
            Kind::File(content) => content.sync(),
            Kind::Directory(_) => self.sync_names(inode),
        }
    }

    /// A sync fails: what was changed of the file is lost to the disk. Names are written with the next sync.
    pub(super) fn lose_changes(&mut self, inode: Inode) {
        if let Kind::File(content) = &mut self.node_mut(inode).kind {
            content.lose_changes();
        }
    }

    /// With those that these came after: the changes of one name persist in their order.
    fn sync_names(&mut self, directory: Inode) {
        let mut synced = Vec::new();
        let mut names: BTreeSet<Name> = BTreeSet::new();
        let mut left = Vec::new();
        for change in std::mem::take(&mut self.unsynced).into_iter().rev() {
            if change.names().any(|name| name.0 == directory || names.contains(name)) {
                names.extend(change.names().cloned());
                synced.push(change);
            } else {
                left.push(change);
            }
        }
        left.reverse();
        self.unsynced = left;
        for change in synced.iter().rev() {
            // What the change claimed for what it names, the names claim now.
            let released = self.persist(change);
            let directories = change.names().map(|(directory, _)| *directory);
            for inode in released.into_iter().chain(directories) {
                self.node_mut(inode).claims -= 1;
                self.forget_if_unused(inode);
            }
        }
    }

    /// Gives back what those names led to.
    fn persist(&mut self, change: &Renaming) -> Vec<Inode> {
        let mut replaced = Vec::new();
        for ((directory, name), inode) in &change.0 {
            let directory = self.node_mut(*directory).as_directory();
            replaced.extend(match inode {
                Some(inode) => directory.durable.insert(name.clone(), *inode),
                None => directory.durable.remove(name),
            });
        }
        replaced
    }
}

/// Larger files would be held in memory.
const FILE_MAX: usize = 1 << 32;

/// The power fails.
impl Tree {
    /// What it leaves: nothing is open any more.
    pub(super) fn after_power_loss(&self, choose: &mut impl Choose) -> Self {
        let mut kept = self.clone();
        let mut lost: BTreeSet<&Name> = BTreeSet::new();
        for change in &self.unsynced {
            if change.names().any(|name| lost.contains(name)) || choose.choose(Choice::Entry, 2) == 1 {
                lost.extend(change.names());
            } else {
                kept.persist(change);
            }
        }
        let mut after = Self { nodes: BTreeMap::new(), made: self.made, unsynced: Vec::new() };
        kept.move_durable(ROOT, ROOT, &mut after, choose);
        after
    }

    /// Every path, with what it holds if it is a file's.
    pub(super) fn listing(&self) -> Vec<(PathBuf, Option<Vec<u8>>)> {
        let mut listing = Vec::new();
        self.list_into(&mut listing, ROOT, Path::new("/"));
        listing
    }

    fn list_into(&self, listing: &mut Vec<(PathBuf, Option<Vec<u8>>)>, inode: Inode, path: &Path) {
        match &self.node(inode).kind {
            Kind::File(content) => {
                let mut bytes = vec![0; content.len()];
                content.read_at(0, &mut bytes);
                listing.push((path.to_owned(), Some(bytes)));
            }
            Kind::Directory(directory) => {
                listing.push((path.to_owned(), None));
                directory.entries.iter().for_each(|(name, inner)| self.list_into(listing, *inner, &path.join(name)));
            }
        }
    }

    fn move_durable(&self, inode: Inode, parent: Inode, after: &mut Self, choose: &mut impl Choose) {
        if let Some(known) = after.nodes.get_mut(&inode) {
            known.links += 1;
            known.claims += 1;
            return;
        }
        let kind = match &self.node(inode).kind {
            Kind::File(content) => Kind::File(content.after_power_loss(choose)),
            Kind::Directory(Directory { durable, .. }) => {
                Kind::Directory(Directory { parent, entries: durable.clone(), durable: durable.clone() })
            }
        };
        let children: Vec<_> = match &kind {
            Kind::Directory(directory) => directory.entries.values().copied().collect(),
            Kind::File(_) => Vec::new(),
        };
        after.nodes.insert(inode, Node { kind, links: 1, opens: 0, claims: 1 });
        children.into_iter().for_each(|child| self.move_durable(child, inode, after, choose));
    }
}
