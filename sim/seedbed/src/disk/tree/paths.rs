//! Where paths lead: through directories, `..` and symbolic links.

use super::{Directory, Inode, Kind, ROOT, Tree, refused};
use std::{
    ffi::OsString,
    io,
    os::unix::ffi::OsStrExt,
    path::{Component, Path, PathBuf},
};

/// As Linux has them.
const NAME_MAX: usize = 255;
const PATH_MAX: usize = 4_096;
const LINKS_MAX: usize = 40;

/// Where a path leads.
pub(super) enum Place {
    /// To a name, taken or not.
    Name(Inode, OsString, Option<Inode>),
    /// To the root, or by `..` to a directory.
    Directory(Inode),
}

/// What becomes of a symbolic link that a path ends with; others are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::disk) enum Last {
    Followed,
    Itself,
}

/// A part of a path.
enum Step {
    Root,
    Up,
    Into(OsString),
    /// What is here must be a directory.
    Here,
}

impl Tree {
    /// What `path` leads to, relative ones from the root on.
    pub(in crate::disk) fn find(&self, path: &Path, last: Last) -> io::Result<Inode> {
        match self.place(path, last)? {
            Place::Name(_, _, found) => found.map_or_else(|| refused(libc::ENOENT), Ok),
            Place::Directory(inode) => Ok(inode),
        }
    }

    pub(super) fn place(&self, path: &Path, last: Last) -> io::Result<Place> {
        check(path)?;
        let (mut todo, mut place, mut followed) = (reversed(path), Place::Directory(ROOT), 0);
        while let Some(step) = todo.pop() {
            let at = match (&place, &step) {
                (Place::Name(_, _, None), Step::Here) => continue,
                (Place::Name(_, _, None), _) => return refused(libc::ENOENT),
                (Place::Directory(inode) | Place::Name(_, _, Some(inode)), _) => *inode,
            };
            let directory = self.directory(at)?;
            place = match step {
                Step::Here => continue,
                Step::Root => Place::Directory(ROOT),
                Step::Up => Place::Directory(directory.parent),
                Step::Into(name) => match self.link_named(directory, &name) {
                    Some(_) if last == Last::Itself && matches!(todo[..], [Step::Here]) => {
                        return refused(libc::ENOTDIR);
                    }
                    Some(target) if last == Last::Followed || !todo.is_empty() => {
                        followed += 1;
                        if followed > LINKS_MAX {
                            return refused(libc::ELOOP);
                        }
                        check(target)?;
                        todo.extend(reversed(target));
                        Place::Directory(at)
                    }
                    _ => {
                        let found = directory.entries.get(&name).copied();
                        Place::Name(at, name, found)
                    }
                },
            };
        }
        Ok(place)
    }

    /// Where the symbolic link of that name leads, if there is one.
    fn link_named(&self, directory: &Directory, name: &OsString) -> Option<&Path> {
        match &self.node(*directory.entries.get(name)?).kind {
            Kind::Link(target) => Some(target),
            Kind::File(_) | Kind::Directory(_) => None,
        }
    }

    /// The place of a name that is to be made, replaced or removed.
    pub(super) fn name(&self, path: &Path) -> io::Result<(Inode, OsString, Option<Inode>)> {
        match self.place(path, Last::Itself)? {
            Place::Name(directory, name, found) => Ok((directory, name, found)),
            Place::Directory(_) => refused(libc::EBUSY),
        }
    }

    /// The path of what `path` leads to, from the root on, without symbolic links.
    pub(in crate::disk) fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        match self.place(path, Last::Followed)? {
            Place::Name(_, _, None) => refused(libc::ENOENT),
            Place::Name(directory, name, Some(_)) => Ok(self.path_of(directory).join(name)),
            Place::Directory(inode) => Ok(self.path_of(inode)),
        }
    }

    /// Of a directory, from the root on.
    fn path_of(&self, mut inode: Inode) -> PathBuf {
        let mut names = Vec::new();
        while inode != ROOT {
            let Ok(parent) = self.directory(inode).map(|directory| directory.parent) else { break };
            let Ok(siblings) = self.directory(parent).map(|directory| &directory.entries) else { break };
            names.extend(siblings.iter().find(|(_, named)| **named == inode).map(|(name, _)| name));
            inode = parent;
        }
        Path::new("/").join(names.into_iter().rev().collect::<PathBuf>())
    }
}

/// Refuses what no path can be.
fn check(path: &Path) -> io::Result<()> {
    let bytes = path.as_os_str().as_bytes();
    if bytes.is_empty() {
        return refused(libc::ENOENT);
    }
    if bytes.contains(&0) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "file name contained an unexpected NUL byte"));
    }
    let is_long = |component: Component<'_>| component.as_os_str().len() > NAME_MAX;
    if bytes.len() >= PATH_MAX || path.components().any(is_long) {
        return refused(libc::ENAMETOOLONG);
    }
    Ok(())
}

/// The last step first.
fn reversed(path: &Path) -> Vec<Step> {
    let step = |component: Component<'_>| match component {
        Component::RootDir | Component::Prefix(_) => Step::Root,
        Component::CurDir => Step::Here,
        Component::ParentDir => Step::Up,
        Component::Normal(name) => Step::Into(name.to_owned()),
    };
    let bytes = path.as_os_str().as_bytes();
    let ends = (bytes.ends_with(b"/") || bytes.ends_with(b"/.")).then_some(Step::Here);
    ends.into_iter().chain(path.components().rev().map(step)).collect()
}

/// Whether a link may lead there.
pub(super) fn check_target(target: &Path) -> io::Result<()> {
    match check(target) {
        // That a name of it is too long is found out when it is followed.
        Err(error) if error.raw_os_error() == Some(libc::ENAMETOOLONG) => {
            if target.as_os_str().len() < PATH_MAX {
                Ok(())
            } else {
                Err(error)
            }
        }
        checked => checked,
    }
}
