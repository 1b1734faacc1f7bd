//! What a power loss leaves of names and contents.

use super::{Entries, Inode, Kind, Last, Name, Node, ROOT, Renaming, Tree};
use crate::disk::image::{Choice, Choose, Part};
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    path::{Path, PathBuf},
};

/// Every path, with what it holds.
pub(in crate::disk) type Listing = Vec<(PathBuf, Held)>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::disk) enum Held {
    Bytes(Vec<u8>),
    Names,
    Target(PathBuf),
}

impl Tree {
    /// What it leaves: nothing is open any more.
    pub(in crate::disk) fn after_power_loss(&self, choose: &mut impl Choose) -> Self {
        let names = self.names_after_power_loss(choose);
        let (nodes, scratch) = (BTreeMap::new(), self.scratch.clone());
        let mut after = Self { nodes, made: self.made, unsynced: Vec::new(), scratch, now: self.now };
        self.move_durable(&names, ROOT, ROOT, Path::new("/"), &mut after, choose);
        after
    }

    /// A bit flips of each file that `rots`.
    pub(in crate::disk) fn rot(&mut self, rots: &dyn Fn(&Path, u64) -> Option<u64>) {
        let mut files = BTreeMap::new();
        self.files_into(&mut files, ROOT, Path::new("/"));
        for (inode, path) in files {
            if let Kind::File(content) = &mut self.node_mut(inode).kind
                && let Some(bit) = rots(&path, content.len() as u64).and_then(|bit| usize::try_from(bit).ok())
            {
                content.flip(bit);
            }
        }
    }

    /// Each file, with the first of its paths.
    fn files_into(&self, files: &mut BTreeMap<Inode, PathBuf>, inode: Inode, path: &Path) {
        match &self.node(inode).kind {
            Kind::File(_) => {
                files.entry(inode).or_insert_with(|| path.to_owned());
            }
            Kind::Directory(directory) => {
                directory.entries.iter().for_each(|(name, inner)| self.files_into(files, *inner, &path.join(name)));
            }
            Kind::Link(_) => {}
        }
    }

    fn names_after_power_loss(&self, choose: &mut impl Choose) -> Durable<'_> {
        let mut durable = Durable::of(self);
        let mut lost: BTreeSet<&Name> = BTreeSet::new();
        let mut of_name: BTreeMap<&OsStr, u64> = BTreeMap::new();
        for change in &self.unsynced {
            let Some((_, name)) = change.names().next() else { continue };
            let nth = of_name.entry(name).or_default();
            let is_scratch = change.directories().all(|directory| self.is_scratch(directory));
            let part = Part { what: Choice::Entry, whose: name.to_string_lossy().into_owned(), nth: *nth, is_scratch };
            *nth += 1;
            let follows_lost = change.names().any(|name| lost.contains(name));
            let was = durable.persist(change);
            if follows_lost || !durable.is_whole(change) || choose.choose(&part, 2) == 1 {
                durable.take_back(was);
                lost.extend(change.names());
            }
        }
        durable
    }

    fn move_durable(
        &self,
        names: &Durable<'_>,
        inode: Inode,
        parent: Inode,
        path: &Path,
        after: &mut Self,
        choose: &mut impl Choose,
    ) {
        if let Some(known) = after.nodes.get_mut(&inode) {
            known.links += 1;
            known.claims += 1;
            return;
        }
        let stamps = self.node(inode).stamps;
        let mut node = match &self.node(inode).kind {
            Kind::File(content) => {
                let is_scratch = self.is_below_scratch(path);
                let content = content.after_power_loss(&path.to_string_lossy(), is_scratch, choose);
                Node::of(Kind::File(content), stamps)
            }
            Kind::Directory(_) => Node::directory(parent, stamps),
            Kind::Link(target) => Node::of(Kind::Link(target.clone()), stamps),
        };
        (node.links, node.claims) = (1, 1);
        if let Some(entries) = names.entries.get(&inode) {
            let directory = node.as_directory();
            (directory.entries, directory.durable) = (entries.clone(), entries.clone());
        }
        after.nodes.insert(inode, node);
        for (name, child) in names.entries.get(&inode).into_iter().flatten() {
            self.move_durable(names, *child, inode, &path.join(name), after, choose);
        }
    }

    /// Whether nobody relies on what is in the directory after a power loss.
    fn is_scratch(&self, directory: Inode) -> bool {
        self.scratch.iter().any(|path| self.find(path, Last::Followed).is_ok_and(|scratch| scratch == directory))
    }

    fn is_below_scratch(&self, path: &Path) -> bool {
        self.scratch.iter().any(|scratch| path.starts_with(scratch))
    }

    /// All that somebody may rely on.
    pub(in crate::disk) fn listing(&self) -> Listing {
        let mut listing = Listing::new();
        self.list_into(&mut listing, ROOT, Path::new("/"));
        listing
    }

    fn list_into(&self, listing: &mut Listing, inode: Inode, path: &Path) {
        if self.is_below_scratch(path) {
            return;
        }
        match &self.node(inode).kind {
            Kind::File(content) => {
                let mut bytes = vec![0; content.len()];
                content.read_at(0, &mut bytes);
                listing.push((path.to_owned(), Held::Bytes(bytes)));
            }
            Kind::Directory(directory) => {
                listing.push((path.to_owned(), Held::Names));
                directory.entries.iter().for_each(|(name, inner)| self.list_into(listing, *inner, &path.join(name)));
            }
            Kind::Link(target) => listing.push((path.to_owned(), Held::Target(target.clone()))),
        }
    }
}

/// The names on the disk, as one change after the other persists.
struct Durable<'a> {
    tree: &'a Tree,
    entries: BTreeMap<Inode, Entries>,
}

impl<'a> Durable<'a> {
    fn of(tree: &'a Tree) -> Self {
        let entries = tree.nodes.iter().filter_map(|(inode, node)| match &node.kind {
            Kind::Directory(directory) => Some((*inode, directory.durable.clone())),
            Kind::File(_) | Kind::Link(_) => None,
        });
        Self { tree, entries: entries.collect() }
    }

    /// Gives back what the names led to.
    fn persist(&mut self, change: &Renaming) -> Vec<(Name, Option<Inode>)> {
        let mut was = Vec::new();
        for ((directory, name), inode) in &change.names {
            let before = self.set(*directory, name, *inode);
            was.push(((*directory, name.clone()), before));
        }
        was
    }

    fn take_back(&mut self, was: Vec<(Name, Option<Inode>)>) {
        for ((directory, name), inode) in was.into_iter().rev() {
            self.set(directory, &name, inode);
        }
    }

    fn set(&mut self, directory: Inode, name: &OsStr, inode: Option<Inode>) -> Option<Inode> {
        let entries = self.entries.entry(directory).or_default();
        match inode {
            Some(inode) => entries.insert(name.to_owned(), inode),
            None => entries.remove(name),
        }
    }

    /// Whether this change, which has persisted, left what has a name at this moment with one, and took no directory away
    /// with what is in it.
    fn is_whole(&self, change: &Renaming) -> bool {
        change.before.iter().all(|inode| {
            let has_name = self.tree.nodes.get(inode).is_some_and(|node| node.links > 0);
            let is_empty = self.entries.get(inode).is_none_or(Entries::is_empty);
            !has_name && is_empty || self.reaches(*inode)
        })
    }

    fn reaches(&self, goal: Inode) -> bool {
        let (mut to_see, mut seen) = (vec![ROOT], BTreeSet::new());
        while let Some(inode) = to_see.pop() {
            if inode == goal {
                return true;
            }
            if seen.insert(inode) {
                to_see.extend(self.entries.get(&inode).into_iter().flat_map(Entries::values));
            }
        }
        false
    }
}
