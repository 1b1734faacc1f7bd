//! What changes names: making, linking, renaming, removing.

use super::{Content, Inode, Kind, Name, Node, Opening, Place, ROOT, Renaming, Room, Tree, refused};
use std::{ffi::OsStr, io, path::Path};

impl Tree {
    /// Opens what `path` leads to, or makes a file there.
    pub(in crate::disk) fn open(&mut self, path: &Path, opening: Opening, room: Room<'_>) -> io::Result<Inode> {
        let inode = match self.place(path)? {
            Place::Directory(inode) | Place::Name(_, _, Some(inode)) => self.opened(inode, opening)?,
            Place::Name(directory, name, None) if opening.creates || opening.only_new => {
                self.made(directory, name, Node::of(Kind::File(Content::default())), room)?
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
    pub(in crate::disk) fn close(&mut self, inode: Inode) {
        self.node_mut(inode).opens -= 1;
        self.forget_if_unused(inode);
    }

    pub(in crate::disk) fn create_directory(&mut self, path: &Path, room: Room<'_>) -> io::Result<()> {
        match self.place(path)? {
            Place::Name(directory, name, None) => {
                self.made(directory, name, Node::directory(directory), room).map(drop)
            }
            Place::Name(..) | Place::Directory(_) => refused(libc::EEXIST),
        }
    }

    fn made(&mut self, directory: Inode, name: &OsStr, node: Node, room: Room<'_>) -> io::Result<Inode> {
        room()?;
        self.made += 1;
        let inode = Inode(self.made);
        self.nodes.insert(inode, node);
        self.change(vec![((directory, name.to_owned()), Some(inode))]);
        Ok(inode)
    }

    pub(in crate::disk) fn link(&mut self, original: &Path, link: &Path, room: Room<'_>) -> io::Result<()> {
        let inode = self.find(original)?;
        if self.is_directory(inode) {
            return refused(libc::EPERM);
        }
        match self.place(link)? {
            Place::Name(directory, name, None) => {
                room()?;
                self.change(vec![((directory, name.to_owned()), Some(inode))]);
                Ok(())
            }
            Place::Name(..) | Place::Directory(_) => refused(libc::EEXIST),
        }
    }

    pub(in crate::disk) fn remove_file(&mut self, path: &Path) -> io::Result<()> {
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

    pub(in crate::disk) fn remove_directory(&mut self, path: &Path) -> io::Result<()> {
        let (directory, name, found) = self.name(path)?;
        let inode = found.map_or_else(|| refused(libc::ENOENT), Ok)?;
        if !self.directory(inode)?.entries.is_empty() {
            return refused(libc::ENOTEMPTY);
        }
        self.change(vec![((directory, name.to_owned()), None)]);
        Ok(())
    }

    /// The new name leads to what the old one led to, at every moment of it, after a power loss too.
    pub(in crate::disk) fn rename(&mut self, from: &Path, to: &Path, room: Room<'_>) -> io::Result<()> {
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
        // Some file systems need it for a name that is there too.
        room()?;
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
        let mut before = Vec::new();
        for ((directory, name), inode) in &names {
            if let Some(inode) = inode {
                let node = self.node_mut(*inode);
                node.links += 1;
                node.claims += 1;
            }
            let node = self.node_mut(*directory);
            node.claims += 1;
            let entries = &mut node.as_directory().entries;
            before.extend(match inode {
                Some(inode) => entries.insert(name.clone(), *inode),
                None => entries.remove(name),
            });
        }
        for inode in &before {
            self.node_mut(*inode).links -= 1;
            self.forget_if_unused(*inode);
        }
        self.unsynced.push(Renaming { names, before });
    }

    /// What has no name and is not open is gone, unless a power loss may give it a name back.
    pub(super) fn forget_if_unused(&mut self, inode: Inode) {
        let node = self.node(inode);
        if node.links == 0 && node.opens == 0 && node.claims == 0 {
            self.nodes.remove(&inode);
        }
    }
}
