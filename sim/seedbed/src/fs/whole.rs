//! Calls by path.

use super::{Metadata, blocking::call};
use crate::disk::{Access, Opening, System};
use std::{
    io,
    path::{Path, PathBuf},
};

const READS: Access = Access { reads: true, writes: false, appends: false };
const WRITES: Access = Access { reads: false, writes: true, appends: false };
const ANEW: Opening = Opening { writes: true, truncates: true, creates: true, only_new: false };

/// The whole content of a file.
///
/// # Errors
/// There is none, or it is a directory.
///
/// # Cancel safety
/// Dropped, nothing has changed.
pub async fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    call("fs.read", path.as_ref().to_owned(), |system, path| read_all(system, path)).await
}

fn read_all(system: &mut System<'_>, path: &Path) -> io::Result<Vec<u8>> {
    let file = system.open(path, READS, Opening::default())?;
    let read = system.facts_of(file).and_then(|facts| {
        let mut bytes = vec![0; usize::try_from(facts.len).unwrap_or(0)];
        let count = system.read(file, &mut bytes)?;
        bytes.truncate(count);
        Ok(bytes)
    });
    system.close(file);
    read
}

/// The whole content of a file that is text.
///
/// # Errors
/// As [`read`], and it is not UTF-8.
///
/// # Cancel safety
/// As [`read`].
pub async fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    let bytes = read(path).await?;
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8"))
}

/// Makes `contents` the content of a file, in two steps that a power loss may tear: it is cut or made, then written.
///
/// # Errors
/// Its directory does not exist, or it is one.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn write(path: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> io::Result<()> {
    let what = (path.as_ref().to_owned(), contents.as_ref().to_owned());
    call("fs.write", what, |system, (path, contents)| write_anew(system, path, contents)).await
}

fn write_anew(system: &mut System<'_>, path: &Path, contents: &[u8]) -> io::Result<()> {
    let file = system.open(path, WRITES, ANEW)?;
    let written = system.write_all(file, contents);
    system.close(file);
    written
}

/// Copies the content of a file to another, and says how much that is.
///
/// # Errors
/// As [`read`] and [`write`](fn@write).
///
/// # Cancel safety
/// As [`write`](fn@write).
pub async fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<u64> {
    let what = (from.as_ref().to_owned(), to.as_ref().to_owned());
    call("fs.copy", what, |system, (from, to)| {
        let contents = read_all(system, from)?;
        write_anew(system, to, &contents)?;
        Ok(contents.len() as u64)
    })
    .await
}

/// What is known of a file or directory.
///
/// # Errors
/// There is none.
///
/// # Cancel safety
/// Dropped, nothing has changed.
pub async fn metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    call("fs.metadata", path.as_ref().to_owned(), |system, path| system.facts(path).map(Metadata::of)).await
}

/// Whether there is a file or directory.
///
/// # Errors
/// Something on the way is no directory.
///
/// # Cancel safety
/// Dropped, nothing has changed.
pub async fn try_exists(path: impl AsRef<Path>) -> io::Result<bool> {
    match metadata(path).await {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The path from the root on.
///
/// # Errors
/// There is nothing.
///
/// # Cancel safety
/// Dropped, nothing has changed.
pub async fn canonicalize(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    call("fs.canonicalize", path.as_ref().to_owned(), |system, path| system.canonical(path)).await
}

/// Makes a directory.
///
/// # Errors
/// There is something of that name, or its directory does not exist.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn create_dir(path: impl AsRef<Path>) -> io::Result<()> {
    call("fs.create_dir", path.as_ref().to_owned(), |system, path| system.create_directory(path)).await
}

/// Makes a directory and all that lead to it; those that exist are none the worse.
///
/// # Errors
/// Something on the way is no directory.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn create_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    call("fs.create_dir", path.as_ref().to_owned(), |system, path| {
        let outer: Vec<_> = path.ancestors().filter(|path| !path.as_os_str().is_empty()).collect();
        outer.iter().rev().try_for_each(|path| match system.create_directory(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && system.facts(path)?.is_directory => Ok(()),
            made => made,
        })
    })
    .await
}

/// Takes a name away; the file is gone with its last name, once nobody has it open.
///
/// # Errors
/// There is none, or it is a directory's.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn remove_file(path: impl AsRef<Path>) -> io::Result<()> {
    call("fs.remove_file", path.as_ref().to_owned(), |system, path| system.remove_file(path)).await
}

/// Removes an empty directory.
///
/// # Errors
/// There is none, or it is not empty.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn remove_dir(path: impl AsRef<Path>) -> io::Result<()> {
    call("fs.remove_dir", path.as_ref().to_owned(), |system, path| system.remove_directory(path)).await
}

/// Removes a directory and all that is in it.
///
/// # Errors
/// There is none.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn remove_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    call("fs.remove_dir", path.as_ref().to_owned(), |system, path| remove_all(system, path)).await
}

fn remove_all(system: &mut System<'_>, path: &Path) -> io::Result<()> {
    for (name, is_directory) in system.entries(path)? {
        let inner = path.join(name);
        if is_directory { remove_all(system, &inner) } else { system.remove_file(&inner) }?;
    }
    system.remove_directory(path)
}

/// Gives a file or directory another name, in place of what has it: at no moment, and after no power loss, has it none.
///
/// # Errors
/// There is nothing of the old name; a directory would replace a file, one that is not empty, or lie within itself; a
/// file would replace a directory.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    let what = (from.as_ref().to_owned(), to.as_ref().to_owned());
    call("fs.rename", what, |system, (from, to)| system.rename(from, to)).await
}

/// Gives a file one name more.
///
/// # Errors
/// There is no such file, or something has the new name.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn hard_link(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    let what = (original.as_ref().to_owned(), link.as_ref().to_owned());
    call("fs.hard_link", what, |system, (original, link)| system.link(original, link)).await
}
