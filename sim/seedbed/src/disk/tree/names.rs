//! What changes names: making, linking, renaming, removing.

use super::{
    Content, DIRECTORY_MODE, FILE_MODE, Inode, Kind, Last, Name, Node, Opening, Place, ROOT, Renaming, Room, Stamps,
    Tree, paths::check_target, refused,
};
use std::{io, path::Path};

impl Tree {
    /// Opens what `path` leads to, or makes a file there.
    pub(in crate::disk) fn open(&mut self, path: &Path, opening: Opening, room: Room<'_>) -> io::Result<Inode> {
        let last = if opening.only_new { Last::Itself } else { Last::Followed };
        let inode = match self.place(path, last)? {
            Place::Directory(inode) | Place::Name(_, _, Some(inode)) => self.opened(inode, opening)?,
            Place::Name(directory, name, None) if opening.creates || opening.only_new => {
                let stamps = Stamps::new(opening.mode.unwrap_or(FILE_MODE), self.now);
                self.made((directory, name), Node::of(Kind::File(Content::default()), stamps), room)?
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
                self.modified(inode);
                Ok(inode)
            }
            Kind::File(_) | Kind::Directory(_) => Ok(inode),
            Kind::Link(_) => unreachable!("a link is followed, not opened"),
        }
    }

    /// One opening less.
    pub(in crate::disk) fn close(&mut self, inode: Inode) {
        self.node_mut(inode).opens -= 1;
        self.forget_if_unused(inode);
    }

    pub(in crate::disk) fn create_directory(&mut self, path: &Path, room: Room<'_>) -> io::Result<()> {
        match self.place(path, Last::Itself)? {
            Place::Name(directory, name, None) => {
                let stamps = Stamps::new(DIRECTORY_MODE, self.now);
                self.made((directory, name), Node::directory(directory, stamps), room).map(drop)
            }
            Place::Name(..) | Place::Directory(_) => refused(libc::EEXIST),
        }
    }

    /// A symbolic link, whether or not it leads anywhere.
    pub(in crate::disk) fn symlink(&mut self, target: &Path, link: &Path, room: Room<'_>) -> io::Result<()> {
        check_target(target)?;
        match self.place(link, Last::Itself)? {
            Place::Name(directory, name, None) => {
                let stamps = Stamps { mode: 0o777, ..Stamps::new(0, self.now) };
                self.made((directory, name), Node::of(Kind::Link(target.to_owned()), stamps), room).map(drop)
            }
            Place::Name(..) | Place::Directory(_) => refused(libc::EEXIST),
        }
    }

    fn made(&mut self, name: Name, node: Node, room: Room<'_>) -> io::Result<Inode> {
        room()?;
        self.made += 1;
        let inode = Inode(self.made);
        self.nodes.insert(inode, node);
        self.change(vec![(name, Some(inode))]);
        Ok(inode)
    }

    pub(in crate::disk) fn link(&mut self, original: &Path, link: &Path, room: Room<'_>) -> io::Result<()> {
        // As Linux does: a symbolic link itself gets the name.
        let inode = self.find(original, Last::Itself)?;
        if self.is_directory(inode) {
            return refused(libc::EPERM);
        }
        match self.place(link, Last::Itself)? {
            Place::Name(directory, name, None) => {
                room()?;
                self.change(vec![((directory, name), Some(inode))]);
                Ok(())
            }
            Place::Name(..) | Place::Directory(_) => refused(libc::EEXIST),
        }
    }

    pub(in crate::disk) fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        match self.place(path, Last::Itself)? {
            Place::Name(_, _, Some(inode)) if self.is_directory(inode) => refused(libc::EISDIR),
            Place::Name(directory, name, Some(_)) => {
                self.change(vec![((directory, name), None)]);
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
        self.change(vec![((directory, name), None)]);
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
        self.change(vec![((directory, name), Some(inode)), ((old_directory, old_name), None)]);
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
        let (mut before, now) = (Vec::new(), self.now);
        for ((directory, name), inode) in &names {
            if let Some(inode) = inode {
                let node = self.node_mut(*inode);
                node.links += 1;
                node.claims += 1;
            }
            let node = self.node_mut(*directory);
            node.claims += 1;
            node.stamps.modified = now;
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
