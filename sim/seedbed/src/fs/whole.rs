//! Calls by path.

use super::{
    Metadata,
    blocking::{self, call, run, step},
    file::Descriptor,
};
use crate::disk::{Access, Opening, Sort};
use std::{
    io,
    path::{Path, PathBuf},
};

const READS: Access = Access { reads: true, writes: false, appends: false };
const WRITES: Access = Access { reads: false, writes: true, appends: false };
const ANEW: Opening = Opening { writes: true, truncates: true, creates: true, only_new: false, mode: None };

/// The whole content of a file.
///
/// # Errors
/// There is none, or it is a directory.
///
/// # Cancel safety
/// Dropped, nothing has changed.
pub async fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let path = path.as_ref().to_owned();
    run("fs.read", async move { read_all(&open_to_read(&path).await?).await }).await
}

async fn open_to_read(path: &Path) -> io::Result<Descriptor> {
    step("fs.open", |system| system.open(path, READS, Opening::default()).map(Descriptor)).await
}

async fn open_anew(path: &Path) -> io::Result<Descriptor> {
    step("fs.open", |system| system.open(path, WRITES, ANEW).map(Descriptor)).await
}

/// With these permission bits.
async fn open_copy(path: &Path, mode: u32) -> io::Result<Descriptor> {
    step("fs.open", |system| {
        let file = Descriptor(system.open(path, WRITES, Opening { mode: Some(mode), ..ANEW })?);
        system.set_mode_of(file.0, mode)?;
        Ok(file)
    })
    .await
}

/// Up to its end, as it is at the last call.
async fn read_all(file: &Descriptor) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let is_all = step("fs.read", |system| {
            let (begin, len) = (bytes.len(), usize::try_from(system.facts_of(file.0)?.len).unwrap_or(0));
            bytes.resize(len.max(begin), 0);
            let read = system.read(file.0, &mut bytes[begin..]);
            bytes.truncate(begin + read.as_ref().copied().unwrap_or(0));
            read.map(|_| bytes.len() >= len)
        });
        if is_all.await? {
            return Ok(bytes);
        }
    }
}

async fn write_all(file: &Descriptor, contents: &[u8]) -> io::Result<()> {
    blocking::write_all("fs.write", contents, |system, _, rest| system.write(file.0, rest)).await
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

/// Makes `contents` the content of a file, in two calls: it is cut or made, then written. Others may see it between them, a
/// killed process leaves it so, and so may a power loss.
///
/// # Errors
/// Its directory does not exist, or it is one.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn write(path: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> io::Result<()> {
    let (path, contents) = (path.as_ref().to_owned(), contents.as_ref().to_owned());
    run("fs.write", async move { write_all(&open_anew(&path).await?, &contents).await }).await
}

/// Copies the content and the permission bits of a file to another, which is cut first, and says how much content that is.
///
/// # Errors
/// As [`read`] and [`write`](fn@write).
///
/// # Cancel safety
/// As [`write`](fn@write).
pub async fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<u64> {
    let (from, to) = (from.as_ref().to_owned(), to.as_ref().to_owned());
    run("fs.copy", async move {
        let from = open_to_read(&from).await?;
        let facts = step("fs.metadata", |system| system.facts_of(from.0)).await?;
        if facts.is_directory() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the source path is neither a regular file nor a symlink to a regular file",
            ));
        }
        let to = open_copy(&to, facts.stamps.mode).await?;
        let contents = read_all(&from).await?;
        write_all(&to, &contents).await?;
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

/// Makes a directory and all that lead to it, one after the other; those that exist are none the worse.
///
/// # Errors
/// Something on the way is no directory.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn create_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    run("fs.create_dir", async move {
        // From the innermost outwards, until one exists or can be made; then back.
        let mut missing = vec![path.as_path()];
        while let Some(path) = missing.last() {
            match step("fs.create_dir", |system| system.create_directory(path)).await {
                Ok(()) => {
                    missing.pop();
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => match path.parent() {
                    Some(outer) if !outer.as_os_str().is_empty() => missing.push(outer),
                    _ => return Err(error),
                },
                Err(error) => {
                    let is_directory =
                        step("fs.metadata", |system| system.facts(path)).await.is_ok_and(|it| it.is_directory());
                    if !is_directory {
                        return Err(error);
                    }
                    missing.pop();
                }
            }
        }
        Ok(())
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

/// Removes a directory and all that is in it, one after the other. Symbolic links are removed, not followed.
///
/// # Errors
/// There is none; somebody makes more in it meanwhile.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn remove_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    run("fs.remove_dir", async move {
        // Outermost first: each is removed once all in it is.
        let mut directories = vec![path];
        while let Some(directory) = directories.last().cloned() {
            let mut inner = Vec::new();
            let entries = step("fs.read_dir", |system| match system.facts_of_itself(&directory)?.sort {
                Sort::Link => Ok(None),
                Sort::File | Sort::Directory => system.entries(&directory).map(Some),
            });
            let Some(entries) = entries.await? else {
                return step("fs.remove_file", |system| system.remove_file(&directory)).await;
            };
            for (name, sort) in entries {
                let path = directory.join(name);
                if sort == Sort::Directory {
                    inner.push(path);
                } else {
                    step("fs.remove_file", |system| system.remove_file(&path)).await?;
                }
            }
            if inner.is_empty() {
                step("fs.remove_dir", |system| system.remove_directory(&directory)).await?;
                directories.pop();
            }
            directories.extend(inner);
        }
        Ok(())
    })
    .await
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
